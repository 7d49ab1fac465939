/**
 * Sampled timer: measures requests without reading the clock for each: that costs as much as to
 * parse one.
 *
 * @module
 */

/** One request of so many is timed; the others count as long as the last one that was. */
const EVERY = 8;

/** Times one kind of request. */
export class SampledTimer {
  #count = 0;
  #last = 0;

  /** What to give to {@linkcode seconds} at the end. */
  start(): number {
    return this.#count++ % EVERY === 0 ? performance.now() : -1;
  }

  seconds(start: number): number {
    if (start >= 0) this.#last = (performance.now() - start) / 1000;
    return this.#last;
  }
}
