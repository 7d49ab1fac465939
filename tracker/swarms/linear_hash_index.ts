/**
 * An index from keys to rows that grows by one bucket at a time (linear hashing), so that no single
 * insertion pays for all that are there. 4 bytes a row and 4 in the row itself, where a `Map` takes
 * some 80.
 *
 * @module
 */
import { NONE, PAGE, PAGE_BITS, PAGE_MASK } from "./slot_pool.ts";

/** Where rows have a word for the row that follows in their bucket. */
export interface Links {
  /** The rows, in pages by row number. */
  readonly pages: readonly (Int32Array | undefined)[];
  /** Words in a row. */
  readonly width: number;
  /** Which of them is the link. */
  readonly at: number;
}

/** Bits of the fewest buckets. */
const FEWEST_BITS = 6;

/**
 * Chains of rows whose keys have the same hash, or nearly so: the caller compares.
 *
 * ```ts
 * for (let row = index.first(hash); row !== NONE; row = index.next(row)) if (isIt(row)) return row;
 * ```
 */
export class LinearHashIndex {
  readonly #hashOf: (row: number) => number;
  /** The first row of each bucket, in pages. */
  readonly #buckets: Int32Array[] = [];
  readonly #links: Links;
  #bits = FEWEST_BITS;
  /** Buckets below this are split already: there are 2^bits + split. */
  #split = 0;
  #size = 0;

  /** @param hashOf the same 32 bits for a row, whenever it is asked */
  constructor(links: Links, hashOf: (row: number) => number) {
    this.#links = links;
    this.#hashOf = hashOf;
    this.#buckets.push(new Int32Array(PAGE).fill(NONE));
  }

  get size(): number {
    return this.#size;
  }

  first(hash: number): number {
    return this.#head(this.#bucketOf(hash));
  }

  next(row: number): number {
    const { pages, width, at } = this.#links;
    return pages[row >> PAGE_BITS]![(row & PAGE_MASK) * width + at]!;
  }

  /** Puts a row in. Its key must not be there yet. */
  add(row: number): void {
    this.#push(this.#bucketOf(this.#hashOf(row)), row);
    if (++this.#size > (1 << this.#bits) + this.#split) this.#grow();
  }

  /** Takes a row out. Its key must still be readable. */
  delete(row: number): void {
    const bucket = this.#bucketOf(this.#hashOf(row));
    let before = NONE;
    for (let at = this.#head(bucket); at !== row; at = this.next(at)) before = at;
    if (before === NONE) this.#setHead(bucket, this.next(row));
    else this.#setNext(before, this.next(row));
    const buckets = (1 << this.#bits) + this.#split;
    if (--this.#size < buckets >> 1 && buckets > 1 << FEWEST_BITS) this.#shrink();
  }

  /** Splits one bucket in two, by one more bit of the hash. */
  #grow(): void {
    const from = this.#split;
    const to = (1 << this.#bits) + this.#split;
    if (to >> PAGE_BITS === this.#buckets.length) {
      this.#buckets.push(new Int32Array(PAGE).fill(NONE));
    }
    if (++this.#split === 1 << this.#bits) {
      this.#bits++;
      this.#split = 0;
    }
    let row = this.#head(from);
    this.#setHead(from, NONE);
    while (row !== NONE) {
      const next = this.next(row);
      this.#push(this.#bucketOf(this.#hashOf(row)), row);
      row = next;
    }
  }

  /** Joins the last bucket to the one it was split from. */
  #shrink(): void {
    if (this.#split === 0) {
      this.#bits--;
      this.#split = 1 << this.#bits;
    }
    const to = --this.#split;
    const from = (1 << this.#bits) + this.#split;
    let row = this.#head(from);
    this.#setHead(from, NONE);
    while (row !== NONE) {
      const next = this.next(row);
      this.#push(to, row);
      row = next;
    }
    // One page more than needed stays, so that a size that goes up and down costs nothing.
    if (from >> PAGE_BITS < this.#buckets.length - 2) this.#buckets.pop();
  }

  #bucketOf(hash: number): number {
    const low = hash & (1 << this.#bits) - 1;
    return low < this.#split ? hash & (2 << this.#bits) - 1 : low;
  }

  #head(bucket: number): number {
    return this.#buckets[bucket >> PAGE_BITS]![bucket & PAGE_MASK]!;
  }

  #setHead(bucket: number, row: number): void {
    this.#buckets[bucket >> PAGE_BITS]![bucket & PAGE_MASK] = row;
  }

  #setNext(row: number, next: number): void {
    const { pages, width, at } = this.#links;
    pages[row >> PAGE_BITS]![(row & PAGE_MASK) * width + at] = next;
  }

  #push(bucket: number, row: number): void {
    this.#setNext(row, this.#head(bucket));
    this.#setHead(bucket, row);
  }
}
