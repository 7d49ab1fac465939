/**
 * How much the other end may have under way to us: what the line holds, and what the system keeps for
 * us while we are busy. BEP 29 leaves the size of the window to the receiver.
 *
 * @module
 */

/**
 * Bytes that may come at once. A system keeps some 90 full packets for a UDP socket (208 KiB, of which
 * each takes more than its bytes) and drops the rest, and a drop halves the sender's window. On loopback
 * 128 MiB from libtorrent took 25 s before there was this bound, and 1.8 to 3.4 s with it.
 */
export const BURST = 64 * 1024;
/** ms over which arrivals are counted. */
const INTERVAL = 100;
/** ms after which a shortest round trip is measured anew: the way may have changed. */
const WAY_KEEPS = 10_000;

/** The window of one connection, in bytes: it grows by a burst each round trip that was used. */
export class ReceiveWindow {
  #since: number;
  #arrived = 0;
  /** Bytes per ms. */
  #rate = 0;
  #shortest = Infinity;
  #shortestBefore = Infinity;
  #wayKnownAt: number;

  constructor(now: number) {
    this.#since = now;
    this.#wayKnownAt = now;
  }

  /** What may be under way. */
  get bytes(): number {
    const roundTrip = Math.min(this.#shortest, this.#shortestBefore);
    return BURST + (roundTrip === Infinity ? 0 : Math.floor(this.#rate * roundTrip));
  }

  /** Bytes came. */
  arrived(bytes: number, now: number): void {
    this.#arrived += bytes;
    const took = now - this.#since;
    if (took < INTERVAL) return;
    this.#rate = this.#arrived / took;
    this.#arrived = 0;
    this.#since = now;
  }

  /** A packet there and one back took `roundTrip` ms: the line's own time, and more where they queue. */
  took(roundTrip: number, now: number): void {
    if (now - this.#wayKnownAt >= WAY_KEEPS) {
      this.#shortestBefore = this.#shortest;
      this.#shortest = Infinity;
      this.#wayKnownAt = now;
    }
    this.#shortest = Math.min(this.#shortest, roundTrip);
  }
}
