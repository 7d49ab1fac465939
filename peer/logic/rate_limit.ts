/**
 * A limit in bytes per second, as a bucket that fills with time.
 *
 * @module
 */

/** Hands out at most `limit` bytes per second, with bursts of up to one second's worth. */
export class RateLimit {
  #limit: number;
  #tokens: number;
  #last: number | undefined;

  /** @param limit bytes per second; 0 for none */
  constructor(limit = 0) {
    this.#limit = limit;
    this.#tokens = 0;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(bytesPerSecond: number) {
    this.#limit = bytesPerSecond;
    this.#tokens = Math.min(this.#tokens, bytesPerSecond);
  }

  /**
   * How many bytes may go now; Infinity without a limit. What is `spent` may overdraw the bucket by
   * one block, so that a limit below a block's size still lets blocks through, at its pace.
   */
  available(now: number): number {
    if (this.#limit === 0) return Infinity;
    if (this.#last === undefined) this.#tokens = this.#limit / 4;
    else {
      this.#tokens = Math.min(
        this.#limit,
        this.#tokens + (now - this.#last) * this.#limit / 1000,
      );
    }
    this.#last = now;
    return Math.max(0, this.#tokens);
  }

  spend(bytes: number): void {
    if (this.#limit !== 0) this.#tokens -= bytes;
  }
}
