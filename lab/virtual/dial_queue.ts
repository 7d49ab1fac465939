/**
 * Addresses that a virtual peer knows and is not connected to, and when each is dialled.
 *
 * @module
 */

/** ms until an address is dialled again. */
export const AGAIN_MS = 5000;

/** One peer's, in the order in which it learnt of them. */
export class DialQueue {
  readonly #next = new Map<string, number>();
  #firstAt = Infinity;

  /** Somebody named an address; whether that is news. */
  add(host: string): boolean {
    if (this.#next.has(host)) return false;
    this.#next.set(host, 0);
    this.#firstAt = 0;
    return true;
  }

  /** A dial came to nothing, or a connection ended. */
  again(host: string, now: number): void {
    this.#next.set(host, now + AGAIN_MS);
    this.#firstAt = Math.min(this.#firstAt, now + AGAIN_MS);
  }

  /** Those whose time has come; they are no longer in the queue. */
  due(now: number): string[] {
    if (now < this.#firstAt) return [];
    const due: string[] = [];
    this.#firstAt = Infinity;
    for (const [host, at] of this.#next) {
      if (at <= now) due.push(host);
      else this.#firstAt = Math.min(this.#firstAt, at);
    }
    for (const host of due) this.#next.delete(host);
    return due;
  }

  clear(): void {
    this.#next.clear();
    this.#firstAt = Infinity;
  }
}
