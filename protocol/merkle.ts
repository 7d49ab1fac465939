/**
 * Merkle trees over blocks of 16 KiB (BEP 52), and proofs that hashes belong to one. Pure: the
 * caller brings SHA-256.
 *
 * Level 0 of a file's tree are the hashes of its blocks, filled up with zero hashes to a power of
 * two; level n + 1 has the hashes of pairs of level n; the single one at the top is the root.
 *
 * @module
 */
import { equalBytes } from "./bytes20.ts";
import { atOnce, type Steps } from "./steps.ts";

/** Length in bytes of a SHA-256. */
export const SHA256_LENGTH = 32;

/** The SHA-256 of some bytes, at once. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** How many times 2 has to be multiplied to reach at least `count`. */
export function levelsFor(count: number): number {
  let levels = 0;
  while (2 ** levels < count) levels++;
  return levels;
}

/**
 * The root of a tree from the hashes of one of its levels.
 *
 * Uses nothing from outside of itself, because worker threads get it as text.
 *
 * @param hashes 32 bytes each, at least one
 * @param height levels between `hashes` and the root; missing hashes at the end are padding
 * @param level the level of `hashes` in the file's tree: says what padding looks like there
 */
export function merkleRoot(
  hashes: Uint8Array,
  height: number,
  level: number,
  sha256: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  let padding: Uint8Array = new Uint8Array(32);
  const pair = new Uint8Array(64);
  const hashPair = (left: Uint8Array, right: Uint8Array): Uint8Array => {
    pair.set(left);
    pair.set(right, 32);
    return sha256(pair);
  };
  for (let i = 0; i < level; i++) padding = hashPair(padding, padding);
  let layer = hashes;
  for (let i = 0; i < height; i++) {
    const parents = new Uint8Array(Math.ceil(layer.length / 64) * 32);
    for (let at = 0; at < layer.length; at += 64) {
      const right = at + 32 < layer.length ? layer.subarray(at + 32, at + 64) : padding;
      parents.set(hashPair(layer.subarray(at, at + 32), right), at / 2);
    }
    padding = hashPair(padding, padding);
    layer = parents;
  }
  return layer;
}

/**
 * Some levels of a tree from one level upwards, to take hashes and proofs from. Past the end of a
 * level lies its padding.
 */
export class MerkleLevels {
  /** The lowest level that is here. */
  readonly base: number;
  readonly #layers: Uint8Array[];
  readonly #paddings: Uint8Array[];

  /** @param height levels between `hashes`, which lie on level `base`, and the root */
  constructor(hashes: Uint8Array, base: number, height: number, sha256: Sha256) {
    this.base = base;
    this.#layers = [hashes];
    this.#paddings = [merkleRoot(new Uint8Array(SHA256_LENGTH), base, 0, sha256)];
    atOnce(this.#grow(height, sha256));
  }

  /** The same with pauses: a tree of two million hashes takes seconds. */
  static *steps(...facts: ConstructorParameters<typeof MerkleLevels>): Steps<MerkleLevels> {
    const [hashes, base, height, sha256] = facts;
    const levels = new MerkleLevels(hashes, base, 0, sha256);
    yield* levels.#grow(height, sha256);
    return levels;
  }

  *#grow(height: number, sha256: Sha256): Steps<void> {
    for (let i = 0; i < height; i++) {
      const below = this.#layers[i]!;
      const parents = new Uint8Array(Math.ceil(below.length / 64) * SHA256_LENGTH);
      for (let at = 0; at < below.length; at += 64) {
        yield;
        const right = at + 32 < below.length
          ? below.subarray(at + 32, at + 64)
          : this.#paddings[i]!;
        parents.set(hashPair(below.subarray(at, at + 32), right, sha256), at / 2);
      }
      this.#layers.push(parents);
      this.#paddings.push(hashPair(this.#paddings[i]!, this.#paddings[i]!, sha256));
    }
  }

  get root(): Uint8Array {
    return this.#layers.at(-1)!;
  }

  /** A hash of a level; padding past the end. */
  hash(level: number, index: number): Uint8Array {
    const layer = this.#layers[level - this.base]!;
    const at = index * SHA256_LENGTH;
    return at < layer.length
      ? layer.subarray(at, at + SHA256_LENGTH)
      : this.#paddings[level - this.base]!;
  }

  /**
   * The siblings that lead from the node at `index` of `level` to the root, lowest first, at most
   * `count`.
   */
  *uncles(level: number, index: number, count: number): Generator<Uint8Array> {
    const top = this.base + this.#layers.length - 1;
    for (let i = 0; i < count && level < top; i++, level++, index = index >> 1) {
      yield this.hash(level, index ^ 1);
    }
  }
}

/**
 * Whether a node belongs to the tree of `root`.
 *
 * @param index of the node on its level
 * @param uncles siblings on the way up, 32 bytes each, lowest first, as many as there are levels
 */
export function isProven(
  node: Uint8Array,
  index: number,
  uncles: readonly Uint8Array[],
  root: Uint8Array,
  sha256: Sha256,
): boolean {
  let hash = node;
  for (const uncle of uncles) {
    hash = index & 1 ? hashPair(uncle, hash, sha256) : hashPair(hash, uncle, sha256);
    index >>= 1;
  }
  return equalBytes(hash, root);
}

function hashPair(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  const pair = new Uint8Array(2 * SHA256_LENGTH);
  pair.set(left);
  pair.set(right, SHA256_LENGTH);
  return sha256(pair);
}
