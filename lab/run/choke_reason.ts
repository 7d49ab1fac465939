/**
 * Reasons of the choker as words of the record, the same in both worlds. Pure.
 *
 * @module
 */

/** Why a peer was unchoked or choked, in a word of the record. */
export function whyOf(reason: string, isSeeding: boolean): string {
  if (reason.startsWith("optimistic turn")) return "optimistic";
  if (reason === "a slot was free") return "free slot";
  return isSeeding ? "seed" : reason.startsWith("rank") ? "regular" : reason;
}
