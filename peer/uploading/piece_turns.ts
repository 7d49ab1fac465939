/**
 * Piece turns: where the uplink is limited, who is given a block of a piece is given the rest of it
 * before the next peer has its turn.
 *
 * A peer gives nothing of a piece before it owns all of it. Where eight peers get a block each by turns,
 * all have their pieces at the same late time. One piece after the other takes as long for all eight,
 * but the first can be passed on after an eighth of that. What is weighed:
 *
 * 1. a turn is the rest of a piece;
 * 2. silence looks like a fault: a turn ends after a second, and sooner where more than eight wait, so
 *    that each has one within eight seconds.
 *
 * @module
 */

/** ms that one turn takes at most, and one turn of all who wait. */
const MOST = { turn: 1000, round: 8000 };
/** ms without such a turn after which the next one is told again. */
const QUIET = 60_000;

/** Whose turn it is. */
export class PieceTurns<P> {
  /** Told where turns begin to go by pieces. @param waiting peers that want something */
  onDecision: ((waiting: number) => void) | undefined;
  #lastAt = -Infinity;
  #turn: { readonly peer: P; readonly piece: number; readonly since: number } | undefined;

  /** A block of a piece goes to a peer at `now` (ms). */
  onSent(peer: P, piece: number, now: number): void {
    const turn = this.#turn;
    if (turn?.peer !== peer || turn.piece !== piece) this.#turn = { peer, piece, since: now };
  }

  /**
   * Whether a peer that wants another block of a piece gets it before the others (at `now`, ms).
   *
   * @param waiting peers that want something, this one included
   */
  goesOn(peer: P, piece: number, waiting: number, now: number): boolean {
    const turn = this.#turn;
    if (turn?.peer !== peer || turn.piece !== piece) return false;
    if (now - turn.since >= Math.min(MOST.turn, MOST.round / waiting)) return false;
    if (waiting > 1) {
      if (now - this.#lastAt > QUIET) this.onDecision?.(waiting);
      this.#lastAt = now;
    }
    return true;
  }
}
