/**
 * Catalogue: names to .torrent files; vtorrent's addition to a tracker.
 *
 * @module
 */
import type { Metainfo } from "../../protocol/metainfo.ts";
import { CatalogueEviction } from "./catalogue_eviction.ts";

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
  /** Where it was published from (`hostPrefix`); undefined where that is not known. */
  readonly host?: string | undefined;
  /** Of the .torrent, in bytes. */
  readonly torrentSize: number;
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
  readonly host?: string | undefined;
}

/** A torrent was refused, with a sentence for who published it. */
export class CatalogueError extends Error {
  override name = "CatalogueError";
}

/** There is no room for a torrent. */
export class CatalogueFullError extends CatalogueError {
  constructor() {
    super("The catalogue is full: remove torrents on the tracker first");
  }
}

/** How a catalogue is set up. */
export interface CatalogueOptions {
  /** Reads .torrents by their info hash where they are kept elsewhere; otherwise they are kept here. */
  readonly read?: ((infoHash: string) => Uint8Array | undefined) | undefined;
  /** Default: {@linkcode MAX_ENTRIES} and {@linkcode MAX_TOTAL}. */
  readonly limits?: { readonly entries: number; readonly bytes: number };
}

/** Torrents by info hash. Two of the same name live side by side; none replaces another. */
export class Catalogue {
  /** Who holds how much of it. */
  readonly room: CatalogueEviction;
  readonly #entries = new Map<string, CatalogueEntry>();
  readonly #kept = new Map<string, Uint8Array>();
  readonly #read: ((infoHash: string) => Uint8Array | undefined) | undefined;
  /** By name; undefined after a change, until somebody asks. */
  #sorted: readonly CatalogueEntry[] | undefined;

  constructor(options: CatalogueOptions = {}) {
    this.#read = options.read;
    this.room = new CatalogueEviction(options.limits ?? { entries: MAX_ENTRIES, bytes: MAX_TOTAL });
  }

  /**
   * Takes a torrent in; `created` is false where it was there.
   *
   * @param bytes the .torrent; it may be left out where .torrents are kept elsewhere
   * @throws {CatalogueFullError} where it is too much
   */
  add(entry: CatalogueEntry, bytes?: Uint8Array): { entry: CatalogueEntry; created: boolean } {
    const { infoHash, host = "", torrentSize } = entry;
    const known = this.#entries.get(infoHash);
    if (known !== undefined) return { entry: known, created: false };
    if (!this.room.fits(torrentSize)) throw new CatalogueFullError();
    this.#entries.set(infoHash, entry);
    this.room.add(infoHash, host, torrentSize);
    // A copy: whoever parsed these bytes has the whole torrent remembered with them.
    if (this.#read === undefined && bytes !== undefined) this.#kept.set(infoHash, bytes.slice());
    this.#sorted = undefined;
    return { entry, created: true };
  }

  /** All entries, or those whose name contains `search` (capitals do not matter), by name. */
  list(search = ""): readonly CatalogueEntry[] {
    this.#sorted ??= [...this.#entries.values()]
      .sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.publishedAt - b.publishedAt);
    if (search === "") return this.#sorted;
    const part = search.toLowerCase();
    return this.#sorted.filter(({ name }) => name.toLowerCase().includes(part));
  }

  entry(infoHash: string): CatalogueEntry | undefined {
    return this.#entries.get(infoHash);
  }

  /** The .torrent. */
  get(infoHash: string): Uint8Array | undefined {
    if (!this.#entries.has(infoHash)) return undefined;
    return this.#read === undefined ? this.#kept.get(infoHash) : this.#read(infoHash);
  }

  /** Takes a torrent out; its swarm lives on. */
  remove(infoHash: string): boolean {
    const known = this.#entries.get(infoHash);
    if (known === undefined) return false;
    this.room.delete(infoHash, known.host ?? "");
    this.#kept.delete(infoHash);
    this.#sorted = undefined;
    return this.#entries.delete(infoHash);
  }
}

/** What the catalogue shows of a torrent. */
export function entryOf(torrent: StoredTorrent, { info }: Metainfo): CatalogueEntry {
  const { infoHash, publishedBy, publishedAt, owner, host, bytes } = torrent;
  return {
    infoHash,
    name: info.name,
    totalSize: info.totalSize,
    pieceCount: info.pieceCount,
    fileCount: info.files.filter((file) => !file.pad).length,
    publishedBy,
    publishedAt,
    ...(owner === undefined ? {} : { owner }),
    ...(host === undefined ? {} : { host }),
    torrentSize: bytes.length,
  };
}
