/**
 * Seeded chance: the same seed makes the same torrents, so that a probe can be run again.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Numbers, bytes and names that follow from a seed. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from 0 up to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.#generator.next() >>> 0) / 2 ** 32 * limit);
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.#generator.next();
    return new Uint8Array(words.buffer, 0, length);
  }

  /** Lower-case letters. */
  letters(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(97 + this.below(26))).join("");
  }

  /** Puts a list in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [copy[i], copy[other]] = [copy[other]!, copy[i]!];
    }
    return copy;
  }
}

/** A seed for one probe out of the run's: a probe alone has the same torrents as among others. */
export function seedOf(seed: number, id: string): number {
  let mixed = seed | 0;
  for (const character of id) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193);
  return mixed;
}
