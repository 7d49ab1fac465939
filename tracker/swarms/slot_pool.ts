/**
 * Numbers for rows of typed arrays: handed out, given back, and handed out again.
 *
 * Rows lie in pages, so that growing never copies what is there. A page serves blocks of one size;
 * when its last block is given back the page may serve another size, or go.
 *
 * @module
 */

/** Rows in a page, as a power of two: row `n` is the `n & PAGE_MASK`th of page `n >> PAGE_BITS`. */
export const PAGE_BITS = 10;
/** Rows in a page. */
export const PAGE = 1 << PAGE_BITS;
export const PAGE_MASK: number = PAGE - 1;
/** No row. */
export const NONE = -1;
/** Most pages: row numbers stay below 2^31. */
const MAX_PAGES = 1 << (31 - PAGE_BITS);

/** Where the rows lie. */
export interface PageOwner {
  /** Makes room for the rows of a page. */
  open(page: number): void;
  /** The page is empty: its room is not needed now. */
  drop(page: number): void;
}

interface Page {
  /** Its blocks have 2^order rows. */
  readonly order: number;
  /** One bit a block: taken or free. */
  readonly taken: Int32Array;
  count: number;
  /** No word of `taken` before this has a free bit. */
  hint: number;
  /** Its place among the pages of its order that have room, or -1. */
  at: number;
}

/** Which rows are taken. A bit for each, and no object. */
export class SlotPool {
  readonly #owner: PageOwner;
  readonly #pages: (Page | undefined)[] = [];
  readonly #dropped: number[] = [];
  /** Pages with room, by order. */
  readonly #room: number[][] = Array.from({ length: PAGE_BITS + 1 }, () => []);
  #size = 0;

  constructor(owner: PageOwner) {
    this.#owner = owner;
  }

  /** Blocks taken. */
  get size(): number {
    return this.#size;
  }

  /** The first row of a block of 2^`order` rows. Its content is whatever was there before. */
  take(order = 0): number {
    const room = this.#room[order]!;
    const number = room.length > 0 ? room[room.length - 1]! : this.#open(order);
    const page = this.#pages[number]!;
    while (page.taken[page.hint] === -1) page.hint++;
    const word = page.taken[page.hint]!;
    const bit = 31 - Math.clz32(~word & (word + 1));
    page.taken[page.hint] = word | 1 << bit;
    this.#size++;
    if (++page.count === PAGE >> order) {
      room.pop();
      page.at = -1;
    }
    return number << PAGE_BITS | (page.hint << 5 | bit) << order;
  }

  /** Gives a block back. */
  give(row: number): void {
    const number = row >> PAGE_BITS;
    const page = this.#pages[number]!;
    const block = (row & PAGE_MASK) >> page.order;
    page.taken[block >> 5]! &= ~(1 << (block & 31));
    page.hint = Math.min(page.hint, block >> 5);
    page.count--;
    this.#size--;
    const room = this.#room[page.order]!;
    if (page.at < 0) page.at = room.push(number) - 1;
    // One page with room stays, or a swarm of one that comes and goes would make and drop it.
    if (page.count > 0 || room.length === 1) return;
    const last = room.pop()!;
    if (last !== number) {
      room[page.at] = last;
      this.#pages[last]!.at = page.at;
    }
    this.#pages[number] = undefined;
    this.#dropped.push(number);
    this.#owner.drop(number);
  }

  /** The first taken row at or after `row`, or {@linkcode NONE}; for pools of single rows. */
  next(row: number): number {
    for (let number = row >> PAGE_BITS; number < this.#pages.length; number++) {
      const taken = this.#pages[number]?.taken;
      if (taken === undefined) continue;
      const from = number === row >> PAGE_BITS ? row & PAGE_MASK : 0;
      for (let word = from >> 5; word < taken.length; word++) {
        const bits = word === from >> 5 ? taken[word]! & -1 << (from & 31) : taken[word]!;
        if (bits !== 0) {
          return number << PAGE_BITS | word << 5 | 31 - Math.clz32(bits & -bits);
        }
      }
    }
    return NONE;
  }

  #open(order: number): number {
    const number = this.#dropped.pop() ?? this.#pages.length;
    if (number === MAX_PAGES) throw new RangeError("the tracker's tables are full");
    const blocks = PAGE >> order;
    const taken = new Int32Array(Math.ceil(blocks / 32));
    // Bits behind the last block never become free.
    if (blocks < 32) taken[0] = -1 << blocks;
    this.#pages[number] = { order, taken, count: 0, hint: 0, at: 0 };
    this.#room[order]!.push(number);
    this.#owner.open(number);
    return number;
  }
}
