/**
 * Verifier: checks data on disk against a torrent's hashes.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { equalBytes, ID_LENGTH } from "../../protocol/bytes20.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import { FileMap } from "../pieces/file_map.ts";
import type { HashTrees } from "../v2/hash_trees.ts";
import { StorageError } from "../ports.ts";
import type { FileStore } from "../storage/file_store.ts";
import { digestPieces } from "../hashing/piece_digests.ts";

export interface VerifyOptions {
  readonly store: Pick<FileStore, "diskFiles">;
  readonly layout: Layout;
  /** 20 bytes per piece; empty for a v2-only torrent. */
  readonly hashes: Uint8Array;
  /** Of a v2 or hybrid torrent. A piece has to fit all hashes that are known, and at least one. */
  readonly trees?: HashTrees | undefined;
  /** Which pieces to check. Default: all. */
  readonly pieces?: Iterable<number> | undefined;
  /** Called now and then with the number of pieces checked and of those that were good. */
  readonly onProgress?: ((checked: number, good: number) => void) | undefined;
  readonly onPiece?: ((piece: number, isGood: boolean) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Which of the pieces are good. What is missing or cut short is not good, and no error.
 *
 * @throws {StorageError} where a file is there but cannot be read
 */
export async function verifyPieces(options: VerifyOptions): Promise<Bitfield> {
  const { store, layout, hashes, trees, onPiece, onProgress } = options;
  const isV1 = hashes.length > 0;
  const good = new Bitfield(layout.pieceCount);
  let checked = 0;
  const report = (piece: number, isGood: boolean): void => {
    if (isGood) good.add(piece);
    checked++;
    onPiece?.(piece, isGood);
    onProgress?.(checked, good.count);
  };
  let pieces = options.pieces ?? Array.from({ length: layout.pieceCount }, (_, piece) => piece);
  for (;;) {
    const present = [...presentPieces(store, layout, pieces, report)];
    const unread = new Set(present);
    try {
      await digestPieces({
        ...options,
        files: store.diskFiles(),
        pieces: present,
        sha1: isV1,
        shapeOf: trees && ((piece) => trees.shape(piece) ?? { length: 0, height: 0 }),
        onDigest(piece, digest) {
          unread.delete(piece);
          report(piece, fits(piece, digest, hashes, trees));
        },
      });
      return good;
    } catch (error) {
      // A file went away or shrank under our hands: look again at what is there.
      if (!(error instanceof StorageError) || error.kind !== "missing") throw error;
      pieces = unread;
    }
  }
}

function fits(
  piece: number,
  digest: Uint8Array,
  hashes: Uint8Array,
  trees: HashTrees | undefined,
): boolean {
  const at = piece * ID_LENGTH;
  const isV1 = hashes.length > 0;
  if (isV1 && !equalBytes(digest.subarray(0, ID_LENGTH), hashes.subarray(at, at + ID_LENGTH))) {
    return false;
  }
  const expected = trees?.hash(piece);
  if (expected === undefined) return isV1;
  return equalBytes(digest.subarray(isV1 ? ID_LENGTH : 0), expected);
}

/** The pieces whose bytes are all on disk; the others are reported as bad. */
function* presentPieces(
  store: VerifyOptions["store"],
  layout: Layout,
  pieces: Iterable<number>,
  report: (piece: number, isGood: boolean) => void,
): Generator<number> {
  const files = store.diskFiles();
  const map = new FileMap(files);
  for (const piece of pieces) {
    const spans = map.spans(layout.pieceOffset(piece), layout.pieceSize(piece));
    if (spans.every((span) => span.offset + span.length <= files[span.file]!.present)) yield piece;
    else report(piece, false);
  }
}
