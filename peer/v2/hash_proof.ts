/**
 * Ranges of hashes with their proofs, as peers exchange them (BEP 52).
 *
 * @module
 */
import {
  isProven,
  levelsFor,
  merkleRoot,
  type Sha256,
  SHA256_LENGTH,
} from "../../protocol/merkle.ts";
import type { HashRange } from "../../protocol/message.ts";

/**
 * How many uncles follow the hashes of a range: those of the lowest proof layers follow from the
 * range itself and are left out.
 */
export function uncleCount(range: Pick<HashRange, "length" | "proofLayers">): number {
  return Math.max(0, range.proofLayers - Math.max(0, levelsFor(range.length) - 1));
}

/** Whether a range is one of a tree of this height, and well-formed. */
export function isRangeOf(range: HashRange, height: number): boolean {
  const { base, index, length, proofLayers } = range;
  return base <= height && length > 0 && Number.isInteger(Math.log2(length)) &&
    index % length === 0 && index + length <= 2 ** (height - base) &&
    proofLayers <= height - base;
}

/**
 * Whether hashes and their uncles lead to the root.
 *
 * @param height levels between the blocks and the root
 */
export function isProvenRange(
  range: HashRange,
  hashes: Uint8Array,
  { root, height }: { readonly root: Uint8Array; readonly height: number },
  sha256: Sha256,
): boolean {
  const { base, index, length } = range;
  const levels = levelsFor(length);
  const uncles = height - base - levels;
  if (!isRangeOf(range, height) || uncles < 0) return false;
  if (hashes.length !== (length + uncles) * SHA256_LENGTH) return false;
  const own = hashes.subarray(0, length * SHA256_LENGTH);
  const above = Array.from({ length: uncles }, (_, i) => {
    const at = (length + i) * SHA256_LENGTH;
    return hashes.subarray(at, at + SHA256_LENGTH);
  });
  const top = merkleRoot(own, levels, base, sha256);
  return isProven(top, index / length, above, root, sha256);
}
