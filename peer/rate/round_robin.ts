/**
 * Round robin over a rate limit: each waiting peer gets one block, or what makes one whole, then the
 * next in line, starting after the peer that was served last. Without it the budget would go to the
 * peer that happens to be first each time, or to the one that asks most often.
 *
 * @module
 */
import type { Limit } from "./rate_limit.ts";

/**
 * What came of a turn: it wants `more`; it goes `on` with what it has a part of, before anybody else;
 * it is `done`, until it queues again; or a limit of its own let nothing through, and it keeps its
 * place until `later`.
 */
export type Served = "more" | "on" | "done" | "later";

/** Those who wait, in the order of their turns. */
export class RoundRobin<K> {
  readonly #limit: Limit;
  /** Insertion order is the order of the queue: whoever is put in again goes to its end. */
  #waiting = new Map<K, (now: number) => Served>();
  #running = false;

  /** @param limit the one that all share; whoever has another one as well says "later" */
  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Puts somebody at the end of the queue; who waits already keeps its place.
   *
   * @param take spends a small part of the budget (a block)
   */
  queue(who: K, take: (now: number) => Served): void {
    if (!this.#waiting.has(who)) this.#waiting.set(who, take);
  }

  /** Somebody went. */
  leave(who: K): void {
    this.#waiting.delete(who);
  }

  /** Serves those who wait in turn, as far as the limit goes at `now` (ms). */
  run(now: number): void {
    if (this.#running || this.#waiting.size === 0) return;
    this.#running = true;
    /** Those who keep their places. */
    const first: [K, (now: number) => Served][] = [];
    try {
      // A key that is put back comes up again in the same loop, behind the others.
      for (const [who, take] of this.#waiting) {
        if (this.#limit.available(now) <= 0) break;
        this.#waiting.delete(who);
        let turn = take(now);
        while (turn === "on" && this.#limit.available(now) > 0) turn = take(now);
        if (turn === "more") this.#waiting.set(who, take);
        else if (turn === "on") first.unshift([who, take]);
        else if (turn === "later") first.push([who, take]);
      }
    } finally {
      this.#running = false;
      if (first.length > 0) this.#waiting = new Map([...first, ...this.#waiting]);
    }
  }
}
