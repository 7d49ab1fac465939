/**
 * The digests of many pieces on disk, with all cores at work.
 *
 * @module
 */
import type { Layout } from "../../protocol/piece_layout.ts";
import { merkleRoot } from "../../protocol/merkle.ts";
import type { PieceShape } from "../../protocol/piece_shape.ts";
import { type DiskFile, FileMap } from "../pieces/file_map.ts";
import { StorageError } from "../ports.ts";
import { slices } from "../../loop/process_loop.ts";
import { DigestWorkers } from "./digest_workers.ts";
import { createHash } from "./node_hash.ts";
import {
  type Digester,
  type DigestFailure,
  type DigestJob,
  digestWidth,
  makeDigester,
} from "./piece_digester.ts";
import { toStorageError } from "../storage/storage_error.ts";

export interface PieceDigestsOptions {
  readonly layout: Layout;
  readonly files: readonly DiskFile[];
  /** Which pieces, best in ascending order. */
  readonly pieces: readonly number[];
  /** Whether SHA-1 is wanted. Default true. */
  readonly sha1?: boolean | undefined;
  /** The shape of each piece, where Merkle roots are wanted (BEP 52). */
  readonly shapeOf?: ((piece: number) => PieceShape) | undefined;
  /** Called once per piece: the 20 bytes of SHA-1, if wanted, then the 32 of the root, if wanted. */
  readonly onDigest: (piece: number, digest: Uint8Array) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes read at once: small pieces share a read. */
const READ_LENGTH = 2 ** 22;
/** Fewer bytes than this are hashed before threads have started. */
const WORTH_THREADS = 2 ** 23;
/** More threads than this wait for the disk. */
const MAX_THREADS = 4;

/**
 * Reads pieces and hashes them.
 *
 * @throws {StorageError} where bytes cannot be read; the digests before that were given out
 */
export async function digestPieces(options: PieceDigestsOptions): Promise<void> {
  const { layout, pieces, onDigest, signal } = options;
  const isMuch = pieces.length * layout.pieceLength >= WORTH_THREADS;
  const threads = isMuch ? Math.min(MAX_THREADS, Math.max(2, navigator.hardwareConcurrency)) : 1;
  using digester: Digester = isMuch
    ? new DigestWorkers(threads)
    // With Web Crypto: loading another hash would take longer than so little does.
    : makeDigester(createHash, false, merkleRoot, slices.pacer());
  const map = new FileMap(options.files);
  const runs = consecutiveRuns(pieces, Math.floor(READ_LENGTH / layout.pieceLength));
  const lane = async (): Promise<void> => {
    for (const run of runs) {
      signal?.throwIfAborted();
      const { first, last } = run;
      const job = jobOf(run, map, options);
      const digests = await digester.digest(job).catch(toError);
      const width = digestWidth(job);
      for (let piece = first; piece <= last; piece++) {
        const at = (piece - first) * width;
        onDigest(piece, digests.subarray(at, at + width));
      }
    }
  };
  // Two jobs for each thread, so that the next is there when one is done. An error in one lane ends
  // the generator that they share, and with it the others.
  const lanes = Array.from({ length: isMuch ? 2 * threads : 1 }, lane);
  for (const result of await Promise.allSettled(lanes)) {
    if (result.status === "rejected") throw result.reason;
  }
}

interface Run {
  first: number;
  last: number;
}

/** Pieces that follow one another, at most `limit` (at least one) together. */
function* consecutiveRuns(pieces: readonly number[], limit: number): Generator<Run> {
  let run: Run | undefined;
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

function jobOf(
  run: Run,
  map: FileMap,
  { files, layout, sha1 = true, shapeOf }: PieceDigestsOptions,
): DigestJob {
  const start = layout.pieceOffset(run.first);
  const length = layout.pieceOffset(run.last) + layout.pieceSize(run.last) - start;
  const spans = map.spans(start, length).map(({ file, offset, length }) => {
    const { path, start = 0 } = files[file]!;
    return { path, offset: start + offset, length };
  });
  const shapes = shapeOf &&
    Array.from({ length: run.last - run.first + 1 }, (_, i) => shapeOf(run.first + i));
  return { spans, pieceLength: layout.pieceLength, length, sha1, shapes };
}

function toError(failure: DigestFailure | Error): never {
  if (failure instanceof Error) throw failure;
  const { path, code, message } = failure;
  if (code === "SHORT") {
    throw new StorageError("missing", path, `Cannot read ${path}: it is shorter than it was`);
  }
  throw toStorageError(Object.assign(new Error(message), { code }), "read", path);
}
