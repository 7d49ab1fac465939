/**
 * Clients of other makes in a real scenario beside ours: what they say is in the figures, in the texts
 * and in the packets, and Wireshark counts the same messages as the lab does.
 *
 * @module
 */
import { join } from "@std/path";
import { makeContent } from "../../../lab/run/content.ts";
import type { RunEvent } from "../../../lab/run/run_record.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { Libtorrent } from "../../support/libtorrent.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { runToEnd } from "../../support/process.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { runLab } from "./run_lab.ts";

const SMALL_PEER = join(import.meta.dirname!, "..", "..", "lab", "real", "small_peer.py");
const [SIZE, PIECE, BLOCK] = [1 << 20, 1 << 16, 1 << 14];

/** Sentences of the texts by the ID of their message (BEP 3, 5, 6, 10). */
const SENTENCES: readonly (readonly [id: number, begins: RegExp])[] = [
  [0, /^choke:/],
  [1, /^unchoke:/],
  [2, /^interested:/],
  [3, /^not interested:/],
  [4, /^have:/],
  [5, /^bitfield:/],
  [6, /^request:/],
  [7, /^piece:/],
  [8, /^cancel:/],
  [9, /^port:/],
  [13, /^suggest:/],
  [14, /^have all:/],
  [15, /^have none:/],
  [16, /^reject:/],
  [17, /^allowed fast:/],
  [20, /^(extension handshake|extended message|metadata|peer exchange|lt_donthave)/],
];
const HANDSHAKE = "handshake";

/** One message: who said it to whom, and its ID or `handshake`. */
interface Message {
  readonly from: string;
  readonly to: string;
  readonly id: string;
}

/** A swarm of a seed, a leech of ours and clients of other makes, played with a report. */
async function play(folder: TempFolder, clients: Readonly<Record<string, string>>) {
  const own = { run: ["python3", SMALL_PEER, "{torrent}", "{dir}", "{port}"] };
  const scenario = {
    ...{ lab: 1, name: "foreign", world: "real", limit: "2m", question: "?", hypothesis: "!" },
    content: { size: "1 MiB", "piece_length": "64 KiB" },
    net: { latency: "5ms" },
    tracker: { interval: "2s" },
    programs: { own },
    peers: [
      { as: "seed", have: 1, up: "100k" },
      { as: "vt", up: "200k", down: "2M" },
      ...Object.entries(clients).map(([as, program]) => ({ as, program, up: "200k", down: "2M" })),
    ],
    draw: [{ figure: "sequence" }, { figure: "matrix" }],
    check: [
      { measure: "complete", is: true, why: "the seed stays and has every piece" },
      { measure: "same_bytes", of: "all", is: true, why: "each piece has a hash" },
      { measure: "rule_breaks", of: "all", "at_most": 0, why: "BEP 3, 6 and 10" },
    ],
  };
  await folder.write("foreign.json", JSON.stringify(scenario));
  const { status, out, err } = await runLab(folder, ["run", "foreign.json", "--out", "report"]);
  assertEquals(status, 0, out + err);
  const events = (await Deno.readTextFile(folder.at("report/events.jsonl"))).trim().split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  const text = await Deno.readTextFile(folder.at("report/wire/1.txt"));
  const members = ["seed", "vt", ...Object.keys(clients)];
  return { events, members, text, said: saidIn(text) };
}

/** The messages of a text, in their order. */
function saidIn(text: string): Message[] {
  return text.split("\n").flatMap((line) => {
    const [, from, to, sentence] = /^ *[\d.]+ {2}(\w+) +→ (\w+) +(.+)$/.exec(line) ?? [];
    if (sentence === undefined) return [];
    // What a client that wants to encrypt begins with is not in clear, and no message.
    if (sentence.startsWith("no message in clear")) return [];
    const id = sentence.startsWith("handshake:")
      ? HANDSHAKE
      : SENTENCES.find(([, begins]) => begins.test(sentence))?.[0];
    // Keep-alives have no ID.
    if (sentence.startsWith("keep-alive")) return [];
    assert(id !== undefined, `a message of no kind that is known: ${line}`);
    return [{ from: from!, to: to!, id: String(id) }];
  });
}

/** How often each message was said: `from to id` → count. */
function counted(messages: readonly Message[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { from, to, id } of messages) {
    const key = `${from} → ${to}: ${id}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** How often `from` has said a message with this ID to `to`. */
function times(said: readonly Message[], from: string, to: string, id: string | number): number {
  return said.filter((one) => one.from === from && one.to === to && one.id === String(id)).length;
}

/** That a client took part as BEP 3 says, and all of it is in the record, the figures and the text. */
async function assertSeen(
  folder: TempFolder,
  { events, said }: Awaited<ReturnType<typeof play>>,
  client: string,
): Promise<void> {
  assert(events.some((event) => event.what === "completed" && event.who === client));
  // Every byte that it got has passed a wire.
  const got = events.flatMap((event) =>
    event.what === "block" && event.to === client && !event.isDuplicate ? [event.length] : []
  );
  assertEquals(got.reduce((sum, length) => sum + length, 0), SIZE, client);
  // Whoever fetches greets, is interested, asks for each block once at least; the seed has the rest.
  assert(times(said, client, "seed", HANDSHAKE) >= 1, client);
  assert(times(said, client, "seed", 2) >= 1, `${client} was not interested`);
  const requests = said.filter(({ from, id }) => from === client && id === "6").length;
  assert(requests >= SIZE / BLOCK, `${client}: ${requests} requests`);

  // The sequence of messages is one: what the figure has is what the text has, as far as it arrived.
  const heard = events.flatMap((event) => event.what === "heard" ? [event] : []);
  const rows = (await Deno.readTextFile(folder.at("report/figures/sequence.csv"))).trim()
    .split("\r\n").slice(1);
  assertEquals(rows.length, heard.length);
  const others = new Set(said.flatMap(({ from, to }) => from === client ? [to] : []));
  for (const other of others) {
    // Of several connections at a time nobody tells which message was on which.
    if (times(said, client, other, HANDSHAKE) > 1) continue;
    const arrived = heard.filter(({ from, to, kind }) =>
      from === client && to === other && kind !== "keep-alive"
    );
    const spoken = said.filter(({ from, to }) => from === client && to === other);
    assert(arrived.length > 0, `nothing of ${client} has reached ${other}`);
    assertEquals(
      arrived.map(({ kind }) => idOf(kind)),
      spoken.slice(0, arrived.length).map(({ id }) => id),
    );
  }
}

/** The ID of a kind of message, as the record names it. */
function idOf(kind: string): string {
  if (kind === HANDSHAKE) return kind;
  if (kind === "extended") return "20";
  const words = `${kind.replaceAll("-", " ")}:`;
  return String(SENTENCES.find(([, begins]) => begins.test(words))?.[0]);
}

/** That Wireshark finds no fault with the packets, and the same messages in them as the text. */
async function assertSameInWireshark(
  folder: TempFolder,
  { members, said }: Awaited<ReturnType<typeof play>>,
): Promise<void> {
  if (!await isInstalled("tshark", "tshark")) return;
  const read = async (filter: string, ...fields: string[]) => {
    const { stdout } = await runToEnd("tshark", [
      ...["-r", folder.at("report/wire/1.pcap"), "-Y", filter, "-T", "fields"],
      ...fields.flatMap((field) => ["-e", field]),
    ]);
    return stdout.split("\n").filter((line) => line !== "").map((line) => line.split("\t"));
  };
  assertEquals(await read("_ws.malformed || tcp.analysis.flags", "frame.number"), []);

  // Member N is at 127.0.1.N.
  const nameOf = (address: string) => members[Number(address.split(".").at(-1)) - 1]!;
  const addresses = ["ip.src", "ip.dst"];
  const inPackets: Message[] = [
    ...(await read("bittorrent.info_hash", ...addresses)).map((row) => [...row, HANDSHAKE]),
    ...(await read("bittorrent.msg.type", ...addresses, "bittorrent.msg.type")),
  ].flatMap(([from, to, ids]) =>
    ids!.split(",").map((id) => ({ from: nameOf(from!), to: nameOf(to!), id }))
  );
  assertEquals(counted(inPackets), counted(said));

  const hashes = await read("bittorrent.info_hash", "bittorrent.info_hash");
  const { infoHash } = makeContent(1, SIZE, PIECE, { isPrivate: true });
  assertEquals(new Set(hashes.flat()), new Set([infoHash.toHex()]));
  // A piece message is 9 bytes, and then the block.
  for (const [index, member] of members.entries()) {
    if (member === "seed") continue;
    const lengths = await read(
      `bittorrent.msg.type == 7 && ip.dst == 127.0.1.${index + 1}`,
      ...["bittorrent.msg.type", "bittorrent.msg.length"],
    );
    const bytes = lengths.map(([types, all]) => {
      const kinds = types!.split(",");
      // Keep-alives have a length and no type: in a packet with one they cannot be told apart.
      const sizes = all!.split(",").map(Number).filter((size) => size > 0);
      return sizes.reduce((sum, size, at) => sum + (kinds[at] === "7" ? size - 9 : 0), 0);
    }).reduce((sum, size) => sum + size, 0);
    assert(bytes >= SIZE, `${member} got ${bytes} bytes of pieces`);
  }
}

Deno.test("a small Python peer, aria2 and vtorrent in one scenario: every message is seen three times", async () => {
  if (!await isInstalled("aria2c", "aria2") || !await isInstalled("python3", "python3")) return;
  await using folder = await TempFolder.make();
  const played = await play(folder, { aria: "aria2", mine: "own" });
  for (const client of ["aria", "mine"]) await assertSeen(folder, played, client);
  // Each has what the leech of ours still lacks, and says so. aria2 says another bitfield in place of
  // HAVE where that is shorter, which is always so with 16 pieces: 7 bytes, not 9.
  assert(times(played.said, "mine", "vt", 4) > 0, "no HAVE of the Python peer");
  const openings = times(played.said, "aria", "vt", HANDSHAKE);
  const told = [4, 5, 15].map((id) => times(played.said, "aria", "vt", id));
  assert(
    told.reduce((sum, count) => sum + count, 0) > openings,
    `aria2 tells of no piece: ${told}`,
  );
  assertStringIncludes(played.text, "peer ID A2-1-");
  assertStringIncludes(played.text, "peer ID -PY0002-");
  await assertSameInWireshark(folder, played);
});

Deno.test("libtorrent completes beside vtorrent, and every message of it is seen three times", async () => {
  if (!await Libtorrent.isInstalled()) return;
  await using folder = await TempFolder.make();
  const played = await play(folder, { rasterbar: "libtorrent" });
  await assertSeen(folder, played, "rasterbar");
  assert(times(played.said, "rasterbar", "vt", 4) > 0, "no HAVE of libtorrent");
  assertStringIncludes(played.text, "peer ID -LT");
  await assertSameInWireshark(folder, played);
});

Deno.test("Transmission completes beside vtorrent, with two peers at a time, all of it seen three times", async () => {
  if (!await isInstalled("transmission-cli", "transmission-cli")) return;
  await using folder = await TempFolder.make();
  const played = await play(folder, { tr: "transmission" });
  await assertSeen(folder, played, "tr");
  // It keeps one connection with an address, and would know the seed alone. HAVE waits up to ten
  // seconds for another message that goes the same way: to the seed it may be late for the run's end.
  assert(times(played.said, "tr", "vt", 4) > 0, "no HAVE of Transmission to the other leech");
  assertStringIncludes(played.text, "peer ID -TR3");
  await assertSameInWireshark(folder, played);
});
