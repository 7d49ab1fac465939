/**
 * The subtree of a piece in its file's Merkle tree (BEP 52).
 *
 * @module
 */
import { BLOCK_LENGTH } from "./piece_layout.ts";
import { levelsFor } from "./merkle.ts";

/** What of a piece is hashed, and into how high a tree. */
export interface PieceShape {
  /** Bytes of the file in it. */
  readonly length: number;
  /** Levels between the hashes of its blocks and its own. */
  readonly height: number;
}

/** The shape of a file's n-th piece. A file of one piece has a tree only as high as it needs. */
export function pieceShape(fileLength: number, pieceLength: number, n: number): PieceShape {
  return {
    length: Math.min(pieceLength, fileLength - n * pieceLength),
    height: fileLength <= pieceLength
      ? levelsFor(Math.ceil(fileLength / BLOCK_LENGTH))
      : Math.log2(pieceLength / BLOCK_LENGTH),
  };
}
