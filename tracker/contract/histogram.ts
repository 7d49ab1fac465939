/**
 * Histogram of durations, counted in classes: enough for a median and a tail, at a fixed cost.
 *
 * @module
 */

/** Upper bounds of the classes in seconds: two to a decade, from 10 µs to 1 s. */
export const BOUNDS: readonly number[] = [
  0.00001,
  0.00003,
  0.0001,
  0.0003,
  0.001,
  0.003,
  0.01,
  0.03,
  0.1,
  0.3,
  1,
];

/** Counts of durations by class. */
export class Histogram {
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #sum = 0;

  /** Notes one duration in seconds. */
  add(seconds: number): void {
    let index = 0;
    while (index < BOUNDS.length && seconds > BOUNDS[index]!) index++;
    this.#counts[index]! += 1;
    this.#sum += seconds;
  }

  /** All durations together, in seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** How many there were up to each of {@linkcode BOUNDS}, and at last how many in all. */
  get cumulative(): number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => total += count);
  }
}
