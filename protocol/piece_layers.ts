/**
 * The piece layers of a v2 torrent (BEP 52): one SHA-256 for each piece of a file, proven by the
 * file's root.
 *
 * @module
 */
import { type BencodeDict, getDict } from "./bencode.ts";
import { equalBytes } from "./bytes20.ts";
import { MetainfoError } from "./errors.ts";
import { BLOCK_LENGTH } from "./piece_layout.ts";
import { levelsFor, merkleRoot, type Sha256, SHA256_LENGTH } from "./merkle.ts";
import { FILES_PER_STEP, type MetainfoFile } from "./metainfo_files.ts";
import { atOnce, type Steps } from "./steps.ts";

/** A file's root in hex → the hashes of its pieces, 32 bytes each. */
export type PieceLayers = ReadonlyMap<string, Uint8Array>;

/** Reads the layers that belong to one of `files`; whether they fit is for `checkPieceLayers`. */
export function* readPieceLayers(
  root: BencodeDict,
  files: readonly MetainfoFile[],
): Steps<PieceLayers> {
  const layers = new Map<string, Uint8Array>();
  const dict = getDict(root, "piece layers");
  if (dict === undefined) return layers;
  const known = new Set<string>();
  for (const [index, { piecesRoot }] of files.entries()) {
    if (index % FILES_PER_STEP === 0) yield;
    if (piecesRoot !== undefined) known.add(piecesRoot.toHex());
  }
  let count = 0;
  for (const [key, value] of known.size === 0 ? [] : dict) {
    if (++count % FILES_PER_STEP === 0) yield;
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

/** Hashes between two pauses, a power of two: some milliseconds of work. */
const HASHES_PER_STEP = 1024;
const LEVELS_PER_STEP = Math.log2(HASHES_PER_STEP);

/** `merkleRoot` of many hashes with pauses. */
function* rootInSteps(
  hashes: Uint8Array,
  height: number,
  level: number,
  sha256: Sha256,
): Steps<Uint8Array> {
  let layer = hashes;
  const step = HASHES_PER_STEP * SHA256_LENGTH;
  while (height > LEVELS_PER_STEP) {
    const above = new Uint8Array(Math.ceil(layer.length / step) * SHA256_LENGTH);
    for (let at = 0; at < layer.length; at += step) {
      const part = layer.subarray(at, at + step);
      above.set(merkleRoot(part, LEVELS_PER_STEP, level, sha256), at / HASHES_PER_STEP);
      yield;
    }
    layer = above;
    height -= LEVELS_PER_STEP;
    level += LEVELS_PER_STEP;
  }
  return merkleRoot(layer, height, level, sha256);
}

/**
 * Checks all layers that are there, at once.
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
  atOnce(pieceLayerChecks(files, pieceLength, layers, sha256, required));
}

/** The same in steps of some milliseconds: layers of strangers must not hold up everybody else. */
export function* pieceLayerChecks(
  files: readonly MetainfoFile[],
  pieceLength: number,
  layers: PieceLayers,
  sha256: Sha256,
  required: boolean,
): Steps<void> {
  const checked = new Set<string>();
  const level = Math.log2(pieceLength / BLOCK_LENGTH);
  let work = 0;
  for (const file of files) {
    if (!needsLayer(file, pieceLength)) continue;
    const hex = file.piecesRoot!.toHex();
    const pieces = Math.ceil(file.length / pieceLength);
    // By length, too: files of one root but two lengths cannot both be right.
    const key = `${hex} ${pieces}`;
    if (checked.has(key)) continue;
    checked.add(key);
    const layer = layers.get(hex);
    if (layer === undefined) {
      if (required) throw new MetainfoError("Torrent lacks the piece layer of one of its files");
      continue;
    }
    const isRight = layer.length === pieces * SHA256_LENGTH && equalBytes(
      yield* rootInSteps(layer, levelsFor(pieces), level, sha256),
      file.piecesRoot!,
    );
    if (!isRight) {
      throw new MetainfoError("Torrent has a piece layer that does not match its file's root");
    }
    // The padding of each level is hashed, too.
    work += pieces + level + levelsFor(pieces);
    if (work >= HASHES_PER_STEP) {
      work = 0;
      yield;
    }
  }
}
