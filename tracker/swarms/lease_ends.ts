/**
 * When the leases of rows end: finds those whose time is up without a look at all of them.
 *
 * @module
 */
import { NONE, PAGE_BITS, type SlotPool } from "./slot_pool.ts";

/** Pages looked through in one sweep: some milliseconds. */
const SWEEP_PAGES = 1 << 8;

/** Remembers of each page of rows when the first lease may end. */
export class LeaseEnds {
  readonly #slots: SlotPool;
  readonly #endOf: (row: number) => number;
  /** No lease of a page ends before this, in seconds. */
  readonly #firsts: number[] = [];
  /** The page at which the next sweep begins. */
  #cursor = 0;

  /** @param endOf when the lease of a row ends, in seconds */
  constructor(slots: SlotPool, endOf: (row: number) => number) {
    this.#slots = slots;
    this.#endOf = endOf;
  }

  /** A row's lease ends at another time (s). To be called whenever it does. */
  note(row: number, end: number): void {
    const page = row >> PAGE_BITS;
    while (this.#firsts.length <= page) this.#firsts.push(Infinity);
    if (end < this.#firsts[page]!) this.#firsts[page] = end;
  }

  /**
   * Calls `over` with rows whose lease is over at `now` (s), as far as it gets; the next sweep goes on
   * from there. Each of them has to be given back, and no other row of a page that is being swept.
   *
   * @param most rows after which it ends, at the end of their page
   */
  sweep(now: number, over: (row: number) => void, most: number): void {
    const pages = this.#firsts.length;
    let looked = 0;
    let found = 0;
    for (let turn = 0; turn < pages && looked < SWEEP_PAGES && found < most; turn++) {
      const page = this.#cursor < pages ? this.#cursor : 0;
      this.#cursor = page + 1;
      if (this.#firsts[page]! > now) continue;
      looked++;
      for (const row of this.#overIn(page, now)) {
        over(row);
        found++;
      }
    }
  }

  #overIn(page: number, now: number): number[] {
    const over: number[] = [];
    const last = (page + 1 << PAGE_BITS) - 1;
    let first = Infinity;
    let row = this.#slots.next(page << PAGE_BITS);
    for (; row !== NONE && row <= last; row = this.#slots.next(row + 1)) {
      const end = this.#endOf(row);
      if (end <= now) over.push(row);
      else if (end < first) first = end;
    }
    this.#firsts[page] = first;
    return over;
  }
}
