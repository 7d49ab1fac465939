/**
 * The .torrent file (BEP 3, 12, 19, 27, 47, 52): bytes to a validated value.
 *
 * The info hashes are not computed here: they are SHA-1 and SHA-256 of `infoBytes`, and hashing is
 * an effect.
 *
 * @module
 */
import {
  anyText,
  type BencodeDict,
  decodeBencodeSteps,
  getBytes,
  getDict,
  getInteger,
  getText,
} from "./bencode.ts";
import {
  MAX_CLAIMED_PIECE_LENGTH,
  MAX_PIECE_LENGTH,
  MAX_PIECES,
  MAX_TEXT,
  MAX_TORRENT_SIZE,
} from "./bounds.ts";
import { MetainfoError } from "./errors.ts";
import { requireSortedKeys } from "./file_tree.ts";
import { describe, type FileList, type MetainfoFile, readFiles } from "./metainfo_files.ts";
import { type NamedSources, readSources } from "./metainfo_sources.ts";
import { hasV2, readHybridFiles, readV2Files, requireV2PieceLength } from "./metainfo_v2.ts";
import { type PieceLayers, readPieceLayers } from "./piece_layers.ts";
import { atOnce, type Steps } from "./steps.ts";

export { type MetainfoFile, partsOf } from "./metainfo_files.ts";
export * from "./metainfo_encoder.ts";

export { MAX_TORRENT_SIZE };

const HASH_LENGTH = 20;

/** The part of a .torrent that the info hash names. */
export interface Info {
  /** Safe file or folder name. */
  name: string;
  /** Bytes of every piece but the last. */
  pieceLength: number;
  /** What it has: SHA-1 of pieces (v1), Merkle trees of files (v2, BEP 52), or both. */
  kind: "v1" | "hybrid" | "v2";
  /** The SHA-1 of each piece, 20 bytes each; empty in a v2-only torrent. */
  pieces: Uint8Array<ArrayBuffer>;
  pieceCount: number;
  files: MetainfoFile[];
  /** Whether the files lie in a folder of the torrent's name. */
  multiFile: boolean;
  /** Bytes in all, pad files and the gaps of v2 included. */
  totalSize: number;
  /** BEP 27: only the torrent's own trackers may name peers. */
  private: boolean;
  /** Where it was published; makes the info hash differ from site to site. */
  source?: string;
}

/** A whole .torrent. */
export interface Metainfo extends NamedSources {
  info: Info;
  /** The info dictionary exactly as it stands in the file: hash this. */
  infoBytes: Uint8Array<ArrayBuffer>;
  /** BEP 52: the piece hashes of v2 files, not yet checked: see `checkPieceLayers`. */
  pieceLayers: PieceLayers;
  comment?: string;
  createdBy?: string;
  /** Seconds since 1970. */
  creationDate?: number;
}

/** What was read before: a command, the engine and its records all ask for the same bytes. */
const known = new WeakMap<Uint8Array, Metainfo>();

/**
 * Reads a .torrent: v1, v2, or a hybrid whose parts agree. The same array is read once, and what comes
 * back has views of it: neither may be changed.
 *
 * @throws {BencodeError} where the bytes are not bencode
 * @throws {MetainfoError} where something is missing, wrong, or would escape its folder
 */
export function parseMetainfo(bytes: Uint8Array): Metainfo {
  return known.get(bytes) ?? atOnce(metainfoSteps(bytes));
}

/** The same with pauses; `parseMetainfo` knows the array afterwards. */
export function* metainfoSteps(bytes: Uint8Array): Steps<Metainfo> {
  let metainfo = known.get(bytes);
  if (metainfo === undefined) known.set(bytes, metainfo = yield* readMetainfo(bytes));
  return metainfo;
}

function* readMetainfo(bytes: Uint8Array): Steps<Metainfo> {
  if (bytes.length > MAX_TORRENT_SIZE) {
    throw new MetainfoError(
      `Torrent of ${bytes.length} bytes is larger than the limit of ${MAX_TORRENT_SIZE}`,
    );
  }
  const { value: root, raw } = yield* decodeBencodeSteps(bytes, "info");
  if (!(root instanceof Map)) throw new MetainfoError("Torrent is not a dictionary");
  const info = yield* readInfo(getDict(root, "info"));
  const comment = shown(getText(root, "comment.utf-8") ?? anyText(root.get("comment")));
  const createdBy = shown(anyText(root.get("created by")));
  const creationDate = getInteger(root, "creation date");
  const pieceLayers = yield* readPieceLayers(root, info.files);
  const sources = yield* readSources(root);
  return {
    info,
    infoBytes: raw as Uint8Array<ArrayBuffer>,
    pieceLayers,
    ...sources,
    ...(comment && { comment }),
    ...(createdBy && { createdBy }),
    ...(creationDate !== undefined && creationDate >= 0 && { creationDate }),
  };
}

/**
 * Reads an info dictionary, as peers send it for a magnet link (BEP 9).
 *
 * @throws {BencodeError} where the bytes are not bencode
 * @throws {MetainfoError} where something is missing, wrong, or would escape its folder
 */
export function parseInfo(infoBytes: Uint8Array): Info {
  return atOnce(infoSteps(infoBytes));
}

/** The same with pauses. */
export function* infoSteps(infoBytes: Uint8Array): Steps<Info> {
  const { value: root } = yield* decodeBencodeSteps(infoBytes);
  return yield* readInfo(root instanceof Map ? root : undefined);
}

function* readInfo(info: BencodeDict | undefined): Steps<Info> {
  if (info === undefined) throw new MetainfoError('Torrent has no "info" dictionary');
  // BEP 52 wants the version looked at first: what is wrong with a newer one cannot be told.
  const isV2 = hasV2(info);
  if (isV2) yield* requireSortedKeys(info, "info dictionary");
  const pieces = getBytes(info, "pieces");
  if (pieces === undefined && !isV2) throw new MetainfoError('Torrent has no "pieces"');
  const pieceLength = readPieceLength(info);
  if (isV2) requireV2PieceLength(pieceLength);
  const isV1 = pieces !== undefined;
  const { name, files, multiFile } = yield* readList(info, pieceLength, isV1, isV2);
  const last = files.at(-1);
  const totalSize = last === undefined ? 0 : last.offset + last.length;
  const pieceCount = Math.ceil(totalSize / pieceLength);
  requireBounds(totalSize, pieceLength, pieceCount);
  if (pieces !== undefined) requireHashes(pieces, pieceCount, totalSize, pieceLength);
  const source = shown(anyText(info.get("source")));
  return {
    name,
    pieceLength,
    kind: !isV2 ? "v1" : pieces === undefined ? "v2" : "hybrid",
    // A view: to copy 42 MB of hashes at once takes 200 ms where fresh memory is dear.
    pieces: pieces as Uint8Array<ArrayBuffer> | undefined ?? new Uint8Array(),
    pieceCount,
    files,
    multiFile,
    totalSize,
    private: info.get("private") === 1,
    ...(source && { source }),
  };
}

/** A text that is only shown: where it is cut, it ends so that one sees it. */
function shown(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function readList(
  info: BencodeDict,
  pieceLength: number,
  isV1: boolean,
  isV2: boolean,
): Steps<FileList> {
  if (!isV2) return readFiles(info);
  return isV1 ? readHybridFiles(info, pieceLength) : readV2Files(info, pieceLength);
}

function requireHashes(
  pieces: Uint8Array,
  pieceCount: number,
  totalSize: number,
  pieceLength: number,
): void {
  if (pieces.length % HASH_LENGTH !== 0) {
    throw new MetainfoError(
      `Torrent has ${pieces.length} bytes of piece hashes, which is no multiple of ${HASH_LENGTH}`,
    );
  }
  if (pieces.length / HASH_LENGTH !== pieceCount) {
    throw new MetainfoError(
      `Torrent has ${pieces.length / HASH_LENGTH} piece hashes where ${totalSize} bytes ` +
        `in pieces of ${pieceLength} need ${pieceCount}`,
    );
  }
}

function readPieceLength(info: BencodeDict): number {
  const length = info.get("piece length");
  if (typeof length !== "number" || length < 1 || length > MAX_CLAIMED_PIECE_LENGTH) {
    throw new MetainfoError(
      `Torrent has a piece length of ${describe(length)}: from 1 to ${MAX_PIECE_LENGTH} bytes ` +
        "are supported",
    );
  }
  return length;
}

/** What is laid out by piece or held as one must fit, whatever the metadata claims. */
function requireBounds(totalSize: number, pieceLength: number, pieceCount: number): void {
  if (pieceCount > MAX_PIECES) {
    throw new MetainfoError(
      `Torrent has ${pieceCount} pieces: up to ${MAX_PIECES} are supported`,
    );
  }
  if (Math.min(pieceLength, totalSize) > MAX_PIECE_LENGTH) {
    throw new MetainfoError(
      `Torrent has pieces of ${pieceLength} bytes: up to ${MAX_PIECE_LENGTH} are supported`,
    );
  }
}
