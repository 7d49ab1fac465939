/**
 * Bytes counted and their present rate.
 *
 * @module
 */

/** Seconds over which a rate is averaged: short enough to show a change, long enough not to flicker. */
const WINDOW = 5;

/** Counts bytes; its rate is the mean of the last five seconds, moved on by `tick`. */
export class RateMeter {
  /** Bytes in all. */
  total = 0;
  /** Bytes per second. */
  rate = 0;
  readonly #slots = new Float64Array(WINDOW);
  #filled = 0;
  #at = 0;
  #last = 0;

  add(bytes: number): void {
    this.total += bytes;
  }

  /** Bytes since the last tick. */
  get sinceTick(): number {
    return this.total - this.#last;
  }

  /** A second has passed. */
  tick(): void {
    this.#slots[this.#at] = this.total - this.#last;
    this.#last = this.total;
    this.#at = (this.#at + 1) % WINDOW;
    this.#filled = Math.min(WINDOW, this.#filled + 1);
    let sum = 0;
    for (const bytes of this.#slots) sum += bytes;
    this.rate = sum / this.#filled;
  }
}
