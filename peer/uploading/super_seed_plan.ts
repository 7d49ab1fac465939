/**
 * Super-seeding (BEP 16), the decision: which piece to show to which peer.
 *
 * It says that it has nothing, and shows each peer a few pieces. What it weighs:
 *
 * 1. the piece that was shown least and that fewest others have is shown next;
 * 2. a peer is shown another when somebody else has one it was shown: it passed it on;
 * 3. who keeps all to itself waits ten seconds for each: it may have nobody to give to;
 * 4. once the others have everything between them it is over, and a seed like any other is left.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";

/** What is weighed of a peer. */
export interface SuperSeedPeer {
  readonly pieces: Bitfield;
}

/** A piece that a peer is to be told of. */
export interface ShownPiece<P> {
  readonly peer: P;
  readonly piece: number;
}

/** Pieces a peer is shown at once: one on its way and one that it may ask for next. */
const AT_ONCE = 2;
/** ms after which a peer that has a piece and passes it to nobody is shown another. */
const PATIENCE_MS = 10_000;
/** Pieces that one choice weighs: of two million, so many decide. */
const LOOKS = 2 ** 12;

/** What was shown to whom, and not passed on yet. */
export class SuperSeedPlan<P extends SuperSeedPeer> {
  readonly #pieceCount: number;
  readonly #random: () => number;
  readonly #availability: (piece: number) => number;
  /** By peer: pieces, and since when the peer has each; undefined while it does not. */
  readonly #shown = new Map<P, Map<number, number | undefined>>();
  readonly #timesShown: Uint16Array;
  /** A piece that nobody else had when it was last looked at. */
  #missing = 0;

  /** @param availability connected peers that have a piece */
  constructor(
    pieceCount: number,
    availability: (piece: number) => number,
    random: () => number,
  ) {
    this.#pieceCount = pieceCount;
    this.#availability = availability;
    this.#random = random;
    this.#timesShown = new Uint16Array(pieceCount);
  }

  /** Whether the others have everything between them. */
  get isOver(): boolean {
    for (let looked = 0; looked < this.#pieceCount; looked++) {
      if (this.#availability(this.#missing) === 0) return false;
      this.#missing = (this.#missing + 1) % this.#pieceCount;
    }
    return true;
  }

  isKnown(peer: P): boolean {
    return this.#shown.has(peer);
  }

  /** A peer connected, and what it has is known. */
  *welcome(peer: P): Generator<ShownPiece<P>> {
    this.#shown.set(peer, new Map());
    for (let i = 0; i < AT_ONCE; i++) yield* this.#show(peer);
  }

  /** A peer says that it has a piece: what to show to whom now. */
  *onHave(from: P, piece: number, now: number): Generator<ShownPiece<P>> {
    for (const [peer, pieces] of this.#shown) {
      if (!pieces.has(piece)) continue;
      if (peer !== from || this.#shown.size === 1) {
        pieces.delete(piece);
        yield* this.#show(peer);
      } else pieces.set(piece, now);
    }
  }

  /** A peer says anew all that it has: as `onHave`, for whatever was shown to anybody. */
  *onPieces(from: P, now: number): Generator<ShownPiece<P>> {
    const shown = new Set([...this.#shown.values()].flatMap((pieces) => [...pieces.keys()]));
    for (const piece of shown) if (from.pieces.has(piece)) yield* this.onHave(from, piece, now);
  }

  /** Some time has passed: who waited long enough. */
  *tick(now: number): Generator<ShownPiece<P>> {
    for (const [peer, pieces] of this.#shown) {
      for (const [piece, since] of pieces) {
        if (since === undefined || now - since < PATIENCE_MS) continue;
        pieces.delete(piece);
        yield* this.#show(peer);
      }
    }
  }

  /** A peer left; what it did not get is to be shown to another. */
  onLeft(peer: P): void {
    for (const [piece, since] of this.#shown.get(peer) ?? []) {
      if (since === undefined) this.#timesShown[piece]!--;
    }
    this.#shown.delete(peer);
  }

  *#show(peer: P): Generator<ShownPiece<P>> {
    const shown = this.#shown.get(peer)!;
    const start = Math.floor(this.#random() * this.#pieceCount);
    let best: number | undefined;
    let bestCost = Infinity;
    let looks = 0;
    for (let i = 0; i < this.#pieceCount && bestCost > 0 && looks < LOOKS; i++) {
      const piece = (start + i) % this.#pieceCount;
      if (peer.pieces.has(piece) || shown.has(piece)) continue;
      looks++;
      const cost = Math.max(this.#timesShown[piece]!, this.#availability(piece));
      if (cost < bestCost) [best, bestCost] = [piece, cost];
    }
    if (best === undefined) return;
    this.#timesShown[best]!++;
    shown.set(best, undefined);
    yield { peer, piece: best };
  }
}
