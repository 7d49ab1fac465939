/**
 * The pieces of a torrent as a view has them: of one that has many, their sums are enough for a bar, and
 * a line of JSON does not name them.
 *
 * @module
 */
import type { PieceSpan, PieceStatus, TorrentSnapshot } from "../../peer/mod.ts";

/** A view and a line of JSON have the status of each piece up to so many. */
export const MAX_SHOWN_PIECES = 4096;

/** Pieces that are too many to be named one by one. Left out of JSON. */
export class LongPieces {
  readonly length: number;
  /** The sums of the pieces from `from` up to `to`. */
  readonly span: (from: number, to: number) => PieceSpan;

  constructor(length: number, span: (from: number, to: number) => PieceSpan) {
    this.length = length;
    this.span = span;
  }

  toJSON(): undefined {
    return undefined;
  }
}

/** A torrent's pieces for a view. */
export function shownPieces(torrent: TorrentSnapshot): readonly PieceStatus[] | LongPieces {
  const { pieceCount } = torrent;
  return pieceCount > MAX_SHOWN_PIECES
    ? new LongPieces(pieceCount, torrent.span)
    : torrent.pieces();
}
