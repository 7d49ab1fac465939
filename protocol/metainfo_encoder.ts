/**
 * Making a .torrent (BEP 3, 12, 19, 27, 47, 52).
 *
 * @module
 */
import { encodeBencodeSteps } from "./bencode.ts";
import { MAX_PIECE_LENGTH } from "./bounds.ts";
import { fileTreeSteps, type NewTreeFile } from "./file_tree_encoder.ts";
import { atOnce, type Steps } from "./steps.ts";

export { MAX_PIECE_LENGTH };

/** What goes into a new .torrent. */
export interface NewMetainfo {
  name: string;
  /** Bytes. */
  pieceLength: number;
  /** The SHA-1 of each piece, 20 bytes each; undefined for a v2-only torrent. */
  pieces: Uint8Array | undefined;
  /** The files below the folder `name`, path by component; undefined for a single file. */
  files: { path: string[]; length: number; pad?: boolean }[] | undefined;
  /** The v2 part: files in the order of their tree, and the piece hashes of each root. */
  v2?: { files: readonly NewTreeFile[]; layers: ReadonlyMap<string, Uint8Array> };
  /** Bytes of a single file. */
  length?: number;
  private?: boolean;
  /** Tiers of announce URLs. */
  trackers?: string[][];
  webSeeds?: string[];
  comment?: string;
  createdBy?: string;
  /** Seconds since 1970. */
  creationDate?: number;
  source?: string;
}

/** A .torrent that was made. */
export interface EncodedMetainfo {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The info dictionary, whose hash is the info hash. */
  readonly infoBytes: Uint8Array<ArrayBuffer>;
}

/** The .torrent. */
export function encodeMetainfo(input: NewMetainfo): EncodedMetainfo {
  return atOnce(encodeMetainfoSteps(input));
}

/** The same with pauses. */
export function* encodeMetainfoSteps(input: NewMetainfo): Steps<EncodedMetainfo> {
  const info = {
    name: input.name,
    "piece length": input.pieceLength,
    pieces: input.pieces,
    files: input.pieces === undefined ? undefined : input.files?.map(({ path, length, pad }) => {
      return { path, length, attr: pad ? "p" : undefined };
    }),
    length: input.pieces !== undefined && input.files === undefined ? input.length ?? 0 : undefined,
    "file tree": input.v2 && (yield* fileTreeSteps(input.v2.files)),
    "meta version": input.v2 && 2,
    private: input.private ? 1 : undefined,
    source: input.source,
  };
  const trackers = (input.trackers ?? []).filter((tier) => tier.length > 0);
  const urls = trackers.flat();
  const bytes = yield* encodeBencodeSteps({
    announce: urls[0],
    "announce-list": urls.length > 1 ? trackers : undefined,
    comment: input.comment,
    "created by": input.createdBy,
    "creation date": input.creationDate,
    info,
    "piece layers": input.v2 && new Map(
      [...input.v2.layers].map(([hex, layer]) => {
        return [String.fromCharCode(...Uint8Array.fromHex(hex)), layer];
      }),
    ),
    "url-list": input.webSeeds?.length ? input.webSeeds : undefined,
  });
  return { bytes, infoBytes: yield* encodeBencodeSteps(info) };
}

const MIN_CHOSEN = 16 * 1024;
const MAX_CHOSEN = 16 * 1024 * 1024;
/** A bitfield of more pieces does not fit into the 32 KiB frame that some clients accept. */
const MAX_CHOSEN_PIECES = 262_000;

/**
 * A piece length in bytes for so many bytes in all: a power of two that grows with the root of the
 * size, from 16 KiB to 16 MiB, and beyond only where there would be too many pieces.
 */
export function choosePieceLength(totalSize: number): number {
  let exponent = 0;
  while (2 ** exponent < totalSize) exponent++;
  const ideal = 2 ** (Math.floor(exponent / 2) + 4);
  let length = Math.min(Math.max(ideal, MIN_CHOSEN), MAX_CHOSEN);
  while (totalSize / length > MAX_CHOSEN_PIECES && length < MAX_PIECE_LENGTH) length *= 2;
  return length;
}
