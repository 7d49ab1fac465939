import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  isProven,
  levelsFor,
  MerkleLevels,
  merkleRoot,
  SHA256_LENGTH,
} from "../../protocol/merkle.ts";
import { assert, assertEquals } from "../support/assert.ts";

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** The definition, without any short cut: all leaves, zero hashes included. */
function slowRoot(leaves: Uint8Array[]): Uint8Array {
  let layer = [...leaves];
  while (layer.length < 2 ** levelsFor(leaves.length)) layer.push(new Uint8Array(SHA256_LENGTH));
  while (layer.length > 1) {
    layer = layer.filter((_, i) => i % 2 === 0).map((left, i) =>
      sha256(new Uint8Array([...left, ...layer[2 * i + 1]!]))
    );
  }
  return layer[0]!;
}

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => sha256(new Uint8Array([i & 0xff, i >> 8])));
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(hashes.flatMap((hash) => [...hash]));
}

Deno.test("merkleRoot() is BEP 52's root for any number of blocks", () => {
  for (let count = 1; count <= 40; count++) {
    const leaves = leavesOf(count);
    assertEquals(merkleRoot(joined(leaves), levelsFor(count), 0, sha256), slowRoot(leaves));
  }
});

Deno.test("the root of a file's piece layer is the root of its blocks", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 200 }),
      fc.integer({ min: 0, max: 4 }),
      (blocks, level) => {
        const leaves = leavesOf(blocks);
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < blocks; at += 2 ** level) {
          pieces.push(merkleRoot(joined(leaves.slice(at, at + 2 ** level)), level, 0, sha256));
        }
        if (pieces.length < 2) return;
        assertEquals(
          merkleRoot(joined(pieces), levelsFor(pieces.length), level, sha256),
          slowRoot(leaves),
        );
      },
    ),
    { seed: 21, numRuns: 100 },
  );
});

Deno.test("every node is proven by its uncles, and nothing else is", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.nat(),
      fc.nat(),
      fc.nat(),
      (count, levelNoise, indexNoise, bit) => {
        const height = levelsFor(count);
        const tree = new MerkleLevels(joined(leavesOf(count)), 0, height, sha256);
        const level = levelNoise % (height + 1);
        const index = indexNoise % 2 ** (height - level);
        const uncles = [...tree.uncles(level, index, 64)];
        assertEquals(uncles.length, height - level);
        const node = tree.hash(level, index);
        assert(isProven(node, index, uncles, tree.root, sha256));
        const wrong = node.slice();
        wrong[bit % SHA256_LENGTH]! ^= 1;
        assert(!isProven(wrong, index, uncles, tree.root, sha256));
        if (height > level) {
          assert(!isProven(node, index, uncles.slice(1), tree.root, sha256));
        }
      },
    ),
    { seed: 22, numRuns: 300 },
  );
});
