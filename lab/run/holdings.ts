/**
 * What a member has, told from the bytes that were delivered to it: that works for any program, without
 * its help. Pure.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";

/** What a delivered block changed. */
export interface Delivered {
  /** Its bytes had come before. */
  readonly isDuplicate: boolean;
  /** It was the last that a piece needed, and all of the piece is right. */
  readonly completes: boolean;
  /** The piece is whole and wrong: everybody who sent a block of it. */
  readonly failedFrom: readonly string[] | undefined;
}

/** A piece that is under way. */
interface UnderWay {
  /** Bytes that came since the piece was begun, or begun again. */
  attempt: Coverage;
  /** Right bytes that ever came. */
  readonly right: Coverage;
  isWrong: boolean;
  readonly from: Set<string>;
}

/** One member's pieces. */
export class Holdings {
  readonly #size: number;
  readonly #pieceLength: number;
  readonly #have: Bitfield;
  readonly #underWay = new Map<number, UnderWay>();

  /** @param size bytes of the content @param pieceLength bytes */
  constructor(size: number, pieceLength: number) {
    this.#size = size;
    this.#pieceLength = pieceLength;
    this.#have = new Bitfield(Math.ceil(size / pieceLength));
  }

  get isComplete(): boolean {
    return this.#have.isFull;
  }

  has(piece: number): boolean {
    return this.#have.has(piece);
  }

  /** It has the piece without having been sent it here, or it says so and nobody can know better. */
  add(piece: number): void {
    this.#have.add(piece);
    this.#underWay.delete(piece);
  }

  /** bytes of a piece: the last one may be shorter */
  lengthOf(piece: number): number {
    return Math.min(this.#pieceLength, this.#size - piece * this.#pieceLength);
  }

  /** A block has arrived. It lies within the torrent. */
  deliver(
    piece: number,
    begin: number,
    length: number,
    isRight: boolean,
    from: string,
  ): Delivered {
    const nothing = { completes: false, failedFrom: undefined };
    if (this.#have.has(piece)) return { ...nothing, isDuplicate: true };
    let state = this.#underWay.get(piece);
    if (state === undefined) {
      state = { attempt: new Coverage(), right: new Coverage(), isWrong: false, from: new Set() };
      this.#underWay.set(piece, state);
    }
    const isDuplicate = state.attempt.add(begin, begin + length) === 0;
    if (isRight) state.right.add(begin, begin + length);
    else state.isWrong = true;
    state.from.add(from);
    if (state.attempt.bytes < this.lengthOf(piece)) return { ...nothing, isDuplicate };
    if (!state.isWrong) {
      this.add(piece);
      return { isDuplicate, completes: true, failedFrom: undefined };
    }
    const failedFrom = [...state.from];
    state.attempt = new Coverage();
    state.isWrong = false;
    state.from.clear();
    return { isDuplicate, completes: false, failedFrom };
  }

  /**
   * The member says that it has a piece.
   *
   * @returns `known`: it was clear already; `completes`: it follows from what came; `unproven`: not all
   * of it was ever sent to it here
   */
  announce(piece: number): "known" | "completes" | "unproven" {
    if (this.#have.has(piece)) return "known";
    const state = this.#underWay.get(piece);
    if (state === undefined || state.right.bytes < this.lengthOf(piece)) return "unproven";
    this.add(piece);
    return "completes";
  }
}

/** Ranges of bytes, merged. */
export class Coverage {
  /** Ascending, apart from each other: [from, to). */
  #ranges: [number, number][] = [];
  #bytes = 0;

  /** How many bytes they are. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds [from, to); how many bytes of it are new. */
  add(from: number, to: number): number {
    const before = this.#bytes;
    const kept: [number, number][] = [];
    let [start, end] = [from, to];
    for (const range of this.#ranges) {
      if (range[1] < start || range[0] > end) kept.push(range);
      else {
        start = Math.min(start, range[0]);
        end = Math.max(end, range[1]);
      }
    }
    kept.push([start, end]);
    kept.sort((a, b) => a[0] - b[0]);
    this.#ranges = kept;
    this.#bytes = kept.reduce((sum, [a, b]) => sum + b - a, 0);
    return this.#bytes - before;
  }
}
