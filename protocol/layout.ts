/**
 * All piece, block and byte arithmetic of one torrent, so that no other file multiplies an index by
 * a piece length.
 *
 * @module
 */

/** Length in bytes of every block but a piece's last: what all clients ask for and serve. */
export const BLOCK_LENGTH = 16384;

/** How `totalSize` bytes are cut into pieces and blocks. */
export class Layout {
  /** Bytes in all. */
  readonly totalSize: number;
  /** Bytes of every piece but the last. */
  readonly pieceLength: number;
  readonly pieceCount: number;

  constructor(totalSize: number, pieceLength: number) {
    if (!Number.isSafeInteger(totalSize) || totalSize < 0) {
      throw new RangeError(`Cannot lay out ${totalSize} bytes`);
    }
    if (!Number.isSafeInteger(pieceLength) || pieceLength < 1) {
      throw new RangeError(`Cannot lay out pieces of ${pieceLength} bytes`);
    }
    this.totalSize = totalSize;
    this.pieceLength = pieceLength;
    this.pieceCount = Math.ceil(totalSize / pieceLength);
  }

  /** Offset in bytes of a piece from the start of the torrent. */
  pieceOffset(piece: number): number {
    return piece * this.pieceLength;
  }

  /** Length in bytes of a piece: the last may be short. */
  pieceSize(piece: number): number {
    return piece === this.pieceCount - 1
      ? this.totalSize - this.pieceOffset(piece)
      : this.pieceLength;
  }

  blockCount(piece: number): number {
    return Math.ceil(this.pieceSize(piece) / BLOCK_LENGTH);
  }

  /** Length in bytes of a block of a piece: the piece's last may be short. */
  blockSize(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceSize(piece) - block * BLOCK_LENGTH);
  }

  /** Whether a peer may ask for these bytes: inside one piece, not empty. */
  contains(piece: number, begin: number, length: number): boolean {
    return piece >= 0 && piece < this.pieceCount && begin >= 0 && length > 0 &&
      begin + length <= this.pieceSize(piece);
  }

  /** First and last piece that hold any of `length` bytes from `offset`; none for no bytes. */
  piecesOf(offset: number, length: number): { first: number; last: number } | undefined {
    if (length === 0) return undefined;
    return {
      first: Math.floor(offset / this.pieceLength),
      last: Math.floor((offset + length - 1) / this.pieceLength),
    };
  }
}
