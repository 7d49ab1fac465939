/**
 * One direction of a member's line to the network: all its wires share the rate, first come, first
 * served. Pure.
 *
 * @module
 */

/** A rate and when what was taken so far has passed. */
export class AccessLink {
  /** bytes/ms */
  #rate: number;
  /** ms at which everything taken so far has passed */
  #free = 0;

  /** @param rate bytes/s; undefined for no limit */
  constructor(rate: number | undefined) {
    this.#rate = perMs(rate);
  }

  /** bytes/ms; Infinity for no limit */
  get rate(): number {
    return this.#rate;
  }

  /** Changes the rate for what comes from now on. @param rate bytes/s; undefined for no limit */
  setRate(rate: number | undefined): void {
    this.#rate = perMs(rate);
  }

  /** Takes `bytes` that are there at `now` (ms): when the last of them has passed (ms). */
  pass(now: number, bytes: number): number {
    this.#free = Math.max(now, this.#free) + bytes / this.#rate;
    return this.#free;
  }

  /** ms that something has to wait that comes at `now`. */
  backlog(now: number): number {
    return Math.max(0, this.#free - now);
  }
}

function perMs(rate: number | undefined): number {
  return rate === undefined || rate <= 0 ? Infinity : rate / 1000;
}
