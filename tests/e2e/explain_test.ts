/**
 * Explain mode of the built program: on the screen, in a file, as packets.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { readCapture, type Stream } from "../support/packets.ts";
import { runToEnd, TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { VTORRENT, Vtorrent, vtorrent } from "../support/vtorrent.ts";

Deno.test("a download explains itself in words, JSON Lines and packets", async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const size = 3_000_000;
  await folder.write("peer_files/peer_1/talk.pdf", patternBytes(size));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await using seed = Vtorrent.peer("1", { tracker: url, cwd });
  await seed.type("send talk.pdf");
  await seed.event("sent");
  const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", url];
  const files = ["--explain-file", "talk.jsonl", "--pcap", "talk.pcap"];
  const { code, stderr } = await vtorrent(
    ["download", "talk.pdf", ...where, "--explain", ...files, "--encryption", "require"],
    { cwd, env: { LC_ALL: "C.UTF-8" } },
  );
  assertEquals(code, 0, stderr);

  await t.step("the screen shows runs of blocks and every decision", () => {
    assertMatch(stderr, /^[\d:.]+ {2}tracker .*announce, event started to http:\/\/127\.0\.0\.1/m);
    assertMatch(stderr, /→ handshake: .*fast extension \(BEP 6\).*vtorrent/);
    assertMatch(stderr, /peer 1 +• chosen: piece \d+, the rarest it has, held by 1 of 1 peer/);
    assertMatch(stderr, /peer 1 +← piece: piece \d+, \d+ blocks \(/);
    assertMatch(stderr, /peer 1 +• piece \d+ is right: SHA-1 matches, written/);
    assertMatch(stderr, /tracker +→ announce, event stopped/);
  });

  await t.step("the file has every message", async () => {
    const text = await Deno.readTextFile(folder.at("talk.jsonl"));
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    const received = lines.filter(({ message, direction }) =>
      message === "piece" && direction === "received"
    );
    assertEquals(received.reduce((sum, { length }) => sum + length, 0), size);
    assert(lines.every(({ event, time, text }) => event === "explain" && time && text));
  });

  await t.step(
    "the packets carry both streams in clear, although they were encrypted",
    async () => {
      const { streams } = readCapture(await Deno.readFile(folder.at("talk.pcap")));
      assert(streams.every(({ syn, fin }) => syn && fin));
      const peers = streams.filter((stream) => !isHttp(stream));
      assertEquals(peers.length, 2);
      for (const stream of peers) assertEquals(textOf(stream).slice(1, 20), "BitTorrent protocol");
    },
  );

  await t.step("so they do what the tracker is asked and answers", async () => {
    const { streams } = readCapture(await Deno.readFile(folder.at("talk.pcap")));
    const http = streams.filter(isHttp).map(textOf);
    const started = http.findIndex((text) => /^GET \/announce\?\S*event=started/.test(text));
    assertMatch(http[started]!, /^host: 127\.0\.0\.1:\d+\r$/m);
    assertMatch(http[started + 1]!, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nd[^]*8:intervali\d+e[^]*e$/);
    assert(http.some((text) => /^GET \/announce\?\S*event=stopped/.test(text)));
  });

  await t.step({
    name: "Wireshark reads the packets",
    ignore: !await isInstalled("tshark", "tshark"),
    fn: async () => {
      const read = async (...args: string[]) =>
        await runToEnd("tshark", ["-r", folder.at("talk.pcap"), ...args]);
      const check = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
      const bad = "_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0 || " +
        "ip.checksum.status == 0";
      assertEquals((await read(...check, "-Y", bad)).stdout, "");
      const uris = await read("-Y", "http.request", "-T", "fields", "-e", "http.request.uri");
      assertMatch(uris.stdout, /^\/announce\?info_hash=.*event=started/m);
      const answers = await read("-Y", "http.response.code == 200");
      assertEquals(answers.stdout.trim().split("\n").length, uris.stdout.trim().split("\n").length);
      const { stdout } = await read(
        "-Y",
        "bittorrent.msg.type == 7",
        "-T",
        "fields",
        "-e",
        "bittorrent.msg.length",
      );
      const blocks = stdout.split(/[\s,]+/).filter((text) => text !== "");
      assert(blocks.length >= Math.floor(size / 16384), `${blocks.length} blocks`);
    },
  });
});

Deno.test("packets of a UDP tracker are in the capture as they were", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/talk.pdf", patternBytes(100_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await using seed = Vtorrent.peer("1", { tracker: url, cwd });
  await seed.type("send talk.pdf");
  const { info_hash: infoHash } = await seed.event("sent");
  const udp = url.replace("http:", "udp:");
  const magnet = `magnet:?xt=urn:btih:${infoHash}&tr=${encodeURIComponent(udp)}`;
  const where = ["--host", "127.0.0.1", "--port", "0", "--pcap", "talk.pcap"];
  const { code, stderr } = await vtorrent(["download", magnet, ...where], { cwd });
  assertEquals(code, 0, stderr);
  const { datagrams } = readCapture(await Deno.readFile(folder.at("talk.pcap")));
  const there = udp.slice("udp://".length, -"/announce".length);
  const actions = datagrams.map(({ from, to, bytes }) => {
    const isAsked = to === there;
    assert(isAsked || from === there, `${from} to ${to}`);
    return `${isAsked ? "asks" : "answers"} ${bytes[isAsked ? 11 : 3]}`;
  });
  // Connect, announce: BEP 15.
  assertEquals(actions.slice(0, 4), ["asks 0", "answers 0", "asks 1", "answers 1"]);
  assertEquals(datagrams[0]!.bytes.subarray(0, 8).toHex(), "0000041727101980");
  assertEquals(datagrams[2]!.bytes.subarray(16, 36).toHex(), infoHash);
});

Deno.test("explain shows decisions, messages or one peer alone; a file goes on with all", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/talk.pdf", patternBytes(2_000_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const args = ["--upload-limit", "200k", "--explain-file", "all.jsonl"];
  await using seed = Vtorrent.peer("1", { tracker: url, cwd, args });
  await seed.type("explain decisions");
  await seed.event("explaining", ({ only }) => only === "decisions");
  await seed.type("send talk.pdf");
  await seed.event("sent");
  const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", url, "--dir", "downloads"];
  await using _ada = new Vtorrent(["download", "talk.pdf", ...where, "--id", "ada"], { cwd });
  await using _bob = new Vtorrent(
    ["download", "talk.pdf", ...where, "--dir", "more", "--id", "bob"],
    { cwd },
  );
  const isOf = (name: string) => ({ who }: Record<string, unknown>) => who === `peer ${name}`;
  await seed.event("explain", isOf("ada"));
  await seed.event("explain", isOf("bob"));
  const decisions = seed.events.filter(({ event }) => event === "explain");
  assertEquals(new Set(decisions.map(({ kind }) => kind)), new Set(["decision"]));
  await seed.type("explain messages peer ada");
  const { text } = await seed.event("explaining", ({ only }) => only === "messages");
  assertMatch(`${text}`, /^Messages with ada are on the screen\. .* in all\.jsonl\. explain on /);
  await seed.event("explain", ({ message }) => message === "request");
  await seed.type("explain decisons");
  await seed.line(/error: explain takes .* not "decisons"\. Did you mean "decisions"\?/);
  await seed.type("explain off");
  await seed.event("explaining", ({ screen }) => screen === false);
  const messages = seed.events.filter(({ event, kind }) =>
    event === "explain" && kind !== "decision"
  );
  assert(messages.every(isOf("ada")), JSON.stringify(messages.find((one) => !isOf("ada")(one))));
  const file = (await Deno.readTextFile(folder.at("all.jsonl"))).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const kinds = new Set(file.map(({ kind }) => kind));
  for (const kind of ["message", "decision", "tracker"]) assert(kinds.has(kind), kind);
  assert(file.some(({ who, kind }) => who === "peer bob" && kind === "message"));
});

Deno.test("a tracker explains what it is asked", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/a.bin", patternBytes(1000));
  const where = ["--host", "127.0.0.1", "--port", "0"];
  const args = ["tracker", ...where, "--no-db", "--explain"];
  await using tracker = new TestProcess(VTORRENT, args, { cwd, typing: true });
  const url = /http:\S+/.exec(await tracker.line(/^Tracker: /))![0];
  await using peer = Vtorrent.peer("1", { tracker: url, cwd });
  await peer.type("send a.bin");
  await tracker.line(/publishes "a\.bin"/);
  await tracker.line(/ 1 +\S+ announce, event started: .*left 0 B; the swarm has 1 seeder/);
  await tracker.type("explain off");
  await tracker.line(/Nothing is explained/);
});

function textOf({ bytes }: Stream): string {
  return String.fromCharCode(...bytes.slice(0, 10_000));
}

function isHttp(stream: Stream): boolean {
  return /^(GET|HTTP)/.test(textOf(stream));
}
