import fc from "fast-check";
import { sha256 } from "../../../peer/hashing/node_hash.ts";
import { uncleCount } from "../../../peer/v2/hash_proof.ts";
import { HashTrees } from "../../../peer/v2/hash_trees.ts";
import { concatBytes } from "../../../protocol/concat_bytes.ts";
import { BLOCK_LENGTH } from "../../../protocol/piece_layout.ts";
import { levelsFor, MerkleLevels } from "../../../protocol/merkle.ts";
import type { MetainfoFile } from "../../../protocol/metainfo.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** A file of so many pieces of one block, its whole tree, and a torrent of it. */
function torrentOf(pieces: number): { layer: Uint8Array; levels: MerkleLevels; trees: HashTrees } {
  const layer = concatBytes(
    Array.from({ length: pieces }, (_, i) => sha256(new Uint8Array([i & 0xff, i >> 8]))),
  );
  const levels = new MerkleLevels(layer, 0, levelsFor(pieces), sha256);
  const file: MetainfoFile = {
    path: "x",
    length: pieces * BLOCK_LENGTH - 5,
    offset: 0,
    pad: false,
    symlink: false,
    executable: false,
    piecesRoot: levels.root,
  };
  const info = { kind: "v2" as const, pieceLength: BLOCK_LENGTH, files: [file] };
  return { layer, levels, trees: HashTrees.of(info, new Map(), sha256)! };
}

Deno.test("all hashes are learnt by the questions that lack them, whatever the size", () => {
  for (const pieces of [1, 2, 3, 5, 511, 512, 513, 514, 1025, 1537]) {
    const { layer, levels, trees } = torrentOf(pieces);
    assertEquals(trees.isComplete, pieces === 1, `${pieces}`);
    for (const { tree: _, ...range } of [...trees.missing()]) {
      // BEP 52: a power of two from 2 to 512, and the index a multiple of it.
      assert(range.length >= 2 && range.length <= 512 && range.index % range.length === 0);
      assertEquals(trees.hash(range.index), undefined);
      const own = Array.from({ length: range.length }, (_, i) => levels.hash(0, range.index + i));
      const top = levelsFor(range.length);
      const uncles = levels.uncles(top, range.index / range.length, uncleCount(range));
      assert(trees.learn(range, concatBytes([...own, ...uncles])));
    }
    assert(trees.isComplete);
    assertEquals(trees.hash(pieces - 1), layer.slice(-32));
    if (pieces > 1) assertEquals(trees.layers.get(levels.root.toHex()), layer);
  }
});

Deno.test("no damaged answer is believed", () => {
  const { levels, trees } = torrentOf(1000);
  const [{ tree: _, ...range }] = [...trees.missing()] as [ReturnType<typeof first>];
  function first() {
    return trees.missing().next().value!;
  }
  const own = Array.from({ length: range.length }, (_, i) => levels.hash(0, range.index + i));
  const answer = concatBytes([
    ...own,
    ...levels.uncles(levelsFor(range.length), 0, uncleCount(range)),
  ]);
  fc.assert(
    fc.property(
      fc.nat({ max: answer.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, bits) => {
        const damaged = answer.slice();
        damaged[at]! ^= bits;
        assert(!trees.learn(range, damaged));
      },
    ),
    { seed: 23, numRuns: 40 },
  );
  assert(!trees.learn(range, answer.slice(32)));
  assert(!trees.learn({ ...range, index: range.index + range.length }, answer));
  assert(!trees.learn({ ...range, root: new Uint8Array(32) }, answer));
  assert(!trees.learn({ ...range, proofLayers: 99 }, answer));
  assert(trees.learn(range, answer));
});
