/**
 * Rate per address: how many answers an address gets in a window of time.
 *
 * @module
 */

/** Counts per address. Memory is bounded: with too many addresses all wait for the next window. */
export class AddressRate {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #maxAddresses: number;
  readonly #counts = new Map<string, number>();
  #window = -1;

  constructor(options: { limit: number; windowMs: number; maxAddresses?: number }) {
    this.#limit = options.limit;
    this.#windowMs = options.windowMs;
    this.#maxAddresses = options.maxAddresses ?? 1000;
  }

  /** Whether one more is within the limit; it counts. `now` in ms. */
  take(address: string, now: number): boolean {
    const window = Math.floor(now / this.#windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts.clear();
    }
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#limit) return false;
    if (count === 0 && this.#counts.size >= this.#maxAddresses) return false;
    this.#counts.set(address, count + 1);
    return true;
  }
}
