/**
 * Small arrays cut from large ones: memory of its own for each would cost more than filling it.
 *
 * @module
 */

/** Bytes taken from the system at once. */
const SIZE = 64 * 1024;

/** Hands out arrays that nobody else gets; a large one is gone when all cut from it are. */
export class ByteArena {
  #bytes = new Uint8Array();
  #at = 0;

  /** @param length at most 64 KiB */
  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(SIZE, length));
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }
}
