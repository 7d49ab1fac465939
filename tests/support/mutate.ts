/**
 * Damages bytes in the ways that files and strangers do, the same for the same random source.
 *
 * @module
 */

/** Bytes that mean something in bencode, in lengths and in paths. */
const TELLING = new TextEncoder().encode("0129-:deil/\\.\0\xff");

/** A copy with one to four changes: flips, cuts, insertions, repetitions, digits made larger. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  let current = [...bytes];
  for (let change = below(4); change >= 0; change--) {
    const at = below(current.length + 1);
    const count = 1 + below(8);
    switch (below(7)) {
      case 0:
        if (at < current.length) current[at]! ^= 1 << below(8);
        break;
      case 1:
        if (at < current.length) current[at] = TELLING[below(TELLING.length)]!;
        break;
      case 2:
        current.splice(at, count);
        break;
      case 3:
        current.splice(at, 0, ...Array.from({ length: count }, () => below(256)));
        break;
      case 4:
        current.splice(at, 0, ...current.slice(at, at + count * 4));
        break;
      case 5:
        current = current.slice(0, at);
        break;
      case 6: {
        const digit = current.findIndex((byte, i) => i >= at && byte >= 0x30 && byte <= 0x39);
        if (digit >= 0) current.splice(digit, 0, ...Array.from({ length: count }, () => 0x39));
        break;
      }
    }
  }
  return Uint8Array.from(current);
}
