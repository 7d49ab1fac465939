import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { editMetainfo } from "../../protocol/edit_metainfo.ts";
import { parseMagnet, selectedIndexes } from "../../protocol/magnet.ts";
import { metainfoSteps, parseInfo, parseMetainfo } from "../../protocol/metainfo.ts";
import { atOnce } from "../../protocol/steps.ts";
import { addPieceLayers } from "../../protocol/add_piece_layers.ts";
import { webSeedPaths } from "../../protocol/web_seed.ts";
import { libtorrentPathSteps } from "../../peer/storage/other_names.ts";
import { assert } from "../support/assert.ts";
import { type Shape, testBudget, textBytes, times } from "./budget.ts";

const HASH = new Uint8Array(20);
const ROOT = new Uint8Array(32).fill(1);
/** 0xff is in no UTF-8. */
const BROKEN = new Uint8Array([0xff, 0x61]);

type Dict = Record<string, BencodeInput>;

function v1(more: Dict, root: Dict = {}): Uint8Array {
  const info = { name: "n", "piece length": 16384, pieces: HASH, length: 1, ...more };
  return encodeBencode({ info, ...root });
}

function v2(tree: BencodeInput, root: Dict = {}): Uint8Array {
  const info = { "file tree": tree, "meta version": 2, name: "n", "piece length": 16384 };
  return encodeBencode({ info, ...root });
}

function claim(length: number): Uint8Array {
  const tree = { a: { "": { length, "pieces root": ROOT } } };
  return encodeBencode({
    "file tree": tree,
    "meta version": 2,
    name: "n",
    "piece length": 16384,
  });
}

function keyed(count: number, value: BencodeInput): Dict {
  return Object.fromEntries(times(count, (i) => [`k${i}`, value]));
}

function files(count: number, path: (i: number) => BencodeInput[]): Uint8Array {
  const list = times(count, (i) => ({ length: 1, path: path(i) }));
  const info = { files: list, name: "n", "piece length": 2 ** 20, pieces: HASH };
  return encodeBencode({ info });
}

/** A leaf of a file tree. */
const LEAF = { "": { length: 1, "pieces root": ROOT } };

/** Names in the order of their bytes. */
function named(count: number, name: (digits: string) => string, value: BencodeInput): Dict {
  return Object.fromEntries(times(count, (i) => [name(String(i).padStart(7, "0")), value]));
}

/** A root as a key: bytes written as Latin-1. */
function rootOf(i: number): Uint8Array {
  const bytes = ROOT.slice();
  new DataView(bytes.buffer).setUint32(0, i + 1);
  return bytes;
}

function layered(count: number): Uint8Array {
  const tree: Dict = {};
  const layers = new Map<string, BencodeInput>();
  for (let i = 0; i < count; i++) {
    const root = rootOf(i);
    tree[String(i).padStart(7, "0")] = { "": { length: 2 * 16384, "pieces root": root } };
    layers.set(String.fromCharCode(...root), new Uint8Array(64));
  }
  return v2(tree, { "piece layers": Object.fromEntries(layers) });
}

function nested(depth: number, inner: BencodeInput): BencodeInput {
  let tree = inner;
  for (let i = 0; i < depth; i++) tree = { d: tree };
  return tree;
}

function link(count: number, part: (i: number) => string): Uint8Array {
  const xt = `magnet:?xt=urn:btih:${"0".repeat(40)}`;
  return textBytes(`${xt}${times(count, part).join("")}`);
}

const readLink = (bytes: Uint8Array) => {
  const magnet = parseMagnet(new TextDecoder().decode(bytes));
  return [magnet, selectedIndexes(magnet, 100_000)?.length];
};
const readClaim = (bytes: Uint8Array) => {
  const info = parseInfo(bytes);
  return [info, new Bitfield(info.pieceCount)];
};

const TORRENTS: [what: string, make: Shape["make"], small: number][] = [
  ["pieces", (n) => v1({ length: n * 16384, pieces: new Uint8Array(n * 20) }), 2000],
  ["trackers", (n) => v1({}, { "announce-list": times(n, (i) => [`http://h${i}/`]) }), 2000],
  [
    "trackers of one tier",
    (n) => v1({}, { "announce-list": [times(n, (i) => `http://h${i}/`)] }),
    2000,
  ],
  ["the same tracker", (n) => v1({}, { "announce-list": times(n, () => ["http://h/"]) }), 2000],
  ["web seeds", (n) => v1({}, { "url-list": times(n, (i) => `http://h${i}/`) }), 2000],
  ["nodes", (n) => v1({}, { nodes: times(n, (i) => [`h${i}`, 1]) }), 2000],
  ["a long comment", (n) => v1({}, { comment: "c".repeat(n) }), 15_000],
  ["a long source", (n) => v1({ source: "c".repeat(n) }), 15_000],
  ["a long name", (n) => v1({ name: "c".repeat(n) }), 15_000],
  ["a name of controls", (n) => v1({ name: "\u202e".repeat(n) }), 1000],
  ["many files", (n) => files(n, (i) => [`f${i}`]), 1000],
  ["files in many folders", (n) => files(n, (i) => [`d${i}`, "f"]), 1000],
  ["deep files", (n) => files(n, (i) => [...times(60, () => "d"), `f${i}`]), 1500],
  ["long names of files", (n) => files(n, (i) => [`${i}${"x".repeat(4000)}`]), 250],
  ["twin files", (n) => files(n, () => ["same.txt"]), 1000],
  ["twins but for case", (n) => files(n, (i) => [i % 2 ? "A" : "a"]), 1000],
  ["twins with numbers", (n) => files(n, (i) => [i % 2 ? "a" : `a (${i})`]), 1000],
  ["files and folders of one name", (n) => files(n, (i) => i % 2 ? ["a"] : ["a", "b"]), 1000],
  ["names that are no UTF-8", (n) => files(n, () => [BROKEN]), 1000],
  ["names of blanks and dots", (n) => files(n, (i) => [` .${".".repeat(i % 50)} `]), 1000],
  ["keys beside the info", (n) => v1({}, keyed(n, 1)), 2000],
  ["keys in the info", (n) => v1(keyed(n, 1)), 2000],
  ["lists in the info", (n) => v1({ x: times(n, () => []) }), 5000],
  ["integers in the info", (n) => v1({ x: times(n, () => 7) }), 5000],
  ["a v2 tree of many files", (n) => v2(named(n, (name) => name, LEAF)), 1000],
  ["a v2 tree of many folders", (n) => v2(named(n, (name) => name, { f: LEAF })), 1000],
  ["a deep v2 tree", (n) => v2(nested(40, named(n, (name) => name, LEAF))), 600],
  [
    "v2 twins but for case",
    (n) => v2({ ...named(n, (name) => `A${name}`, LEAF), ...named(n, (name) => `a${name}`, LEAF) }),
    600,
  ],
  ["piece layers", layered, 600],
  ["piece layers of no file", (n) =>
    v2({ a: LEAF }, {
      "piece layers": Object.fromEntries(
        times(n, (i) => [String.fromCharCode(...rootOf(i)), new Uint8Array(32)]),
      ),
    }), 1000],
];

for (const [what, make, small] of TORRENTS) {
  testBudget({
    what: `a torrent with ${what}`,
    make,
    small,
    read: (bytes) => parseMetainfo(bytes),
    isSliced: true,
  });

  Deno.test(`reading a torrent with ${what} pauses before others notice`, () => {
    const bytes = make(4 * small);
    let longest = Infinity;
    for (let round = 0; round < 5 && longest > LONGEST_STEP_MS; round++) {
      longest = Math.min(longest, longestStep(bytes.slice()));
    }
    assert(longest <= LONGEST_STEP_MS, `${longest} ms without a pause`);
  });
}

/** ms between two pauses: above what the collector of a full heap takes, below a step without any. */
const LONGEST_STEP_MS = 250;

function longestStep(bytes: Uint8Array): number {
  const steps = metainfoSteps(bytes);
  let longest = 0;
  while (true) {
    const start = performance.now();
    const { done } = steps.next();
    longest = Math.max(longest, performance.now() - start);
    if (done) return longest;
  }
}

const SHAPES: [
  what: string,
  make: Shape["make"],
  small: number,
  read: Shape["read"],
  more?: Partial<Shape>,
][] = [
  ["claims of v2", claim, 2 ** 33, readClaim, { isClaim: true }],
  ["claims of v2 beyond", claim, 2 ** 44, readClaim, { isClaim: true }],
  ["a link's ranges", (n) => link(n, (i) => `&so=${i % 7}-99999`), 1000, readLink],
  ["a link's ranges in one", (n) => link(1, () => `&so=${"1,".repeat(n)}2`), 4000, readLink],
  ["a link's trackers", (n) => link(n, (i) => `&tr=udp://h${i}`), 750, readLink],
  ["a link's peers", (n) => link(n, (i) => `&x.pe=h${i}:1`), 750, readLink],
  ["a link's web seeds", (n) => link(n, (i) => `&ws=http://h${i}/`), 750, readLink],
  ["a link's topics", (n) => link(n, () => "&xt=urn:btmh:99"), 750, readLink],
  ["a link's blanks", (n) => link(n, () => " \r\n&tr= "), 1000, readLink],
  ["a link's long key", (n) => link(1, () => `&${".1".repeat(n)}x=1`), 4000, readLink],
  ["a link's long number", (n) => link(1, () => `&tr.${"1".repeat(n)}x=1`), 8000, readLink],
  [
    "files by the names of web seeds",
    (n) => files(n, (i) => [`d${i}`, "ü f"]),
    1000,
    (bytes) => {
      const { info, infoBytes } = parseMetainfo(bytes);
      return webSeedPaths(infoBytes, info).length;
    },
  ],
  [
    "files by the names of other clients",
    (n) => files(n, (i) => [i % 2 ? "a" : "A", "same"]),
    1000,
    (bytes) =>
      atOnce(libtorrentPathSteps(
        parseMetainfo(bytes).info.files.map((file) => ({
          parts: file.path.split("/"),
        })),
      )).length,
  ],
  [
    "a torrent that gets web seeds",
    (n) => v1(keyed(n, 1)),
    2000,
    (bytes) => editMetainfo(bytes, { webSeeds: ["http://a/"] }).length,
  ],
  [
    "a torrent with many keys beside the info that gets web seeds",
    (n) => v1({}, keyed(n, 1)),
    2000,
    (bytes) => editMetainfo(bytes, { webSeeds: ["http://a/"] }).length,
  ],
  [
    "a torrent with many keys beside the info that gets piece layers",
    (n) => v1({}, keyed(n, 1)),
    2000,
    (bytes) => addPieceLayers(bytes, new Map()).length,
  ],
];

for (const [what, make, small, read, more] of SHAPES) {
  testBudget({ what, make, small, read, ...more });
}
