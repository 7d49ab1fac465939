/**
 * Memory for pieces in a virtual swarm, where a thousand peers would need gigabytes.
 *
 * @module
 */
import { BufferPool } from "../../peer/lab.ts";

/** Bytes of one peer's pieces on their way. */
const LIMIT = 2 ** 24;

/** One peer's. @param shared by length, what all peers use where nobody looks at what came */
export function pieceMemory(shared: Map<number, Uint8Array> | undefined): BufferPool {
  return shared === undefined ? new BufferPool(LIMIT) : new SharedMemory(LIMIT, shared);
}

/** Bytes at which nobody looks, so that nothing is copied to them. */
class UnreadBytes extends Uint8Array<ArrayBuffer> {
  override set(): void {}
}

/**
 * Lends the same bytes again and again while it counts like the real pool: for swarms in which nobody
 * sends wrong blocks, so that nobody looks at what came.
 */
class SharedMemory extends BufferPool {
  readonly #bytes: Map<number, Uint8Array>;
  #out = 0;

  /** @param bytes what all peers of a swarm share, by length */
  constructor(limit: number, bytes: Map<number, Uint8Array>) {
    super(limit);
    this.#bytes = bytes;
  }

  override get lent(): number {
    return this.#out;
  }

  override lend(size: number, force = false): Uint8Array | undefined {
    if (!force && this.#out + size > this.limit) return undefined;
    this.#out += size;
    let bytes = this.#bytes.get(size);
    if (bytes === undefined) this.#bytes.set(size, bytes = new UnreadBytes(new ArrayBuffer(size)));
    return bytes;
  }

  override giveBack(buffer: Uint8Array): void {
    this.#out -= buffer.length;
  }
}
