/**
 * What `create` makes has libtorrent's info hash, whatever the files are called and however long they
 * and their pieces are.
 *
 * @module
 */
import { createTorrent } from "../../peer/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { Libtorrent, libtorrentHashes } from "../support/libtorrent.ts";
import { seededRandom } from "../support/random.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";

const PIECES = [16384, 32768, 65536, 1 << 20];
const KINDS = ["v1", "hybrid", "v2"] as const;

/** Lengths at which something begins or ends: blocks, pieces, powers of two of both. */
const LENGTHS = [
  0,
  1,
  16383,
  16384,
  16385,
  32768,
  65535,
  65536,
  65537,
  3 * 65536,
  (1 << 20) - 1,
  1 << 20,
  (1 << 20) + 1,
];

/** Names that sort differently by letter, by byte, by UTF-16 unit, and as a path or part by part. */
const NAMES = [
  "a",
  "a b",
  "a.txt",
  "a-b",
  "A",
  "B",
  "Z",
  "_",
  "ä",
  "a\u0308",
  "é.bin",
  "ß",
  "日本語",
  "مرحبا",
  "\uff5e",
  "\u{1f600}",
  "10",
  "9",
  "x+y=z",
  "~tilde",
];

const FIXED: Record<string, Record<string, number>> = {
  "a folder and a file that differ in one sign": { "a/x": 20000, "a.txt": 10, "a-b/x": 40000 },
  "files of exactly a piece, and empty ones between": {
    "1": 65536,
    "2": 0,
    "3": 65536,
    "4": 0,
    "5": 16384,
  },
  "depth": { "a/b/c/d/e/f": 5, "a/b/c/d/e.f": 70000, "a/b/c": 1, "a/b.c/d": 100000 },
  "beyond the first plane": { "\uff5e": 5, "\u{1f600}": 6, "z": 100000 },
};
// A folder and a file cannot share a name.
delete FIXED["depth"]!["a/b/c"];

function randomTree(seed: number): Record<string, number> {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const files: Record<string, number> = {};
  for (let i = 0; i < 12; i++) {
    const depth = Math.floor(random() * 3);
    const folders = Array.from({ length: depth }, () => `${pick(NAMES)} d`);
    files[[...folders, pick(NAMES)].join("/")] = pick(LENGTHS);
  }
  files["last"] = 1;
  return files;
}

const TREES = {
  ...FIXED,
  ...Object.fromEntries(
    Array.from({ length: 4 }, (_, seed) => [`random ${seed}`, randomTree(seed)]),
  ),
};

async function compare(source: string): Promise<void> {
  const theirs = await libtorrentHashes(source, PIECES);
  const ours: typeof theirs = {};
  for (const kind of KINDS) {
    for (const pieceLength of PIECES) {
      const { infoHash, infoHashV2 } = await createTorrent({ path: source, kind, pieceLength });
      ours[`${kind} ${pieceLength}`] = {
        v1: kind === "v2" ? null : infoHash.toHex(),
        v2: infoHashV2?.toHex() ?? null,
      };
    }
  }
  assertEquals(ours, theirs);
}

for (const [name, files] of Object.entries(TREES)) {
  Deno.test(`create makes libtorrent's info hashes of ${name}`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    let seed = 0;
    for (const [path, length] of Object.entries(files)) {
      await folder.write(`n/${path}`, patternBytes(length, ++seed));
    }
    await compare(folder.at("n"));
  });
}

Deno.test("create makes libtorrent's info hashes of single files of all lengths", async (t) => {
  if (!await Libtorrent.isInstalled()) return;
  for (const length of LENGTHS.filter((length) => length > 0)) {
    await t.step(`${length} bytes`, async () => {
      await using folder = await TempFolder.make();
      await compare(await folder.write("ö n", patternBytes(length, length)));
    });
  }
});
