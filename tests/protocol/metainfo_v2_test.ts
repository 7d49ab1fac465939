import { createHash } from "node:crypto";
import {
  type BencodeDict,
  type BencodeInput,
  decodeBencode,
  encodeBencode,
} from "../../protocol/bencode.ts";
import { MetainfoError } from "../../protocol/errors.ts";
import { levelsFor, merkleRoot } from "../../protocol/merkle.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import * as v2Files from "../../protocol/metainfo_v2.ts";
import {
  checkPieceLayers,
  pieceLayerChecks,
  readPieceLayers,
} from "../../protocol/piece_layers.ts";
import { atOnce } from "../../protocol/steps.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const { hasV2 } = v2Files;
const PIECE = 32768;
const ROOT = new Uint8Array(32).fill(7);

const readV2Files = (info: BencodeDict, pieceLength: number) =>
  atOnce(v2Files.readV2Files(info, pieceLength));
const readHybridFiles = (info: BencodeDict, pieceLength: number) =>
  atOnce(v2Files.readHybridFiles(info, pieceLength));

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function dict(value: BencodeInput): Map<string, never> {
  return decodeBencode(encodeBencode(value)) as Map<string, never>;
}

function file(length: number, more: Record<string, BencodeInput> = {}): BencodeInput {
  return { "": { length, ...(length > 0 ? { "pieces root": ROOT } : {}), ...more } };
}

function v2(tree: BencodeInput, name = "n"): Map<string, never> {
  return dict({ name, "meta version": 2, "piece length": PIECE, "file tree": tree });
}

function placesOf(tree: BencodeInput): [string, number, number][] {
  return readV2Files(v2(tree), PIECE).files.filter((file) => !file.pad)
    .map(({ path, length, offset }) => [path, length, offset]);
}

Deno.test("each file of a v2 torrent begins a piece, in the order of the tree", () => {
  assertEquals(
    placesOf({ "b.txt": file(40_000), b: { "z": file(70_000), a: file(16384) }, empty: file(0) }),
    [
      ["n/b/a", 16384, 0],
      ["n/b/z", 70_000, PIECE],
      ["n/b.txt", 40_000, 4 * PIECE],
      ["n/empty", 0, 4 * PIECE + 40_000],
    ],
  );
  const { files } = readV2Files(v2({ a: file(1), b: file(1) }), PIECE);
  assertEquals(files.map(({ length, pad }) => [length, pad]), [
    [1, false],
    [PIECE - 1, true],
    [1, false],
  ]);
});

Deno.test("a tree of one file of the torrent's name is a single file, any other a folder", () => {
  assertEquals(placesOf({ n: file(5) }), [["n", 5, 0]]);
  assertEquals(placesOf({ x: file(5) }), [["n/x", 5, 0]]);
  assertEquals(placesOf({ n: { n: file(5) } }), [["n/n/n", 5, 0]]);
});

Deno.test("names of a file tree are kept as they are written", () => {
  assertEquals(placesOf({ "..": file(1), "a:b": file(1), "con.": file(0) }).map(([path]) => path), [
    "n/..",
    "n/a:b",
    "n/con.",
  ]);
});

const WRONG_TREES: [what: string, tree: BencodeInput, message: string][] = [
  ["no dictionary", [], 'no "file tree"'],
  ["empty", {}, "has no files"],
  ["a file itself", { "": { length: 1 } }, "file tree is a file"],
  ["an entry that is none", { a: 5 }, "neither file nor folder"],
  ["a file beside a folder", { a: { "": { length: 0 }, b: file(1) } }, "neither file nor folder"],
  ["a file without length", { a: { "": {} } }, "length of no number"],
  ["a negative length", { a: { "": { length: -1 } } }, "length of -1"],
  ["a file without root", { a: { "": { length: 1 } } }, '"pieces root"'],
  ["a root of zeros", { a: file(1, { "pieces root": new Uint8Array(32) }) }, '"pieces root"'],
  ["a pad file", { a: file(1, { attr: "p" }) }, "pad file in its file tree"],
  ["a short root", { a: file(1, { "pieces root": new Uint8Array(31) }) }, '"pieces root"'],
  ["sizes beyond all", { a: file(2 ** 53 - 1), b: file(9) }, "too large in all"],
];

for (const [what, tree, message] of WRONG_TREES) {
  Deno.test(`a file tree is refused: ${what}`, () => {
    assertThrows(() => readV2Files(v2(tree), PIECE), MetainfoError, message);
  });
}

Deno.test("versions to come are refused before anything else", () => {
  assertEquals(hasV2(dict({ "meta version": 2 })), true);
  assertEquals(hasV2(dict({})), false);
  assertThrows(() => hasV2(dict({ "meta version": 3 })), MetainfoError, "not known here");
});

function hybrid(files: BencodeInput, tree: BencodeInput): Map<string, never> {
  return dict({ name: "n", files, "file tree": tree });
}

const PAD = { attr: "p", length: PIECE - 5, path: [".pad", "1"] };

Deno.test("a hybrid's v1 files get the roots of the other part", () => {
  const { files } = readHybridFiles(
    hybrid(
      [{ length: 5, path: ["a"] }, PAD, { length: 9, path: ["d", "b"] }, {
        length: 0,
        path: ["e"],
      }],
      { a: file(5), d: { b: file(9) }, e: file(0) },
    ),
    PIECE,
  );
  assertEquals(files.map((file) => file.piecesRoot), [ROOT, undefined, ROOT, undefined]);
});

const A = { length: 5, path: ["a"] };
const B = { length: 9, path: ["b"] };
const DISAGREEING: [what: string, files: BencodeInput, tree: BencodeInput, message: string][] = [
  ["another length", [A, PAD, B], { a: file(5), b: file(8) }, "file 2 is not the same"],
  ["another name", [A, PAD, B], { a: file(5), c: file(9) }, "file 2 is not the same"],
  ["another order", [B, PAD, A], { a: file(5), b: file(9) }, "file 1 is not the same"],
  ["one file less", [A], { a: file(5), b: file(9) }, "more files"],
  ["one file more", [A, PAD, B], { a: file(5) }, "file 2 is not the same"],
  ["no alignment", [A, B], { a: file(5), b: file(9) }, "file 2 does not begin a piece"],
];

for (const [what, files, tree, message] of DISAGREEING) {
  Deno.test(`a hybrid's parts have to agree: ${what}`, () => {
    assertThrows(() => readHybridFiles(hybrid(files, tree), PIECE), MetainfoError, message);
  });
}

Deno.test("a single file's hybrid repeats its name in the tree", () => {
  const info = { name: "n", length: 5 };
  assertEquals(
    readHybridFiles(dict({ ...info, "file tree": { n: file(5) } }), PIECE).files[0]?.piecesRoot,
    ROOT,
  );
  assertThrows(
    () => readHybridFiles(dict({ ...info, "file tree": { m: file(5) } }), PIECE),
    MetainfoError,
    "file 1 is not the same",
  );
});

Deno.test("piece layers are believed only with the root of their file", () => {
  const layer = new Uint8Array(96).map((_, i) => i);
  const root = merkleRoot(layer, levelsFor(3), 1, sha256);
  const tree = { n: file(70_000, { "pieces root": root }) };
  const { files } = readV2Files(v2(tree), PIECE);
  const read = (bytes: Uint8Array) =>
    atOnce(
      readPieceLayers(
        dict({ "piece layers": new Map([[String.fromCharCode(...root), bytes]]) }),
        files,
      ),
    );
  checkPieceLayers(files, PIECE, read(layer), sha256);
  for (const wrong of [layer.slice(32), layer.map((byte) => byte ^ 1), new Uint8Array()]) {
    assertThrows(
      () => checkPieceLayers(files, PIECE, read(wrong), sha256),
      MetainfoError,
      "does not match",
    );
  }
  assertThrows(() => checkPieceLayers(files, PIECE, new Map(), sha256), MetainfoError, "lacks");
  checkPieceLayers(files, PIECE, new Map(), sha256, false);
});

Deno.test("keys out of order are refused in a v2 torrent: they say another order of files", () => {
  const tree = dict({ a: file(1), b: file(1) });
  const turned = new Map([...tree].reverse());
  const info = v2({});
  info.set("file tree", turned as never);
  assertThrows(() => readV2Files(info, PIECE), MetainfoError, "file tree whose keys are not in");
  const bytes = new TextEncoder().encode("d4:infod4:name1:n12:meta versioni2eee");
  assertThrows(() => parseMetainfo(bytes), MetainfoError, "info dictionary whose keys are not in");
});

Deno.test("piece layers that are no hashes under a root are refused", () => {
  const { files } = readV2Files(v2({ a: file(3 * PIECE) }), PIECE);
  for (const layers of [{ [`${"r".repeat(33)}`]: new Uint8Array(32) }, { ["r".repeat(32)]: 5 }]) {
    assertThrows(
      () => atOnce(readPieceLayers(dict({ "piece layers": layers }), files)),
      MetainfoError,
      "piece layer that is no list",
    );
  }
});

Deno.test("a long piece layer is checked in steps, to the same root", () => {
  const pieces = 10_001;
  const layer = new Uint8Array(pieces * 32);
  for (let i = 0; i < pieces; i++) new DataView(layer.buffer).setUint32(i * 32, i);
  const root = merkleRoot(layer, levelsFor(pieces), 1, sha256);
  const { files } = readV2Files(
    v2({ a: { "": { length: pieces * PIECE, "pieces root": root } } }),
    PIECE,
  );
  const layers = new Map([[root.toHex(), layer]]);
  const steps = [...pieceLayerChecks(files, PIECE, layers, sha256, true)];
  assert(steps.length >= 3, `${steps.length} pauses`);
  layer[9000 * 32 + 31]! ^= 1;
  assertThrows(
    () => checkPieceLayers(files, PIECE, layers, sha256),
    MetainfoError,
    "does not match",
  );
});
