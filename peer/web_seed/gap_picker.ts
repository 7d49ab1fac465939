/**
 * Gap picker: which consecutive pieces to request from a web seed.
 *
 * What it weighs, in this order:
 *
 * 1. pieces of the highest priority;
 * 2. of them those with the fewest copies among the peers, who can give each other the rest;
 * 3. the longest gap, since one request for many pieces is cheap for a web server;
 * 4. a random place in it, so that a room full of peers does not fetch the same pieces there;
 * 5. in sequential mode the first gap from its start instead of 2 to 4.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";

/**
 * The piece to begin with; undefined where none is to be had.
 *
 * @param pieces what the web seed has
 * @param most pieces that one request takes
 * @param random uniform in [0, 1)
 */
export function startOfRun(
  picker: PiecePicker,
  pieces: Bitfield,
  most: number,
  random: () => number,
): number | undefined {
  const isFree = (piece: number) => picker.isCandidate(piece) && pieces.has(piece);
  let best: { first: number; length: number; priority: number; copies: number } | undefined;
  for (let next: number | undefined = 0; (next = picker.next(pieces, next)) !== undefined;) {
    const first = next;
    let piece = first + 1;
    const copies = picker.availability(first);
    const priority = picker.priority(first);
    while (
      piece < picker.pieceCount && isFree(piece) && picker.availability(piece) === copies &&
      picker.priority(piece) === priority
    ) piece++;
    next = piece;
    const length = piece - first;
    const order = best === undefined ? 1 : priority - best.priority ||
      (picker.sequential ? 0 : best.copies - copies || length - best.length);
    if (order > 0) best = { first, length, priority, copies };
  }
  if (best === undefined) return undefined;
  // A gap that two requests fill is not worth breaking up.
  if (picker.sequential || best.length <= 2 * most) return best.first;
  return best.first + Math.floor(random() * (best.length - most));
}
