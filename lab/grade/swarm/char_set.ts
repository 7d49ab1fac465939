/**
 * Sets of characters in a pattern, by their UTF-16 codes.
 *
 * @module
 */

/** Pairs of a first and a last code, both in the set. */
export type Ranges = readonly (readonly [from: number, to: number])[];

const LAST = 0xffff;
/** Codes that are looked up in a table. */
const TABLE = 256;

export const DIGITS: Ranges = [[0x30, 0x39]];
export const WORD_CHARACTERS: Ranges = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
export const SPACES: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
/** Whatever ends no line. */
export const ANY: Ranges = complement([[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]]);

/** All codes that are not in some ranges. */
export function complement(ranges: Ranges): Ranges {
  const others: [number, number][] = [];
  let next = 0;
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from > next) others.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= LAST) others.push([next, LAST]);
  return others;
}

/** See the module. */
export class CharSet {
  readonly #table = new Uint8Array(TABLE);
  readonly #ranges: Ranges;

  constructor(ranges: Ranges) {
    for (const [from, to] of ranges) this.#table.fill(1, from, Math.min(to + 1, TABLE));
    this.#ranges = ranges.filter(([, to]) => to >= TABLE);
  }

  has(code: number): boolean {
    if (code < TABLE) return this.#table[code] === 1;
    return this.#ranges.some(([from, to]) => code >= from && code <= to);
  }
}
