/**
 * The lines of `--json` as a program reads them: all of them as `docs/events.md` says.
 *
 * @module
 */
import { schemaProblem } from "../../shell/help/event_schema.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { type JsonEvent, Vtorrent, vtorrent } from "../support/vtorrent.ts";

Deno.test("a whole session tells nothing but documented events", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/talk.pdf", patternBytes(400_000));
  await folder.write("peer_files/peer_1/slides/a.txt", "a");
  await folder.write("peer_files/peer_1/slides/b.txt", "b");
  const seen: JsonEvent[] = [];
  const port = ["--host", "127.0.0.1", "--port", "0"];
  await using tracker = new Vtorrent(["tracker", ...port, "--no-db"], { typing: true, cwd });
  const { port: number } = await tracker.event("started");
  const url = `http://127.0.0.1:${number}/announce`;
  await using one = Vtorrent.peer("1", { tracker: url, cwd });
  for (
    const line of [
      "list",
      "status",
      "send talk.pdf",
      "send slides",
      "explain on",
      "help",
      "help send",
    ]
  ) {
    await one.type(line);
  }
  await one.eventCount("sent", 2);
  await using two = Vtorrent.peer("2", { tracker: url, cwd, args: ["--explain"] });
  const lines = [
    "download talk.pdf",
    "download slides",
    "status",
    "status --watch",
    "peerinfo",
    "fileinfo slides",
    "scrape slides",
    "pause slides",
    "resume slides",
    "stop slides",
    "rename Ada",
    "remove slides --yes",
    "nonsense",
    "exit",
  ];
  for (const line of lines) await two.type(line);
  const ended = await two.ended();
  assertEquals(ended.code, 1, "for the nonsense");
  for (
    const line of ["list", "status", "peerinfo", "fileinfo talk.pdf", "scrape talk.pdf", "exit"]
  ) {
    await tracker.type(line);
  }
  await tracker.ended();
  await one.type("exit");
  await one.ended();
  for (
    const args of [
      ["create", "peer_files/peer_1/slides", "--tracker", url],
      ["show", "slides.torrent"],
      ["show", "magnet:?xt=urn:btih:" + "ab".repeat(20)],
      ["link", "slides.torrent"],
      ["edit", "slides.torrent", "--comment", "x"],
      ["verify", "slides.torrent", "--dir", "peer_files/peer_1"],
    ]
  ) {
    const { stdout } = await vtorrent([...args, "--json"], { cwd });
    seen.push(...stdout.trimEnd().split("\n").map((line): JsonEvent => JSON.parse(line)));
  }
  seen.push(...tracker.events, ...one.events, ...two.events);
  const problems = new Set(seen.map(schemaProblem).filter((problem) => problem !== undefined));
  assertEquals([...problems], []);
  const names = new Set(seen.map(({ event }) => event));
  for (
    const name of ["list", "downloaded", "piece-verified", "unchoked", "announce", "show", "error"]
  ) {
    assert(names.has(name), name);
  }
  assert(names.size >= 35, `${names.size} kinds: ${[...names].join(" ")}`);
});

Deno.test("an empty catalogue is an empty list, also where no tracker answers", async () => {
  await using folder = await TempFolder.make();
  const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", "127.0.0.1:1"];
  const { stdout } = await vtorrent(["peer", "1", ...where, "--json", "-e", "list; exit"], {
    cwd: folder.path,
  });
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.find(({ event }) => event === "list"), { event: "list", torrents: [] });
  assert(lines.some(({ event }) => event === "error"));
});
