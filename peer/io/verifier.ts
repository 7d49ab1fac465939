/**
 * Checks what is on disk against a torrent's hashes.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { equalBytes, ID_LENGTH } from "../../protocol/bytes20.ts";
import type { Layout } from "../../protocol/layout.ts";
import { FileMap } from "../logic/file_map.ts";
import { StorageError } from "../ports.ts";
import type { FileStore } from "./file_store.ts";
import { digestPieces } from "./piece_digests.ts";

export interface VerifyOptions {
  readonly store: FileStore;
  readonly layout: Layout;
  /** 20 bytes per piece. */
  readonly hashes: Uint8Array;
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
  const { store, layout, hashes, onPiece, onProgress } = options;
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
        onDigest(piece, digest) {
          unread.delete(piece);
          const at = piece * ID_LENGTH;
          report(piece, equalBytes(digest, hashes.subarray(at, at + ID_LENGTH)));
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

/** The pieces whose bytes are all on disk; the others are reported as bad. */
function* presentPieces(
  store: FileStore,
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
