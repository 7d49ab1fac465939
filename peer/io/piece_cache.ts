/**
 * Whole pieces in memory for uploads: one disk read serves all blocks of a piece.
 *
 * @module
 */
import type { BufferPool } from "../logic/buffer_pool.ts";
import type { PieceStore } from "../ports.ts";

interface Entry {
  readonly owner: object;
  readonly piece: number;
  readonly bytes: Uint8Array;
}

/** Least recently used pieces of all torrents, up to a number of bytes. */
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

  /** A piece's bytes where they are at hand; a view is good until the next `put` or `load`. */
  get(owner: object, piece: number): Uint8Array | undefined {
    const entry = this.#entries.get(owner)?.get(piece);
    if (entry === undefined) return undefined;
    this.#order.delete(entry);
    this.#order.add(entry);
    return entry.bytes;
  }

  /** Keeps a piece; its buffer belongs to the cache from now on. */
  put(owner: object, piece: number, bytes: Uint8Array): void {
    let pieces = this.#entries.get(owner);
    if (pieces === undefined) this.#entries.set(owner, pieces = new Map());
    if (pieces.has(piece)) return this.#buffers.recycle(bytes);
    const entry = { owner, piece, bytes };
    pieces.set(piece, entry);
    this.#order.add(entry);
    this.#bytes += bytes.length;
    for (const oldest of this.#order) {
      if (this.#bytes <= this.#limit || oldest === entry) break;
      this.#remove(oldest);
    }
  }

  /** Reads a piece into the cache; several who wait for one piece share one read. */
  load(store: PieceStore, piece: number, size: number): Promise<void> {
    let pieces = this.#loading.get(store);
    if (pieces === undefined) this.#loading.set(store, pieces = new Map());
    let loading = pieces.get(piece);
    if (loading === undefined) {
      loading = this.#read(store, piece, size).finally(() => pieces.delete(piece));
      pieces.set(piece, loading);
    }
    return loading;
  }

  /** Forgets everything of a torrent. */
  dropAll(owner: object): void {
    for (const entry of this.#entries.get(owner)?.values() ?? []) this.#remove(entry);
    this.#entries.delete(owner);
    this.#loading.delete(owner);
  }

  async #read(store: PieceStore, piece: number, size: number): Promise<void> {
    const bytes = this.#buffers.lend(size, true)!;
    try {
      await store.read(piece, bytes);
    } catch (error) {
      this.#buffers.giveBack(bytes);
      throw error;
    }
    this.#buffers.settle(bytes);
    this.put(store, piece, bytes);
  }

  #remove(entry: Entry): void {
    this.#order.delete(entry);
    this.#entries.get(entry.owner)?.delete(entry.piece);
    this.#bytes -= entry.bytes.length;
    this.#buffers.recycle(entry.bytes);
  }
}
