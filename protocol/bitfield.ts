/**
 * A set of piece indexes in wire order (BEP 3: the high bit of the first byte is piece 0).
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";

/** How many bits each byte has. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (; byte !== 0; byte &= byte - 1) count++;
  return count;
});

/** Which pieces somebody has. The count is kept, not recounted. */
export class Bitfield {
  /** How many indexes there are. */
  readonly length: number;
  /** The set as it goes on the wire. Read only: changes go through `add` and `delete`. */
  readonly bytes: Uint8Array;
  #count = 0;
  #version = 0;

  constructor(length: number) {
    this.length = length;
    this.bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /**
   * The set that a peer sent.
   *
   * @throws {ProtocolError} where the length is wrong or a spare bit is set (BEP 3)
   */
  static parse(bytes: Uint8Array, length: number): Bitfield {
    const field = new Bitfield(length);
    if (bytes.length !== field.bytes.length) {
      throw new ProtocolError(
        `bitfield of ${bytes.length} bytes where ${field.bytes.length} are due`,
      );
    }
    const spare = field.bytes.length * 8 - length;
    if (spare > 0 && (bytes[bytes.length - 1]! & ((1 << spare) - 1)) !== 0) {
      throw new ProtocolError("bitfield with spare bits set");
    }
    field.bytes.set(bytes);
    for (const byte of bytes) field.#count += BITS[byte]!;
    return field;
  }

  /** The full set. */
  static full(length: number): Bitfield {
    const field = new Bitfield(length);
    field.bytes.fill(0xff);
    const spare = field.bytes.length * 8 - length;
    if (spare > 0) field.bytes[field.bytes.length - 1]! &= 0xff << spare;
    field.#count = length;
    return field;
  }

  /** How many indexes are in the set. */
  get count(): number {
    return this.#count;
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  has(index: number): boolean {
    return (this.bytes[index >> 3]! & (0x80 >> (index & 7))) !== 0;
  }

  /** Whether all indexes from `first` to `last` are in the set. */
  hasRange(first: number, last: number): boolean {
    for (let index = first; index <= last;) {
      if ((index & 7) === 0 && index + 7 <= last) {
        if (this.bytes[index >> 3] !== 0xff) return false;
        index += 8;
      } else if (!this.has(index++)) return false;
    }
    return true;
  }

  /** How many indexes are in this set and not in `other`, of the same length. */
  countWithout(other: Bitfield): number {
    let count = 0;
    for (let i = 0; i < this.bytes.length; i++) {
      count += BITS[this.bytes[i]! & ~other.bytes[i]!]!;
    }
    return count;
  }

  /** How many indexes from `first` to `last` are in the set. */
  countIn(first: number, last: number): number {
    let count = 0;
    for (let index = first; index <= last;) {
      if ((index & 7) === 0 && index + 7 <= last) {
        count += BITS[this.bytes[index >> 3]!]!;
        index += 8;
      } else if (this.has(index++)) count++;
    }
    return count;
  }

  /** Puts an index in; false where it was there. */
  add(index: number): boolean {
    if (index < 0 || index >= this.length) {
      throw new RangeError(`No piece ${index} of ${this.length}`);
    }
    if (this.has(index)) return false;
    this.bytes[index >> 3]! |= 0x80 >> (index & 7);
    this.#count++;
    this.#version++;
    return true;
  }

  /** Takes an index out; false where it was not there. */
  delete(index: number): boolean {
    if (index < 0 || index >= this.length || !this.has(index)) return false;
    this.bytes[index >> 3]! &= ~(0x80 >> (index & 7));
    this.#count--;
    this.#version++;
    return true;
  }

  /** The indexes that `other`, of the same length, has and this has not. */
  lacking(other: Bitfield): number[] {
    const indexes: number[] = [];
    for (let i = 0; i < this.bytes.length; i++) {
      const news = other.bytes[i]! & ~this.bytes[i]!;
      if (news === 0) continue;
      for (let bit = 0; bit < 8; bit++) if ((news & (0x80 >> bit)) !== 0) indexes.push(8 * i + bit);
    }
    return indexes;
  }

  /** The indexes that this has, or `other`, of the same length. */
  union(other: Bitfield): Bitfield {
    const field = new Bitfield(this.length);
    for (let i = 0; i < field.bytes.length; i++) {
      const byte = this.bytes[i]! | other.bytes[i]!;
      field.bytes[i] = byte;
      field.#count += BITS[byte]!;
    }
    return field;
  }

  copy(): Bitfield {
    const field = new Bitfield(this.length);
    field.bytes.set(this.bytes);
    field.#count = this.#count;
    return field;
  }
}
