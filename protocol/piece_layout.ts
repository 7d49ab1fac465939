/**
 * Pieces and blocks: sizes and offsets.
 *
 * @module
 */
import { Bitfield } from "./bitfield.ts";

/** Length in bytes of every block but a piece's last: what all clients ask for and serve. */
export const BLOCK_LENGTH = 16384;

/** Where pieces end early. */
export interface Padding {
  /** Bytes of each piece that ends in padding, before it. */
  readonly contentSizes: ReadonlyMap<number, number>;
  /** Whether that padding is only a gap (v2): never asked for, never hashed. */
  readonly isGap: boolean;
  /** Pieces of padding alone, in order: zeros (BEP 47). */
  readonly pieces?: readonly number[];
}

/** How `totalSize` bytes are cut into pieces and blocks. */
export class Layout {
  /** Bytes in all, padding and gaps included. */
  readonly totalSize: number;
  /** Bytes in all without gaps. */
  readonly payloadSize: number;
  /** Bytes of every piece but the last. */
  readonly pieceLength: number;
  readonly pieceCount: number;

  readonly #padding: Padding | undefined;
  /** Pieces of padding alone. */
  readonly #zeros: Bitfield;

  constructor(totalSize: number, pieceLength: number, padding?: Padding) {
    if (!Number.isSafeInteger(totalSize) || totalSize < 0) {
      throw new RangeError(`Cannot lay out ${totalSize} bytes`);
    }
    if (!Number.isSafeInteger(pieceLength) || pieceLength < 1) {
      throw new RangeError(`Cannot lay out pieces of ${pieceLength} bytes`);
    }
    this.totalSize = totalSize;
    this.pieceLength = pieceLength;
    this.pieceCount = Math.ceil(totalSize / pieceLength);
    this.#padding = padding;
    const zeros = padding?.pieces ?? [];
    this.#zeros = new Bitfield(zeros.length === 0 ? 0 : this.pieceCount);
    for (const piece of zeros) this.#zeros.add(piece);
    this.payloadSize = totalSize - this.#gapBytes(() => true);
  }

  /** Offset in bytes of a piece from the start of the torrent. */
  pieceOffset(piece: number): number {
    return piece * this.pieceLength;
  }

  /** Length in bytes of a piece: the last may be short, in v2 the last of each file. */
  pieceSize(piece: number): number {
    if (this.#padding?.isGap) {
      const size = this.#padding.contentSizes.get(piece);
      if (size !== undefined) return size;
    }
    return piece === this.pieceCount - 1
      ? this.totalSize - this.pieceOffset(piece)
      : this.pieceLength;
  }

  /** How many bytes of a piece lie before the padding that it ends in. */
  contentSize(piece: number): number {
    return this.#padding?.contentSizes.get(piece) ?? this.pieceSize(piece);
  }

  /** Pieces of padding alone, in order: everybody knows that they are zeros (BEP 47). */
  get paddingPieces(): readonly number[] {
    return this.#padding?.pieces ?? [];
  }

  /** How many of the pieces that `have` lacks are more than padding. */
  contentLacking(have: Bitfield): number {
    const lacking = this.pieceCount - have.count;
    return this.#zeros.count === 0 ? lacking : lacking - this.#zeros.countWithout(have);
  }

  /** Whether a piece is padding alone. */
  isPadding(piece: number): boolean {
    return this.#zeros.count > 0 && this.#zeros.has(piece);
  }

  /** What `have` lacks where that is padding alone; none where it lacks more. */
  paddingLeft(have: Bitfield): readonly number[] {
    const lacking = this.pieceCount - have.count;
    if (lacking === 0 || lacking > this.#zeros.count) return [];
    if (this.#zeros.countWithout(have) !== lacking) return [];
    return this.paddingPieces.filter((piece) => !have.has(piece));
  }

  /** Bytes of the pieces that are not in `have`, without gaps. */
  bytesMissing(have: { readonly count: number; has(piece: number): boolean }): number {
    const count = this.pieceCount - have.count;
    return this.bytesIn({ count, has: (piece) => !have.has(piece) });
  }

  /** Bytes of some pieces, without gaps. */
  bytesIn(pieces: { readonly count: number; has(piece: number): boolean }): number {
    if (pieces.count === 0) return 0;
    const last = this.pieceCount - 1;
    const lastSize = this.totalSize - this.pieceOffset(last);
    const shorter = pieces.has(last) ? this.pieceLength - lastSize : 0;
    return pieces.count * this.pieceLength - shorter - this.#gapBytes((piece) => pieces.has(piece));
  }

  /** Bytes of the gaps behind some pieces. */
  #gapBytes(isCounted: (piece: number) => boolean): number {
    if (!this.#padding?.isGap) return 0;
    let bytes = 0;
    for (const [piece, size] of this.#padding.contentSizes) {
      const whole = Math.min(this.pieceLength, this.totalSize - this.pieceOffset(piece));
      if (isCounted(piece)) bytes += whole - size;
    }
    return bytes;
  }

  blockCount(piece: number): number {
    return Math.ceil(this.pieceSize(piece) / BLOCK_LENGTH);
  }

  /** Length in bytes of a block of a piece: the piece's last may be short. */
  blockSize(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceSize(piece) - block * BLOCK_LENGTH);
  }

  /**
   * Whether a peer may ask for these bytes: inside one piece, not empty. Some clients (libtorrent
   * 2.0) ask for whole blocks where a v2 file ends, and expect zeros for the gap.
   */
  contains(piece: number, begin: number, length: number): boolean {
    const end = this.#padding?.isGap ? this.pieceLength : this.pieceSize(piece);
    return piece >= 0 && piece < this.pieceCount && begin >= 0 && length > 0 &&
      begin < this.pieceSize(piece) && begin + length <= end;
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
