/**
 * A peer says which pieces it has. One that lacks nothing but padding, as clients do that take it for
 * files (BEP 47), has everything: anybody can make zeros.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/layout.ts";
import type { Peer } from "./peer.ts";
import type { PiecePicker } from "./piece_picker.ts";

/** It says all that it has, for the first time. */
export function beginWith(
  peer: Peer,
  pieces: Bitfield,
  picker: PiecePicker,
  layout: Layout,
): void {
  for (const zeros of layout.paddingLeft(pieces)) pieces.add(zeros);
  peer.announcedPieces = true;
  peer.pieces = pieces;
  peer.countedAsSeed = pieces.isFull;
  if (peer.countedAsSeed) picker.addSeed();
  else picker.addPeer(pieces);
}

/** It got one more; false where it had that one. */
export function gainPiece(
  peer: Peer,
  piece: number,
  picker: PiecePicker,
  layout: Layout,
): boolean {
  if (!peer.pieces.add(piece)) return false;
  if (!peer.countedAsSeed) picker.onHave(piece);
  for (const zeros of layout.paddingLeft(peer.pieces)) {
    peer.pieces.add(zeros);
    picker.onHave(zeros);
  }
  return true;
}
