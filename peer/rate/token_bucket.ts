/**
 * Token bucket: a burst at once, then a fixed amount per second.
 *
 * @module
 */

/** It fills again by itself. Amounts in any unit, times in ms. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number | undefined;

  /** @param burst what may be had at once */
  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  /** Whether so much may be had now. Nothing is taken. */
  has(amount: number, now: number): boolean {
    return this.#fill(now) >= amount;
  }

  /** Whether it was had: all of it or nothing. */
  take(amount: number, now: number): boolean {
    if (this.#fill(now) < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Whether nothing was taken of late, so that a new one would be the same. */
  isFull(now: number): boolean {
    return this.#fill(now) >= this.#burst;
  }

  #fill(now: number): number {
    const since = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#left = Math.min(this.#burst, this.#left + since * this.#perSecond / 1000);
    return this.#left;
  }
}
