/**
 * Spreads what uTP sends over the round trip, so that a large window is no burst that overruns a short
 * queue on the way. Without timers: what may go is counted when packets or ticks come.
 *
 * @module
 */

/** Ways so short need none: acknowledgements come as often as ticks. */
const SHORT_MS = 40;
/** Packets that may go at once in any case. */
const BURST = 10;
/** ms of sending that may be saved up: two ticks, of which one may be late. */
const SAVED_MS = 40;
/** How much faster than a window in a round trip: so that it can grow. */
const HASTE = 1.25;
const SLOW_START_HASTE = 2;

/** What one connection may send now. */
export class UtpPacing {
  #allowed = 0;
  #at = 0;

  /**
   * Time has passed.
   *
   * @param window bytes that may be under way
   * @param roundTrip ms; 0 where it is not known
   * @param packet bytes of payload in a packet
   */
  refill(
    now: number,
    { window, roundTrip, packet, isSlowStart }: {
      window: number;
      roundTrip: number;
      packet: number;
      isSlowStart: boolean;
    },
  ): void {
    const passed = now - this.#at;
    this.#at = now;
    if (roundTrip < SHORT_MS) {
      this.#allowed = Infinity;
      return;
    }
    const rate = (isSlowStart ? SLOW_START_HASTE : HASTE) * window / roundTrip;
    const most = Math.max(BURST * packet, rate * SAVED_MS);
    this.#allowed = Math.min(most, this.#allowed + rate * passed);
  }

  /** Whether a packet may go now. */
  get isOpen(): boolean {
    return this.#allowed > 0;
  }

  /** A packet goes. */
  spend(bytes: number): void {
    this.#allowed -= bytes;
  }
}
