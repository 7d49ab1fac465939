/**
 * Makes a torrent of files on disk.
 *
 * @module
 */
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import { Layout } from "../../protocol/layout.ts";
import {
  choosePieceLength,
  encodeMetainfo,
  type Info,
  MAX_PIECE_LENGTH,
  type NewMetainfo,
  parseInfo,
} from "../../protocol/metainfo.ts";
import { digestPieces } from "./piece_digests.ts";
import { findSource, requireUnchanged, type Source, type SourceOptions } from "./source_files.ts";

/** What goes into a torrent, and how its making is watched. One comment and default per field. */
export interface CreateOptions extends SourceOptions {
  /** A file, a folder, or several of either from one folder. */
  readonly path: string | readonly string[];
  /** Name of the torrent. Default: that of the file or folder. */
  readonly name?: string | undefined;
  /** Bytes per piece, a power of two from 16 KiB to 128 MiB. Default: by size. */
  readonly pieceLength?: number | undefined;
  /** Announce URLs in tiers (BEP 12). Default: none. */
  readonly trackers?: readonly (readonly string[])[] | undefined;
  /** Web seeds (BEP 19). Default: none. */
  readonly webSeeds?: readonly string[] | undefined;
  /** Only peers from the trackers (BEP 27). Default false. */
  readonly private?: boolean | undefined;
  readonly comment?: string | undefined;
  readonly createdBy?: string | undefined;
  /** Seconds since the epoch. Default: left out, so that the same content gives the same bytes. */
  readonly creationDate?: number | undefined;
  /** Makes the info hash differ from that of the same content elsewhere. Default: left out. */
  readonly source?: string | undefined;
  /** Called now and then with the bytes hashed and those in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CreatedTorrent {
  /** The .torrent file. */
  readonly bytes: Uint8Array;
  /** The info dictionary in it. */
  readonly infoBytes: Uint8Array;
  /** SHA-1 of `infoBytes`. */
  readonly infoHash: Uint8Array;
  readonly info: Info;
  /** The folder that holds the data. */
  readonly dir: string;
  /**
   * Where each file of `info.files` is, relative to `dir`: `FileStore.open` wants it where a name on
   * this disk is not one that is safe on all.
   */
  readonly paths: string[];
}

const MIN_PIECE_LENGTH = 2 ** 14;

/**
 * Hashes the files and makes the torrent.
 *
 * @throws {StorageError} where a file cannot be read, or changes meanwhile
 * @throws {RangeError} where the piece length is not one
 */
export async function createTorrent(options: CreateOptions): Promise<CreatedTorrent> {
  const { path, signal } = options;
  const source = await findSource(typeof path === "string" ? [path] : path, options);
  const totalSize = source.files.reduce((sum, file) => sum + file.length, 0);
  const layout = new Layout(totalSize, options.pieceLength ?? choosePieceLength(totalSize));
  requirePieceLength(layout.pieceLength);
  const pieces = await hashAll(source, layout, options);
  signal?.throwIfAborted();
  await requireUnchanged(source);

  const { bytes, infoBytes } = encodeMetainfo(newMetainfo(source, layout, pieces, options));
  const infoHash = new Uint8Array(await crypto.subtle.digest("SHA-1", infoBytes));
  const paths = source.files.map((file) => [source.name, ...file.parts].join("/"));
  return {
    bytes,
    infoBytes,
    infoHash,
    info: parseInfo(infoBytes),
    dir: source.dir,
    paths: source.isFolder ? paths : [source.name],
  };
}

async function hashAll(
  source: Source,
  layout: Layout,
  { onProgress, signal }: CreateOptions,
): Promise<Uint8Array> {
  const digests = new Uint8Array(layout.pieceCount * ID_LENGTH);
  let offset = 0;
  const files = source.files.map(({ path, length }) => {
    return { path, length, offset: (offset += length) - length };
  });
  let done = 0;
  await digestPieces({
    layout,
    files,
    signal,
    pieces: Array.from({ length: layout.pieceCount }, (_, piece) => piece),
    onDigest(piece, digest) {
      digests.set(digest, piece * ID_LENGTH);
      done += layout.pieceSize(piece);
      onProgress?.(done, layout.totalSize);
    },
  });
  return digests;
}

function newMetainfo(
  source: Source,
  layout: Layout,
  pieces: Uint8Array,
  options: CreateOptions,
): NewMetainfo {
  const input: NewMetainfo = {
    name: options.name ?? source.name,
    pieceLength: layout.pieceLength,
    pieces,
    files: source.isFolder
      ? source.files.map(({ parts, length }) => ({ path: [...parts], length }))
      : undefined,
    length: layout.totalSize,
    private: options.private ?? false,
    trackers: (options.trackers ?? []).map((tier) => [...tier]),
    webSeeds: [...options.webSeeds ?? []],
  };
  if (options.comment !== undefined) input.comment = options.comment;
  if (options.createdBy !== undefined) input.createdBy = options.createdBy;
  if (options.creationDate !== undefined) input.creationDate = options.creationDate;
  if (options.source !== undefined) input.source = options.source;
  return input;
}

function requirePieceLength(length: number): void {
  const isPower = Number.isInteger(Math.log2(length));
  if (isPower && length >= MIN_PIECE_LENGTH && length <= MAX_PIECE_LENGTH) return;
  throw new RangeError(
    `Cannot make pieces of ${length} bytes: choose a power of two from 16 KiB to 128 MiB`,
  );
}
