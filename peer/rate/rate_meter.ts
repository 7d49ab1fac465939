/**
 * Rate meter: bytes counted, and their present rate.
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
  /** Bytes of the second before the last tick. */
  latest = 0;
  readonly #slots = new Float64Array(WINDOW);
  /** Of all slots. Bytes are whole numbers, so that it stays exact. */
  #sum = 0;
  #filled = 0;
  #at = 0;
  #last = 0;
  /** The only slot filled covers less than a second: bytes began to come in the middle of it. */
  #isPartial = false;

  add(bytes: number): void {
    this.total += bytes;
  }

  /** Bytes since the last tick. */
  get sinceTick(): number {
    return this.total - this.#last;
  }

  /** A second has passed. */
  tick(): void {
    const bytes = this.total - this.#last;
    this.#last = this.total;
    this.latest = bytes;
    // Most connections rest most of the time: what is zero stays so.
    if (bytes === 0 && this.rate === 0 && this.#filled === WINDOW) return;
    if (this.#isPartial && bytes > 0) this.#restart();
    else if (this.rate === 0 && bytes > 0) {
      // What comes after a silence is not averaged with it.
      this.#restart();
      this.#isPartial = true;
    } else this.#isPartial = false;
    this.#sum += bytes - this.#slots[this.#at]!;
    this.#slots[this.#at] = bytes;
    this.#at = (this.#at + 1) % WINDOW;
    this.#filled = Math.min(WINDOW, this.#filled + 1);
    this.rate = this.#sum / this.#filled;
  }

  #restart(): void {
    this.#slots.fill(0);
    this.#sum = 0;
    this.#filled = 0;
    this.#isPartial = false;
  }
}
