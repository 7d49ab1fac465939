/**
 * Super-seeding (BEP 16): a seed that is alone gives every piece away once before any twice, so that
 * little more than one copy leaves it before others have all pieces between them.
 *
 * It says that it has nothing, and shows each peer one piece at a time. The next one is shown when
 * somebody else says that it has the piece: then it was passed on. A peer that never passes anything
 * on gets no more, unless nobody else could: two are shown where it is the only one.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";

/** What is weighed of a peer. */
export interface SuperSeedPeer {
  readonly pieces: Bitfield;
}

/** What was shown to whom. */
export class SuperSeed<P extends SuperSeedPeer> {
  readonly #pieceCount: number;
  readonly #random: () => number;
  /** Pieces shown to a peer that nobody else has shown to have since. */
  readonly #shown = new Map<P, Set<number>>();
  /** How often each piece was shown: the least first. */
  readonly #timesShown: Uint16Array;

  constructor(pieceCount: number, random: () => number) {
    this.#pieceCount = pieceCount;
    this.#random = random;
    this.#timesShown = new Uint16Array(pieceCount);
  }

  /** A peer that connected: the piece to show it; undefined where it has all. */
  welcome(peer: P, availability: (piece: number) => number): number | undefined {
    this.#shown.set(peer, new Set());
    return this.#show(peer, availability);
  }

  /**
   * A peer says that it has a piece.
   *
   * @returns what to show to whom now
   */
  onHave(
    from: P,
    piece: number,
    availability: (piece: number) => number,
  ): { peer: P; piece: number }[] {
    const next: { peer: P; piece: number }[] = [];
    const show = (peer: P): void => {
      const shown = this.#show(peer, availability);
      if (shown !== undefined) next.push({ peer, piece: shown });
    };
    const others = this.#shown.size > 1;
    for (const [peer, pieces] of this.#shown) {
      // Passed on by the one it was shown to; where there is no other peer, arriving is enough.
      if ((peer !== from || !others) && pieces.delete(piece)) show(peer);
    }
    return next;
  }

  /** A peer left: what only it was shown may be lost. */
  onLeft(peer: P): void {
    for (const piece of this.#shown.get(peer) ?? []) this.#timesShown[piece]!--;
    this.#shown.delete(peer);
  }

  #show(peer: P, availability: (piece: number) => number): number | undefined {
    const start = Math.floor(this.#random() * this.#pieceCount);
    let best: number | undefined;
    let bestCost = Infinity;
    for (let i = 0; i < this.#pieceCount; i++) {
      const piece = (start + i) % this.#pieceCount;
      if (peer.pieces.has(piece) || this.#shown.get(peer)!.has(piece)) continue;
      const cost = Math.max(this.#timesShown[piece]!, availability(piece));
      if (cost < bestCost) [best, bestCost] = [piece, cost];
      if (cost === 0) break;
    }
    if (best === undefined) return undefined;
    this.#timesShown[best]!++;
    this.#shown.get(peer)!.add(best);
    return best;
  }
}
