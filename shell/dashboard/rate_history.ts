/**
 * Rates of the last ten minutes, so that a page that was just opened shows how it came to this:
 * small rings of numbers, one entry a second, and nothing else.
 *
 * @module
 */

/** Between two samples, ms. */
export const SAMPLE_MS = 1000;
/** Samples that are kept. */
export const KEPT_SAMPLES = 600;
/** Things that are remembered at a time. */
const MAX_KEYS = 1000;

/** What is remembered of one thing: `width` numbers a sample, the oldest overwritten first. */
class Ring {
  readonly #width: number;
  readonly #numbers: Float32Array;
  #count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#numbers = new Float32Array(width * KEPT_SAMPLES);
  }

  add(values: readonly number[]): void {
    const at = this.#count++ % KEPT_SAMPLES;
    this.#numbers.set(values.slice(0, this.#width), at * this.#width);
  }

  /** One series of those that were given together, the oldest first, whole numbers or tenths. */
  series(which: number): number[] {
    const length = Math.min(this.#count, KEPT_SAMPLES);
    return Array.from({ length }, (_, back) => {
      const at = (this.#count - length + back) % KEPT_SAMPLES;
      return Math.round(this.#numbers[at * this.#width + which]! * 10) / 10;
    });
  }
}

/** Remembers samples of things by key; what a round leaves out is forgotten. */
export class RateHistory {
  readonly #width: number;
  readonly #rings = new Map<string, Ring>();

  /** @param width numbers in a sample */
  constructor(width: number) {
    this.#width = width;
  }

  /** Takes one round of samples. */
  add(samples: Iterable<readonly [key: string, values: readonly number[]]>): void {
    const gone = new Set(this.#rings.keys());
    for (const [key, values] of samples) {
      gone.delete(key);
      let ring = this.#rings.get(key);
      if (ring === undefined) {
        if (this.#rings.size >= MAX_KEYS) continue;
        this.#rings.set(key, ring = new Ring(this.#width));
      }
      ring.add(values);
    }
    for (const key of gone) this.#rings.delete(key);
  }

  /** A series of a thing, the oldest first; empty where nothing is known of it. */
  series(key: string, which = 0): number[] {
    return this.#rings.get(key)?.series(which) ?? [];
  }
}

/** Calls `sample` once a second until it is disposed. */
export function everySecond(sample: () => void): Disposable {
  const timer = setInterval(sample, SAMPLE_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
