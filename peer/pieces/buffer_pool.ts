/**
 * Buffer pool: counted memory for pieces under way; the engine's back-pressure.
 *
 * @module
 */

/**
 * Lends out piece buffers of up to `limit` bytes in all (being downloaded, hashed or written).
 * At the limit no new piece is begun, so requests dry up by themselves. Returned buffers are lent
 * again: fresh memory costs page faults on every piece.
 */
export class BufferPool {
  readonly limit: number;
  #lent = 0;
  #hasLent = false;
  #idle = new Map<number, Uint8Array[]>();
  #idleBytes = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes lent out. */
  get lent(): number {
    return this.#lent;
  }

  /** A buffer of that many bytes with any content; undefined at the limit unless `force`d. */
  lend(size: number, force = false): Uint8Array | undefined {
    if (!force && this.#lent + size > this.limit) return undefined;
    this.#lent += size;
    this.#hasLent = true;
    const idle = this.#idle.get(size)?.pop();
    if (idle === undefined) return new Uint8Array(size);
    this.#idleBytes -= size;
    return idle;
  }

  /** Nobody uses the buffer any more. */
  giveBack(buffer: Uint8Array): void {
    this.settle(buffer);
    this.recycle(buffer);
  }

  /** The piece is on disk: its buffer no longer counts, whoever keeps it. */
  settle(buffer: Uint8Array): void {
    this.#lent -= buffer.length;
  }

  /** A buffer that no longer counts may be lent again. */
  recycle(buffer: Uint8Array): void {
    // Of what waits for the garbage collector there would be as much again, all of it fresh pages.
    if (this.#idleBytes + this.#lent + buffer.length > this.limit) {
      this.#forget((size) => size !== buffer.length);
      if (this.#idleBytes + this.#lent + buffer.length > this.limit) return;
    }
    const idle = this.#idle.get(buffer.length);
    if (idle === undefined) this.#idle.set(buffer.length, [buffer]);
    else idle.push(buffer);
    this.#idleBytes += buffer.length;
  }

  /** A second has passed: lets go of what nobody borrows any more. */
  tick(): void {
    if (!this.#hasLent && this.#lent === 0) this.#forget(() => true);
    this.#hasLent = false;
  }

  #forget(which: (size: number) => boolean): void {
    for (const [size, buffers] of this.#idle) {
      if (!which(size)) continue;
      this.#idle.delete(size);
      this.#idleBytes -= size * buffers.length;
    }
  }
}
