/**
 * The piece layers of a v2 torrent (BEP 52): one SHA-256 for each piece of a file, proven by the
 * file's root.
 *
 * @module
 */
import { type BencodeDict, getDict } from "./bencode.ts";
import { equalBytes } from "./bytes20.ts";
import { MetainfoError } from "./errors.ts";
import { BLOCK_LENGTH } from "./layout.ts";
import { levelsFor, merkleRoot, type Sha256, SHA256_LENGTH } from "./merkle.ts";
import type { MetainfoFile } from "./metainfo_files.ts";

/** A file's root in hex → the hashes of its pieces, 32 bytes each. */
export type PieceLayers = ReadonlyMap<string, Uint8Array>;

/** Reads the layers that belong to one of `files`; whether they fit is for `checkPieceLayers`. */
export function readPieceLayers(
  root: BencodeDict,
  files: readonly MetainfoFile[],
): PieceLayers {
  const known = new Set(files.map((file) => file.piecesRoot?.toHex()));
  const layers = new Map<string, Uint8Array>();
  const dict = getDict(root, "piece layers") ?? [];
  for (const [key, value] of dict) {
    if (known.size === 0 || (known.size === 1 && known.has(undefined))) break;
    if (key.length !== SHA256_LENGTH || !(value instanceof Uint8Array)) {
      throw new MetainfoError("Torrent has a piece layer that is no list of hashes under a root");
    }
    const hex = Uint8Array.from(key, (character) => character.charCodeAt(0)).toHex();
    if (known.has(hex)) layers.set(hex, value.slice());
  }
  return layers;
}

/** Whether a file's pieces have hashes of their own: it is longer than one piece. */
export function needsLayer(file: MetainfoFile, pieceLength: number): boolean {
  return file.piecesRoot !== undefined && file.length > pieceLength;
}

/** Whether these are the hashes of all pieces of the file. */
export function isLayerOf(
  layer: Uint8Array,
  file: { readonly length: number; readonly piecesRoot?: Uint8Array },
  pieceLength: number,
  sha256: Sha256,
): boolean {
  const pieces = Math.ceil(file.length / pieceLength);
  if (layer.length !== pieces * SHA256_LENGTH) return false;
  const level = Math.log2(pieceLength / BLOCK_LENGTH);
  return equalBytes(merkleRoot(layer, levelsFor(pieces), level, sha256), file.piecesRoot!);
}

/**
 * Checks all layers that are there.
 *
 * @param required whether one that is missing is an error, too
 * @throws {MetainfoError} where one does not belong to its file
 */
export function checkPieceLayers(
  files: readonly MetainfoFile[],
  pieceLength: number,
  layers: PieceLayers,
  sha256: Sha256,
  required = true,
): void {
  const checked = new Set<string>();
  for (const file of files) {
    if (!needsLayer(file, pieceLength)) continue;
    const hex = file.piecesRoot!.toHex();
    if (checked.has(hex)) continue;
    checked.add(hex);
    const layer = layers.get(hex);
    if (layer === undefined) {
      if (required) throw new MetainfoError("Torrent lacks the piece layer of one of its files");
    } else if (!isLayerOf(layer, file, pieceLength, sha256)) {
      throw new MetainfoError("Torrent has a piece layer that does not match its file's root");
    }
  }
}
