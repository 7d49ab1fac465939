import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { parseAnnounceReply } from "../../protocol/announce.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { BencodeError, MagnetError, MetainfoError, TrackerError } from "../../protocol/errors.ts";
import { parseKrpc } from "../../protocol/krpc.ts";
import { parseMagnet, selectedIndexes } from "../../protocol/magnet.ts";
import { parseInfo, parseMetainfo } from "../../protocol/metainfo.ts";
import { assert } from "../support/assert.ts";

/** Bytes that reading may keep whatever was sent: tables, caches, code. */
const BASE = 2 << 20;
/** Bytes that may be kept for each byte that was sent. */
const PER_BYTE = 20;

const HASH = new Uint8Array(20);
const ROOT = new Uint8Array(32).fill(1);

function v1(more: Record<string, BencodeInput>, root: Record<string, BencodeInput> = {}) {
  const info = { name: "n", "piece length": 16384, pieces: HASH, length: 1, ...more };
  return encodeBencode({ info, ...root });
}

function v2(tree: BencodeInput): Uint8Array {
  return encodeBencode({ "file tree": tree, "meta version": 2, name: "n", "piece length": 16384 });
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function keyed(count: number, value: BencodeInput): Record<string, BencodeInput> {
  return Object.fromEntries(times(count, (i) => [`k${i}`, value]));
}

function link(count: number, part: (i: number) => string): Uint8Array {
  const xt = `magnet:?xt=urn:btih:${"0".repeat(40)}`;
  return new TextEncoder().encode(`${xt}${times(count, part).join("")}`);
}

/** 0xff is in no UTF-8. */
const BROKEN = new Uint8Array([0xff, 0x61]);

function files(count: number, path: (i: number) => BencodeInput[]): Uint8Array {
  const list = times(count, (i) => ({ length: 1, path: path(i) }));
  const info = { files: list, name: "n", "piece length": 2 ** 20, pieces: HASH };
  return encodeBencode({ info });
}

function krpc(more: Record<string, BencodeInput>): Uint8Array {
  return encodeBencode({ r: { id: HASH, ...more }, t: "aa", y: "r" });
}

const readReply = (bytes: Uint8Array) => parseAnnounceReply(bytes);
const readTorrent = (bytes: Uint8Array) => parseMetainfo(bytes.slice());
const readLink = (bytes: Uint8Array) => {
  const magnet = parseMagnet(new TextDecoder().decode(bytes));
  return [magnet, selectedIndexes(magnet, 100_000)?.length];
};
const readClaim = (bytes: Uint8Array) => {
  const info = parseInfo(bytes);
  return [info, new Bitfield(info.pieceCount)];
};

type Shape = [
  what: string,
  make: (count: number) => Uint8Array,
  small: number,
  read: (bytes: Uint8Array) => unknown,
];

const SHAPES: Shape[] = [
  ["pieces", (n) => v1({ length: n * 16384, pieces: new Uint8Array(n * 20) }), 10_000, readTorrent],
  [
    "trackers",
    (n) => v1({}, { "announce-list": times(n, (i) => [`http://h${i}/`]) }),
    20_000,
    readTorrent,
  ],
  [
    "web seeds",
    (n) => v1({}, { "url-list": times(n, (i) => `http://h${i}/`) }),
    20_000,
    readTorrent,
  ],
  ["nodes", (n) => v1({}, { nodes: times(n, (i) => [`h${i}`, 1]) }), 20_000, readTorrent],
  ["a long comment", (n) => v1({}, { comment: "c".repeat(n) }), 1_000_000, readTorrent],
  ["a long source", (n) => v1({ source: "c".repeat(n) }), 1_000_000, readTorrent],
  ["a long name", (n) => v1({ name: "c".repeat(n) }), 1_000_000, readTorrent],
  ["many files", (n) => files(n, (i) => [`f${i}`]), 15_000, readTorrent],
  ["files in many folders", (n) => files(n, (i) => [`d${i}`, "f"]), 15_000, readTorrent],
  ["deep files", (n) => files(n, (i) => [...times(60, () => "d"), `f${i}`]), 3000, readTorrent],
  ["twin files", (n) => files(n, () => ["same.txt"]), 15_000, readTorrent],
  ["twins but for case", (n) => files(n, (i) => [i % 2 ? "A" : "a"]), 15_000, readTorrent],
  ["names that are no UTF-8", (n) => files(n, () => [BROKEN]), 15_000, readTorrent],
  ["keys beside the info", (n) => v1({}, keyed(n, 1)), 20_000, readTorrent],
  ["keys in the info", (n) => v1(keyed(n, 1)), 20_000, readTorrent],
  ["lists in the info", (n) => v1({ x: times(n, () => []) }), 100_000, readTorrent],
  [
    "claims of v2",
    (n) => v2({ a: { "": { length: n, "pieces root": ROOT } } }),
    2 ** 34,
    readClaim,
  ],
  [
    "claims of v2 beyond",
    (n) => v2({ a: { "": { length: n, "pieces root": ROOT } } }),
    2 ** 44,
    readClaim,
  ],
  ["a link's ranges", (n) => link(n, (i) => `&so=${i % 7}-99999`), 2000, readLink],
  ["a link's trackers", (n) => link(n, (i) => `&tr=udp://h${i}`), 1500, readLink],
  ["a link's peers", (n) => link(n, (i) => `&x.pe=h${i}:1`), 1500, readLink],
  ["a link's topics", (n) => link(n, () => "&xt=urn:btmh:99"), 1500, readLink],
];

SHAPES.push(
  ["a tracker's peers", (n) => encodeBencode({ peers: new Uint8Array(6 * n) }), 20_000, readReply],
  [
    "a tracker's peers in a list",
    (n) => encodeBencode({ interval: 1, peers: times(n, (i) => ({ ip: "127.0.0.1", port: i })) }),
    10_000,
    readReply,
  ],
  [
    "a tracker's refusal",
    (n) => encodeBencode({ "failure reason": "c".repeat(n) }),
    1e6,
    readReply,
  ],
  [
    "a DHT answer's peers",
    (n) => krpc({ values: times(n, () => new Uint8Array(6)) }),
    200,
    parseKrpc,
  ],
  ["a DHT answer's nodes", (n) => krpc({ nodes: new Uint8Array(26 * n) }), 70, parseKrpc],
);

for (const [what, make, small, read] of SHAPES) {
  Deno.test(`what is kept of ${what} is in proportion to what was sent`, () => {
    for (const count of [small, 2 * small]) {
      const bytes = make(count);
      const kept = bytesKept(() => read(bytes));
      const bound = BASE + PER_BYTE * bytes.length;
      assert(kept <= bound, `${kept} bytes kept of ${bytes.length}`);
    }
  });
}

/** Bytes of memory that what `read` returns holds, refusals included. */
function bytesKept(read: () => unknown): number {
  const { gc } = globalThis as { gc?: () => void };
  assert(gc !== undefined, "run with --v8-flags=--expose-gc");
  const used = () => {
    gc();
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    const isExpected = error instanceof MetainfoError || error instanceof MagnetError ||
      error instanceof BencodeError || error instanceof TrackerError;
    if (!isExpected) throw error;
  }
  const kept = used() - before;
  assert(value !== null);
  return kept;
}
