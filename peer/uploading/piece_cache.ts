/**
 * Piece cache: whole pieces kept in memory for uploads.
 *
 * @module
 */
import type { BufferPool } from "../pieces/buffer_pool.ts";
import type { PieceStore } from "../ports.ts";

interface Entry {
  readonly owner: object;
  readonly key: number;
  readonly bytes: Uint8Array;
}

/** Least recently used slices of all torrents, up to a number of bytes. */
export class PieceCache {
  readonly #limit: number;
  readonly #buffers: BufferPool;
  readonly #entries = new Map<object, Map<number, Entry>>();
  /** All entries, least recently used first. */
  readonly #order = new Set<Entry>();
  readonly #loading = new Map<object, Map<number, Promise<void>>>();
  #bytes = 0;

  /** @param limit bytes */
  constructor(limit: number, buffers: BufferPool) {
    this.#limit = limit;
    this.#buffers = buffers;
  }

  /** A slice's bytes where they are at hand; a view is good until the next `put` or `load`. */
  get(owner: object, key: number): Uint8Array | undefined {
    const entry = this.#entries.get(owner)?.get(key);
    if (entry === undefined) return undefined;
    this.#order.delete(entry);
    this.#order.add(entry);
    return entry.bytes;
  }

  /** Keeps a slice; its buffer belongs to the cache from now on. */
  put(owner: object, key: number, bytes: Uint8Array): void {
    let slices = this.#entries.get(owner);
    if (slices === undefined) this.#entries.set(owner, slices = new Map());
    if (slices.has(key)) return this.#buffers.recycle(bytes);
    const entry = { owner, key, bytes };
    slices.set(key, entry);
    this.#order.add(entry);
    this.#bytes += bytes.length;
    for (const oldest of this.#order) {
      if (this.#bytes <= this.#limit || oldest === entry) break;
      this.#remove(oldest);
    }
  }

  /**
   * Reads a slice into the cache; several who wait for one slice share one read.
   *
   * @param offset where it begins in the torrent
   */
  load(store: PieceStore, key: number, offset: number, size: number): Promise<void> {
    let slices = this.#loading.get(store);
    if (slices === undefined) this.#loading.set(store, slices = new Map());
    let loading = slices.get(key);
    if (loading === undefined) {
      loading = this.#read(store, key, offset, size).finally(() => slices.delete(key));
      slices.set(key, loading);
    }
    return loading;
  }

  /** Forgets everything of a torrent. */
  dropAll(owner: object): void {
    for (const entry of this.#entries.get(owner)?.values() ?? []) this.#remove(entry);
    this.#entries.delete(owner);
    this.#loading.delete(owner);
  }

  async #read(store: PieceStore, key: number, offset: number, size: number): Promise<void> {
    const bytes = this.#buffers.lend(size, true)!;
    try {
      await store.readRange(offset, bytes);
    } catch (error) {
      this.#buffers.giveBack(bytes);
      throw error;
    }
    this.#buffers.settle(bytes);
    this.put(store, key, bytes);
  }

  #remove(entry: Entry): void {
    this.#order.delete(entry);
    this.#entries.get(entry.owner)?.delete(entry.key);
    this.#bytes -= entry.bytes.length;
    this.#buffers.recycle(entry.bytes);
  }
}
