/**
 * Bytes put one behind the other, to be sent with one write.
 *
 * @module
 */

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

  /** @param part bytes, or text whose characters are bytes (Latin-1) */
  write(part: string | Uint8Array): void {
    const at = this.length;
    const end = at + part.length;
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    if (typeof part !== "string") bytes.set(part, at);
    // By hand: any call out of JavaScript costs more than a head has characters.
    else for (let i = 0; i < part.length; i++) bytes[at + i] = part.charCodeAt(i);
    this.length = end;
  }

  #grow(least: number): void {
    const bytes = new Uint8Array(Math.max(least, 2 * this.#bytes.length));
    bytes.set(this.written);
    this.#bytes = bytes;
  }
}
