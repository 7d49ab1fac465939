import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { BencodeError, MagnetError, MetainfoError } from "../../protocol/errors.ts";
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
      error instanceof BencodeError;
    if (!isExpected) throw error;
  }
  const kept = used() - before;
  assert(value !== null);
  return kept;
}
