/**
 * Rate limit in bytes per second: a token bucket that fills with time.
 *
 * @module
 */

/** What may be sent or asked for now. */
export interface Limit {
  /** How many bytes may go at `now` (ms); Infinity without a limit. */
  available(now: number): number;
  spend(bytes: number): void;
}

/** Limits that hold at the same time, as a torrent's own and that of all together. */
export class JointLimit implements Limit {
  readonly #limits: readonly Limit[];

  constructor(...limits: readonly Limit[]) {
    this.#limits = limits;
  }

  available(now: number): number {
    return Math.min(...this.#limits.map((limit) => limit.available(now)));
  }

  spend(bytes: number): void {
    for (const limit of this.#limits) limit.spend(bytes);
  }
}

/** Hands out at most `limit` bytes per second, with bursts of up to one second's worth. */
export class RateLimit implements Limit {
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
