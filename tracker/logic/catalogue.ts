/**
 * Names to .torrent files: vtorrent's addition to a tracker.
 *
 * @module
 */
import type { Metainfo } from "../../protocol/metainfo.ts";

/** The largest .torrent taken, in bytes. */
export const MAX_TORRENT = 4 << 20;
/** All of them together, in bytes. */
export const MAX_TOTAL = 256 << 20;
/** Torrents in all: as many as a peer reads of a list. */
export const MAX_ENTRIES = 10_000;

/** One published torrent. */
export interface CatalogueEntry {
  /** Hex. */
  readonly infoHash: string;
  readonly name: string;
  /** Bytes. */
  readonly totalSize: number;
  readonly pieceCount: number;
  readonly fileCount: number;
  readonly publishedBy: string | undefined;
  /** ms since the epoch. */
  readonly publishedAt: number;
  /** The hash (hex) of the proof that its publisher can give; undefined where it gave none. */
  readonly owner?: string | undefined;
}

/** A torrent of the catalogue. */
export interface StoredTorrent {
  /** Hex. */
  readonly infoHash: string;
  /** The .torrent. */
  readonly bytes: Uint8Array;
  readonly publishedBy: string | undefined;
  /** ms since the epoch. */
  readonly publishedAt: number;
  /** As in {@linkcode CatalogueEntry}. */
  readonly owner?: string | undefined;
}

/** A torrent was refused, with a sentence for who published it. */
export class CatalogueError extends Error {
  override name = "CatalogueError";
}

/** What who publishes too much hears. */
export const FULL = "The catalogue is full: remove torrents on the tracker first";

/** Torrents by info hash. Two of the same name live side by side; none replaces another. */
export class Catalogue {
  readonly #entries = new Map<string, { entry: CatalogueEntry; bytes: Uint8Array }>();
  #total = 0;
  /** By name; undefined after a change, until somebody asks. */
  #sorted: readonly CatalogueEntry[] | undefined;

  /**
   * Takes a .torrent in; `created` is false where it was there.
   *
   * @param infoHash the hash of the info dictionary in `bytes`, in hex
   * @throws {CatalogueError} where it is too much
   */
  publish(
    bytes: Uint8Array,
    metainfo: Metainfo,
    infoHash: string,
    facts: { publishedBy: string | undefined; now: number; owner?: string | undefined },
  ): { entry: CatalogueEntry; created: boolean } {
    const known = this.#entries.get(infoHash);
    if (known !== undefined) return { entry: known.entry, created: false };
    if (this.#entries.size >= MAX_ENTRIES || this.#total + bytes.length > MAX_TOTAL) {
      throw new CatalogueError(FULL);
    }
    const { info } = metainfo;
    const entry: CatalogueEntry = {
      infoHash,
      name: info.name,
      totalSize: info.totalSize,
      pieceCount: info.pieceCount,
      fileCount: info.files.filter((file) => !file.pad).length,
      publishedBy: facts.publishedBy,
      publishedAt: facts.now,
      ...(facts.owner === undefined ? {} : { owner: facts.owner }),
    };
    // A copy: what was parsed is remembered for as long as the bytes that it was parsed from.
    this.#entries.set(infoHash, { entry, bytes: bytes.slice() });
    this.#total += bytes.length;
    this.#sorted = undefined;
    return { entry, created: true };
  }

  /** All entries, or those whose name contains `search` (capitals do not matter), by name. */
  list(search = ""): readonly CatalogueEntry[] {
    this.#sorted ??= Array.from(this.#entries.values(), ({ entry }) => entry)
      .sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.publishedAt - b.publishedAt);
    if (search === "") return this.#sorted;
    const part = search.toLowerCase();
    return this.#sorted.filter(({ name }) => name.toLowerCase().includes(part));
  }

  entry(infoHash: string): CatalogueEntry | undefined {
    return this.#entries.get(infoHash)?.entry;
  }

  get(infoHash: string): Uint8Array | undefined {
    return this.#entries.get(infoHash)?.bytes;
  }

  /** Takes a torrent out; its swarm lives on. */
  remove(infoHash: string): boolean {
    const known = this.#entries.get(infoHash);
    if (known === undefined) return false;
    this.#total -= known.bytes.length;
    this.#sorted = undefined;
    return this.#entries.delete(infoHash);
  }
}
