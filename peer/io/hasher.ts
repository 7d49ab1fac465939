/**
 * SHA-1 on the thread pool, a bounded number at a time.
 *
 * @module
 */
import type { Hasher } from "../ports.ts";

/**
 * Hashes with Web Crypto, whose digests run beside the JS thread. Each digest in flight holds a copy
 * of its input, so those over the limit wait in line.
 */
export class PoolHasher implements Hasher {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param limit digests at a time; more than a few per core only takes memory */
  constructor(limit = 8) {
    this.#limit = limit;
  }

  async sha1(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#running < this.#limit) this.#running++;
    // Whoever finishes hands its place over, so the count stays as it is.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
