/**
 * Interested (BEP 3): whether a peer has a piece that we want.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";

/** Whether the owner of `pieces` has some that we lack and want (`wanted`: undefined for all). */
export function isInteresting(pieces: Bitfield, have: Bitfield, wanted?: Bitfield): boolean {
  if (have.isFull || pieces.count === 0) return false;
  if (pieces.isFull && wanted === undefined) return true;
  for (let i = 0; i < have.bytes.length; i++) {
    if ((pieces.bytes[i]! & ~have.bytes[i]! & (wanted?.bytes[i] ?? 0xff)) !== 0) return true;
  }
  return false;
}
