/**
 * Create: makes a .torrent of files on disk.
 *
 * @module
 */
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import {
  choosePieceLength,
  encodeMetainfoSteps,
  type Info,
  infoSteps,
  MAX_PIECE_LENGTH,
  type NewMetainfo,
} from "../../protocol/metainfo.ts";
import { treeOrderKey } from "../../protocol/file_tree_encoder.ts";
import { slices } from "../../loop/process_loop.ts";
import { infoHashesAside } from "./info_hashes.ts";
import { hashAll, type PiecePlan, type PlannedHashes, planPieces } from "./hash_source.ts";
import {
  findSource,
  requireUnchanged,
  sortByKey,
  type Source,
  type SourceOptions,
} from "./source_files.ts";

/** What goes into a torrent, and how its making is watched. One comment and default per field. */
export interface CreateOptions extends SourceOptions {
  /** A file, a folder, or several of either from one folder. */
  readonly path: string | readonly string[];
  /** Name of the torrent. Default: that of the file or folder. */
  readonly name?: string | undefined;
  /** What it gets: `"v1"` for the widest reach (default), `"v2"` (BEP 52), or both in a `"hybrid"`. */
  readonly kind?: Info["kind"] | undefined;
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
  /** 20 bytes that name its swarm: SHA-1 of `infoBytes`, or the start of SHA-256 for v2 only. */
  readonly infoHash: Uint8Array;
  /** SHA-256 of `infoBytes`, where it has a v2 part. */
  readonly infoHashV2: Uint8Array | undefined;
  readonly info: Info;
  /** What was left out though nobody said so, each in words. */
  readonly leftOut: readonly string[];
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
  const { path, signal, kind = "v1" } = options;
  const found = await findSource(typeof path === "string" ? [path] : path, options);
  const source = kind === "v1" ? found : await inTreeOrder(found);
  const contentSize = source.files.reduce((sum, file) => sum + file.length, 0);
  const pieceLength = options.pieceLength ?? choosePieceLength(contentSize);
  requirePieceLength(pieceLength);
  const plan = await planPieces(source, kind, pieceLength);
  const hashes = await hashAll(plan, options);
  signal?.throwIfAborted();
  await requireUnchanged(source);

  const input = newMetainfo(source, plan, hashes, options);
  const { bytes, infoBytes } = await slices.run(encodeMetainfoSteps(input));
  const info = await slices.run(infoSteps(infoBytes));
  const { v1, v2 } = await infoHashesAside({ info, infoBytes });
  return {
    bytes,
    infoBytes,
    infoHash: v1 ?? v2!.slice(0, ID_LENGTH),
    infoHashV2: v2,
    info,
    leftOut: source.leftOut,
    dir: source.dir,
    paths: pathsOf(source, info),
  };
}

/** Where the files of `info` are; padding is nowhere, so its own path will do. */
function pathsOf(source: Source, info: Info): string[] {
  const files = source.files.values();
  return info.files.map((file) => {
    if (file.pad) return file.path;
    return source.isFolder ? [source.name, ...files.next().value!.parts].join("/") : source.name;
  });
}

async function inTreeOrder(source: Source): Promise<Source> {
  return { ...source, files: await sortByKey(source.files, ({ parts }) => treeOrderKey(parts)) };
}

function newMetainfo(
  source: Source,
  plan: PiecePlan,
  { pieces, v2 }: PlannedHashes,
  options: CreateOptions,
): NewMetainfo {
  const { layout } = plan;
  const input: NewMetainfo = {
    name: options.name ?? source.name,
    pieceLength: layout.pieceLength,
    pieces,
    files: source.isFolder
      ? plan.files.map(({ parts, length, pad }) => ({ path: [...parts], length, pad }))
      : undefined,
    length: layout.totalSize,
    private: options.private ?? false,
    trackers: (options.trackers ?? []).map((tier) => [...tier]),
    webSeeds: [...options.webSeeds ?? []],
  };
  const name = input.name;
  if (v2 !== undefined) {
    // A single file's place in the tree is its name, whatever it is called on this disk.
    const files = source.isFolder ? v2.files : v2.files.map((file) => ({ ...file, path: [name] }));
    input.v2 = { files, layers: v2.layers };
  }
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
