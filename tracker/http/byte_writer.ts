/**
 * Bytes put one behind the other, to be sent with one write.
 *
 * @module
 */

/** Bytes, text whose characters are bytes (Latin-1), or a whole number from 0, in decimal. */
export type Part = string | number | Uint8Array;

/** Bytes that a part has. */
export function partLength(part: Part): number {
  return typeof part === "number" ? digitsOf(part) : part.length;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

/** An array that grows as it is written to. */
export class ByteWriter {
  #bytes: Uint8Array;
  length = 0;

  /** @param capacity bytes that there is room for at first */
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes that there is room for. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** What was written: a view. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  write(part: Part): void {
    const at = this.length;
    const end = at + partLength(part);
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    // By hand: any call out of JavaScript costs more than a head has characters.
    if (typeof part === "string") {
      for (let i = 0; i < part.length; i++) bytes[at + i] = part.charCodeAt(i);
    } else if (typeof part === "number") {
      let rest = part;
      for (let i = end - 1; i >= at; i--) {
        const next = Math.floor(rest / 10);
        bytes[i] = 48 + (rest - next * 10);
        rest = next;
      }
    } else bytes.set(part, at);
    this.length = end;
  }

  #grow(least: number): void {
    const bytes = new Uint8Array(Math.max(least, 2 * this.#bytes.length));
    bytes.set(this.written);
    this.#bytes = bytes;
  }
}
