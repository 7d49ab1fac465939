/**
 * Rarest first: which piece to begin next. What it weighs, in this order (check all when changing
 * one):
 *
 * 1. only pieces that we want, nobody fetches yet, and the asked peer has;
 * 2. those of the highest priority first;
 * 3. of them the fewest copies among connected peers first (rarest first);
 * 4. among equals a random one, so that peers of one seed fetch different pieces; with a fast peer,
 *    where pieces are small, a random run of neighbours one after the other (they are written together);
 * 5. in sequential mode the lowest index instead of 3 and 4.
 *
 * Finishing pieces already begun comes before all of this (strict priority, in `download.ts`). A
 * random first piece, which Cohen 2003 has so that a newcomer soon owns something, is not done: allowed
 * fast pieces (BEP 6) serve that end, and among equally rare pieces the choice is random anyway.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";

/** What decides among equally wanted pieces; `random` is there to be compared with. */
export type PieceOrder = "rarest" | "random";

/** Pieces between two pauses. */
const PIECES_PER_STEP = 256;

/**
 * Pieces that one choice looks at: of more, so many decide. Whoever has a million of our candidates, or
 * all but none of them, would otherwise cost 15 ms with each small message.
 */
const LOOKS = 2 ** 12;

/**
 * Candidates lie in one array sorted by availability; a change of one moves it across bucket
 * borders by swaps, so that nothing is ever sorted again:
 *
 *     order:   [ a a a | b b | c c c c |        not candidates        ]
 *     #starts:   0       3     5        9 = #candidates
 *
 * They are kept as bitfields, too, one for each priority: where a peer has few of very many candidates,
 * those are found by comparing bytes. Peers that have everything are only counted: they make no piece
 * rarer than another.
 */
export class PiecePicker {
  readonly pieceCount: number;
  readonly #order: Uint32Array;
  readonly #position: Uint32Array;
  readonly #availability: Uint16Array;
  /** First position of each availability; one more entry marks the end of the candidates. */
  #starts: number[];
  #candidates: number;
  #seeds = 0;
  #version = 0;
  sequential = false;
  /** The candidates in wire order, by priority. */
  readonly #fields: (Uint8Array | undefined)[] = [];
  /** By piece, 0 for unwanted; undefined where all are alike. */
  #priorities: Uint8Array | undefined;
  /** Priorities that pieces have, the highest first. */
  #levels: readonly number[] = [];
  /** How often priorities were said. */
  #round = 0;
  readonly #random: () => number;
  readonly #by: PieceOrder;

  private constructor(
    order: Uint32Array,
    position: Uint32Array,
    random: () => number,
    by: PieceOrder,
  ) {
    this.pieceCount = order.length;
    this.#random = random;
    this.#by = by;
    this.#order = order;
    this.#position = position;
    this.#availability = new Uint16Array(order.length);
    this.#candidates = order.length;
    this.#starts = [0, order.length];
    this.#fields[1] = Bitfield.full(order.length).bytes;
  }

  /** @param random uniform in [0, 1) */
  static *steps(
    pieceCount: number,
    random: () => number,
    by: PieceOrder = "rarest",
  ): Steps<PiecePicker> {
    const order = new Uint32Array(pieceCount);
    for (let i = 0; i < pieceCount; i++) {
      if (i % PIECES_PER_STEP === 0) yield;
      order[i] = i;
    }
    const position = new Uint32Array(pieceCount);
    for (let i = pieceCount - 1; i >= 0; i--) {
      if (i % PIECES_PER_STEP === 0) yield;
      const j = Math.floor(random() * (i + 1));
      const piece = order[j]!;
      order[j] = order[i]!;
      order[i] = piece;
      position[piece] = i;
    }
    return new PiecePicker(order, position, random, by);
  }

  /** The same without a pause. */
  static of(pieceCount: number, random: () => number, by?: PieceOrder): PiecePicker {
    return atOnce(PiecePicker.steps(pieceCount, random, by));
  }

  /** Candidates left. */
  get candidates(): number {
    return this.#candidates;
  }

  /** Grows whenever a piece is begun or not any more, or has more copies or fewer. */
  get version(): number {
    return this.#version;
  }

  /** Connected peers that have a piece. */
  availability(piece: number): number {
    return this.#availability[piece]! + this.#seeds;
  }

  /** Connected peers that have a piece and lack others. */
  copies(piece: number): number {
    return this.#availability[piece]!;
  }

  /** A candidate that fewest have, where nothing but that counts; undefined elsewhere. */
  rarest(): number | undefined {
    const isFree = !this.sequential && this.#priorities === undefined && this.#by === "rarest";
    return isFree && this.#candidates > 0 ? this.#order[0] : undefined;
  }

  isCandidate(piece: number): boolean {
    return this.#position[piece]! < this.#candidates;
  }

  addSeed(): void {
    this.#seeds++;
    this.#version++;
  }

  removeSeed(): void {
    this.#seeds--;
    this.#version++;
  }

  /** A peer has these, of those from `from`, a multiple of 8, up to `to`. */
  addPeer(pieces: Bitfield, from = 0, to: number = pieces.length): void {
    // By bytes, since a peer that has next to nothing may come and go at no cost.
    const { bytes } = pieces;
    for (let i = from / 8; i < to / 8; i++) {
      const bits = bytes[i]!;
      for (let bit = 0; bits !== 0 && bit < 8; bit++) {
        if ((bits & (0x80 >> bit)) !== 0) this.onHave(8 * i + bit);
      }
    }
  }

  /** It went, as far as it was added. */
  removePeer(pieces: Bitfield, from = 0, to: number = pieces.length): void {
    // By bytes, since a peer that has next to nothing may come and go at no cost.
    const { bytes } = pieces;
    for (let i = from / 8; i < to / 8; i++) {
      const bits = bytes[i]!;
      for (let bit = 0; bits !== 0 && bit < 8; bit++) {
        if ((bits & (0x80 >> bit)) !== 0) this.onLost(8 * i + bit);
      }
    }
  }

  /** One peer less has a piece. */
  onLost(piece: number): void {
    this.#version++;
    const rank = this.#availability[piece]!--;
    if (this.isCandidate(piece)) this.#swap(piece, this.#starts[rank]!++);
  }

  /** One more peer has a piece. */
  onHave(piece: number): void {
    this.#version++;
    const rank = this.#availability[piece]!++;
    if (this.#candidates === 0 || !this.isCandidate(piece)) return;
    this.#rank(rank + 1);
    this.#swap(piece, --this.#starts[rank + 1]!);
  }

  /** A piece was begun, is owned, or is not wanted: no candidate any more. */
  take(piece: number): void {
    this.#version++;
    if (!this.isCandidate(piece)) return;
    for (let rank = this.#availability[piece]! + 1; rank < this.#starts.length; rank++) {
      this.#swap(piece, --this.#starts[rank]!);
    }
    this.#candidates--;
    this.#unmark(piece);
  }

  /** A piece is to be fetched after all: it failed, was lost, or is wanted again. */
  giveBack(piece: number): void {
    this.#version++;
    if (this.isCandidate(piece) || this.#priorities?.[piece] === 0) return;
    const rank = this.#availability[piece]!;
    this.#rank(rank);
    this.#swap(piece, this.#candidates++);
    this.#starts[this.#starts.length - 1]!++;
    for (let above = this.#starts.length - 2; above > rank; above--) {
      this.#swap(piece, this.#starts[above]!++);
    }
    this.#mark(piece);
  }

  /** The same as {@linkcode prioritySteps} without a pause. */
  prioritise(priorities: Uint8Array | undefined, isTaken: (piece: number) => boolean): void {
    atOnce(this.prioritySteps(priorities, isTaken));
  }

  /**
   * Says how much each piece is wanted, 0 for not at all; undefined for all alike. What is said while
   * this pauses takes its place.
   *
   * @param isTaken pieces that are no candidates, however much they are wanted: owned or begun
   */
  *prioritySteps(
    priorities: Uint8Array | undefined,
    isTaken: (piece: number) => boolean,
  ): Steps<void> {
    const round = ++this.#round;
    this.#priorities = priorities;
    this.#levels = [...new Set(priorities ?? [])].filter((level) => level > 0).sort().reverse();
    for (let piece = 0; piece < this.pieceCount; piece++) {
      if (piece % PIECES_PER_STEP === 0) yield;
      // Something else was said meanwhile.
      if (this.#round !== round) return;
      if (priorities?.[piece] === 0 || isTaken(piece)) this.take(piece);
      else if (this.isCandidate(piece)) {
        // It may have had another priority.
        this.#unmark(piece);
        this.#mark(piece);
      } else this.giveBack(piece);
    }
  }

  /** How much a piece is wanted; 1 where all are alike. */
  priority(piece: number): number {
    return this.#priorities?.[piece] ?? 1;
  }

  /**
   * The piece to begin with a peer that has `pieces`; undefined where it has none we look for.
   *
   * @param run so many neighbours, counted from multiples of it, follow one another where they are
   * equals
   * @param last the piece that was begun with the peer before
   */
  pick(pieces: Bitfield, run = 1, last?: number): number | undefined {
    const piece = this.#pick(pieces);
    if (piece === undefined || run === 1 || this.sequential) return piece;
    const next = last === undefined ? 0 : last + 1;
    if (next % run > 0 && this.#isEqual(next, piece, pieces)) return next;
    let first = piece;
    while (first % run > 0 && this.#isEqual(first - 1, piece, pieces)) first--;
    return first;
  }

  /** Whether a piece might as well be begun as the one that was picked. */
  #isEqual(other: number, piece: number, pieces: Bitfield): boolean {
    return other < this.pieceCount && this.isCandidate(other) && pieces.has(other) &&
      this.priority(other) === this.priority(piece) &&
      (this.#by === "random" || this.#availability[other] === this.#availability[piece]);
  }

  #pick(pieces: Bitfield): number | undefined {
    if (this.#priorities === undefined) return this.#pickOf(pieces, undefined);
    for (const level of this.#levels) {
      const piece = this.#pickOf(pieces, level);
      if (piece !== undefined) return piece;
    }
    return undefined;
  }

  /** The next candidate from `from` on that is one of `pieces`; undefined where there is none. */
  next(pieces: Bitfield, from: number): number | undefined {
    let first: number | undefined;
    for (const field of this.#fields) {
      const piece = field && nextIn(field, pieces.bytes, from, this.pieceCount);
      if (piece !== undefined && piece < (first ?? Infinity)) first = piece;
    }
    return first;
  }

  #pickOf(pieces: Bitfield, level: number | undefined): number | undefined {
    if (this.sequential) return this.#firstOf(pieces, level);
    const starts = this.#by === "rarest" ? this.#starts : [0, this.#candidates];
    let looks = 0;
    for (let rank = 0; rank < starts.length - 1; rank++) {
      const from = starts[rank]!;
      const size = starts[rank + 1]! - from;
      const offset = size > 1 ? Math.floor(this.#random() * size) : 0;
      for (let i = 0; i < size; i++) {
        if (looks++ === LOOKS) return this.#pickOfSome(pieces, level);
        const at = offset + i;
        const piece = this.#order[from + (at < size ? at : at - size)]!;
        if (pieces.has(piece) && this.#isOf(level, piece)) return piece;
      }
    }
    return undefined;
  }

  #isOf(level: number | undefined, piece: number): boolean {
    return level === undefined || this.#priorities![piece] === level;
  }

  /** The one of the lowest index. */
  #firstOf(pieces: Bitfield, level: number | undefined): number | undefined {
    if (level === undefined) return this.next(pieces, 0);
    const field = this.#fields[level];
    if (field === undefined) return undefined;
    let piece = nextIn(field, pieces.bytes, 0, this.pieceCount);
    // Priorities that were just said may not have reached it yet.
    while (piece !== undefined && this.#priorities![piece] !== level) {
      piece = nextIn(field, pieces.bytes, piece + 1, this.pieceCount);
    }
    return piece;
  }

  /**
   * The same choice where a walk over the candidates would be long: among those that the peer has, from
   * a random place on.
   */
  #pickOfSome({ bytes }: Bitfield, level: number | undefined): number | undefined {
    const field = this.#fields[level ?? 1];
    if (field === undefined) return undefined;
    const begin = 8 * Math.floor(this.#random() * field.length);
    let found: number | undefined;
    let rarest = Infinity;
    let equals = 0;
    let looks = 0;
    for (const [from, to] of [[begin, this.pieceCount], [0, begin]] as const) {
      let piece = nextIn(field, bytes, from, to);
      for (; piece !== undefined && looks < LOOKS; looks++) {
        const copies = this.#by === "rarest" ? this.#availability[piece]! : 0;
        // Priorities that were just said may not have reached it yet.
        if (copies <= rarest && this.#isOf(level, piece)) {
          equals = copies < rarest ? 1 : equals + 1;
          rarest = copies;
          if (this.#random() * equals < 1) found = piece;
        }
        piece = nextIn(field, bytes, piece + 1, to);
      }
    }
    return found;
  }

  #mark(piece: number): void {
    const field = this.#fields[this.priority(piece)] ??= new Uint8Array(
      Math.ceil(this.pieceCount / 8),
    );
    field[piece >> 3]! |= 0x80 >> (piece & 7);
  }

  /** Whatever priority it had. */
  #unmark(piece: number): void {
    for (let level = 1; level < this.#fields.length; level++) {
      const field = this.#fields[level];
      if (field !== undefined) field[piece >> 3]! &= ~(0x80 >> (piece & 7));
    }
  }

  /** Makes sure that a bucket for this availability is there. */
  #rank(rank: number): void {
    while (this.#starts.length < rank + 2) this.#starts.push(this.#candidates);
  }

  #swap(piece: number, to: number): void {
    const from = this.#position[piece]!;
    const other = this.#order[to]!;
    this.#order[from] = other;
    this.#position[other] = from;
    this.#order[to] = piece;
    this.#position[piece] = to;
  }
}

/** The first index from `from` and below `to` that both bitfields have. */
function nextIn(a: Uint8Array, b: Uint8Array, from: number, to: number): number | undefined {
  const end = Math.ceil(to / 8);
  for (let i = from >> 3; i < end; i++) {
    let both = a[i]! & b[i]!;
    if (i === from >> 3) both &= 0xff >> (from & 7);
    if (both === 0) continue;
    const index = 8 * i + Math.clz32(both) - 24;
    return index < to ? index : undefined;
  }
  return undefined;
}
