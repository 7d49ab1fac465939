/**
 * Hashes for the tracker's indexes. The seed is the tracker's secret: who chooses addresses and info
 * hashes cannot choose where they fall.
 *
 * @module
 */

/** Takes one more value into a hash. */
export function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193);
}

/** Takes bytes up to `end` into a hash, one by one: differences cannot cancel each other out. */
export function mixBytes(hash: number, bytes: Uint8Array, end: number = bytes.length): number {
  let mixed = hash;
  for (let i = 0; i < end; i++) mixed = Math.imul(mixed ^ bytes[i]!, 0x01000193);
  return mixed;
}

/** Takes four bytes into a hash, as {@linkcode mixBytes} would. */
export function mixWord(hash: number, word: number): number {
  const high = mix(mix(hash, word >>> 24), word >>> 16 & 0xff);
  return mix(mix(high, word >>> 8 & 0xff), word & 0xff);
}

/** Spreads what was mixed over all 32 bits. */
export function finish(hash: number): number {
  let spread = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
  spread = Math.imul(spread ^ spread >>> 13, 0x297a2d39);
  return spread ^ spread >>> 16;
}
