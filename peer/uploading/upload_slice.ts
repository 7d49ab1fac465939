/**
 * Upload slice: the bytes that are read together to serve a block: a piece, or of a large one a
 * part, so that few large pieces do not fill the memory that many peers share.
 *
 * @module
 */
import { BLOCK_LENGTH, type Layout } from "../../protocol/piece_layout.ts";

/** Bytes from one slice's begin to the next one's. */
export const SLICE_LENGTH = 2 ** 20;
/** Pieces are at most 128 MiB: more slices than any has. */
const SLICES_PER_PIECE = 256;

/** Some bytes of one piece. */
export interface UploadSlice {
  /** Names it among all slices of a torrent. */
  readonly key: number;
  /** Where it begins, from the piece's begin. */
  readonly begin: number;
  readonly length: number;
}

/** Names the slice that a block lies in. */
export function sliceKey(piece: number, begin: number): number {
  return piece * SLICES_PER_PIECE + Math.floor(begin / SLICE_LENGTH);
}

/**
 * The slice that a block (of at most 16 KiB from `begin`) lies in. Slices overlap by a block, so that
 * every block, wherever it begins, lies in one.
 */
export function sliceOf(layout: Layout, piece: number, begin: number): UploadSlice {
  const from = Math.floor(begin / SLICE_LENGTH) * SLICE_LENGTH;
  const length = Math.min(SLICE_LENGTH + BLOCK_LENGTH, layout.pieceSize(piece) - from);
  return { key: sliceKey(piece, begin), begin: from, length };
}
