/**
 * The digests of many pieces on disk, with all cores at work.
 *
 * @module
 */
import type { Layout } from "../../protocol/layout.ts";
import type { Hasher } from "../ports.ts";
import type { BulkReader } from "./bulk_reader.ts";

export interface PieceDigestsOptions {
  readonly layout: Layout;
  readonly reader: BulkReader;
  readonly hasher: Hasher;
  /** Which pieces, best in ascending order. */
  readonly pieces: Iterable<number>;
  /** Called once per piece. */
  readonly onDigest: (piece: number, digest: Uint8Array) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes read at once: small pieces share a read. */
const READ_LENGTH = 2 ** 20;
/** Bytes that may be in memory at once, before the copies that digests make. */
const BYTES_IN_FLIGHT = 2 ** 25;

/**
 * Reads pieces in turn and hashes some while the next are read.
 *
 * @throws {StorageError} where bytes cannot be read; the digests before that were given out
 */
export async function digestPieces(options: PieceDigestsOptions): Promise<void> {
  const { layout, reader, hasher, onDigest, signal } = options;
  const zeros = new ZeroDigests(hasher);
  const runs = consecutiveRuns(options.pieces, Math.floor(READ_LENGTH / layout.pieceLength));
  const capacity = Math.max(layout.pieceLength, READ_LENGTH);
  const lane = async (): Promise<void> => {
    let buffer: Uint8Array<ArrayBuffer> | undefined;
    for (const run of runs) {
      signal?.throwIfAborted();
      buffer ??= new Uint8Array(Math.min(capacity, layout.totalSize));
      const start = layout.pieceOffset(run.first);
      const end = layout.pieceOffset(run.last) + layout.pieceSize(run.last);
      const bytes = buffer.subarray(0, end - start);
      await reader.read(start, bytes);
      const digests: Promise<void>[] = [];
      for (let piece = run.first; piece <= run.last; piece++) {
        const from = layout.pieceOffset(piece) - start;
        const part = bytes.subarray(from, from + layout.pieceSize(piece));
        const digest = isZero(part) ? zeros.digest(part) : hasher.sha1(part);
        digests.push(digest.then((value) => onDigest(piece, value)));
      }
      await Promise.all(digests);
    }
  };
  // More than four add nothing on any machine measured; two are needed to overlap.
  const lanes = Math.min(4, Math.max(2, Math.floor(BYTES_IN_FLIGHT / capacity)));
  // An error in one lane ends the shared generator, and with it the others.
  for (const result of await Promise.allSettled(Array.from({ length: lanes }, lane))) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** Pieces that follow one another, at most `limit` (at least one) together. */
function* consecutiveRuns(
  pieces: Iterable<number>,
  limit: number,
): Generator<{ first: number; last: number }> {
  let run: { first: number; last: number } | undefined;
  for (const piece of pieces) {
    if (run !== undefined && piece === run.last + 1 && piece - run.first < limit) {
      run.last = piece;
      continue;
    }
    if (run !== undefined) yield run;
    run = { first: piece, last: piece };
  }
  if (run !== undefined) yield run;
}

/** The digest of nothing but zeros, hashed once per length: most of an unfinished file is a hole. */
class ZeroDigests {
  readonly #hasher: Hasher;
  readonly #byLength = new Map<number, Promise<Uint8Array>>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  digest(zeros: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    let digest = this.#byLength.get(zeros.length);
    if (digest === undefined) {
      digest = this.#hasher.sha1(zeros);
      this.#byLength.set(zeros.length, digest);
    }
    return digest;
  }
}

function isZero(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes[0] !== 0) return false;
  const words = bytes.byteOffset % 8 === 0 ? bytes.length >> 3 : 0;
  const wide = new BigUint64Array(bytes.buffer, words > 0 ? bytes.byteOffset : 0, words);
  for (let i = 0; i < words; i++) if (wide[i] !== 0n) return false;
  for (let i = words * 8; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
