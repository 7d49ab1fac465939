/**
 * Verifier: checks data on disk against a torrent's hashes.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { equalBytes, ID_LENGTH } from "../../protocol/bytes20.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import { FileMap } from "../pieces/file_map.ts";
import type { HashTrees } from "../v2/hash_trees.ts";
import { StorageError } from "../ports.ts";
import type { FilesOnDisk } from "../storage/files_on_disk.ts";
import { digestPieces } from "../hashing/piece_digests.ts";
import type { PresentFile } from "../pieces/file_map.ts";
import { slices } from "../../loop/process_loop.ts";

export interface VerifyOptions {
  readonly store: { readonly onDisk: Pick<FilesOnDisk, "all"> };
  readonly layout: Layout;
  /** 20 bytes per piece; empty for a v2-only torrent. */
  readonly hashes: Uint8Array;
  /** Of a v2 or hybrid torrent. A piece has to fit all hashes that are known, and at least one. */
  readonly trees?: HashTrees | undefined;
  /** Which pieces to check. Default: all. */
  readonly pieces?: readonly number[] | undefined;
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
  if (options.pieces?.length === 0) return good;
  let checked = 0;
  const report = (piece: number, isGood: boolean): void => {
    if (isGood) good.add(piece);
    checked++;
    onPiece?.(piece, isGood);
    onProgress?.(checked, good.count);
  };
  let pieces: readonly number[] = options.pieces ??
    Array.from({ length: layout.pieceCount }, (_, piece) => piece);
  for (;;) {
    const files = await store.onDisk.all();
    const present = await slices.run(presentSteps(files, layout, pieces, report));
    const unread = new Bitfield(layout.pieceCount);
    for (const piece of present) unread.add(piece);
    try {
      await digestPieces({
        ...options,
        files,
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
      pieces = present.filter((piece) => unread.has(piece));
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
function* presentSteps(
  files: readonly PresentFile[],
  layout: Layout,
  pieces: readonly number[],
  report: (piece: number, isGood: boolean) => void,
): Steps<number[]> {
  const present: number[] = [];
  const map = new FileMap(files);
  for (const piece of pieces) {
    yield;
    const spans = map.spans(layout.pieceOffset(piece), layout.pieceSize(piece));
    if (spans.every((span) => span.offset + span.length <= files[span.file]!.present)) {
      present.push(piece);
    } else report(piece, false);
  }
  return present;
}
