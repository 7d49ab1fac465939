/**
 * SipHash-2-4: a keyed hash of 64 bits for short messages, which nobody can compute or foresee
 * without the key. Made for what a UDP tracker needs (Aumasson and Bernstein, 2012).
 *
 * @module
 */

/** Halves of the four words, low and high in turn. */
const v = new Int32Array(8);

/** Adds word `b` to word `a` (indices of low halves). */
function add(a: number, b: number): void {
  const low = (v[a]! >>> 0) + (v[b]! >>> 0);
  v[a] = low;
  v[a + 1] = v[a + 1]! + v[b + 1]! + (low > 0xffffffff ? 1 : 0);
}

/** Rotates word `a` to the left by `bits` (below 32) and mixes word `b` into it. */
function rotateXor(a: number, bits: number, b: number): void {
  const low = v[a]!;
  const high = v[a + 1]!;
  v[a] = (low << bits | high >>> (32 - bits)) ^ v[b]!;
  v[a + 1] = (high << bits | low >>> (32 - bits)) ^ v[b + 1]!;
}

function swapHalves(a: number): void {
  const low = v[a]!;
  v[a] = v[a + 1]!;
  v[a + 1] = low;
}

function rounds(count: number): void {
  for (; count > 0; count--) {
    add(0, 2);
    rotateXor(2, 13, 0);
    swapHalves(0);
    add(4, 6);
    rotateXor(6, 16, 4);
    add(0, 6);
    rotateXor(6, 21, 0);
    add(4, 2);
    rotateXor(2, 17, 4);
    swapHalves(4);
  }
}

function absorb(low: number, high: number): void {
  v[6]! ^= low;
  v[7]! ^= high;
  rounds(2);
  v[0]! ^= low;
  v[1]! ^= high;
}

/** The hash of `message` with a key of 16 bytes: 8 bytes, the lowest first. */
export function sipHash(message: Uint8Array, key: Uint8Array): Uint8Array {
  const k0 = word(key, 0);
  const k1 = word(key, 4);
  const k2 = word(key, 8);
  const k3 = word(key, 12);
  v[0] = k0 ^ 0x70736575;
  v[1] = k1 ^ 0x736f6d65;
  v[2] = k2 ^ 0x6e646f6d;
  v[3] = k3 ^ 0x646f7261;
  v[4] = k0 ^ 0x6e657261;
  v[5] = k1 ^ 0x6c796765;
  v[6] = k2 ^ 0x79746573;
  v[7] = k3 ^ 0x74656462;
  const { length } = message;
  const whole = length - length % 8;
  for (let at = 0; at < whole; at += 8) absorb(word(message, at), word(message, at + 4));
  let low = 0;
  let high = length << 24;
  for (let at = whole; at < length; at++) {
    const shift = 8 * (at - whole);
    if (shift < 32) low |= message[at]! << shift;
    else high |= message[at]! << (shift - 32);
  }
  absorb(low, high);
  v[4]! ^= 0xff;
  rounds(4);
  const hash = new Uint8Array(8);
  for (let half = 0; half < 2; half++) {
    const bits = v[half]! ^ v[2 + half]! ^ v[4 + half]! ^ v[6 + half]!;
    for (let i = 0; i < 4; i++) hash[half * 4 + i] = bits >>> (8 * i);
  }
  return hash;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
}
