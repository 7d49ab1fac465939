/**
 * Reads some consecutive pieces of a torrent from disk and hashes them, in one go.
 *
 * `makeDigester` also runs in worker threads, which get it as text: it uses nothing from outside of
 * itself but globals and its parameters.
 *
 * @module
 */
import type { createHash } from "node:crypto";
import type { merkleRoot } from "../../protocol/merkle.ts";
import type { PieceShape } from "../../protocol/piece_shape.ts";

/** Bytes of one file that follow those of the span before. */
export interface DigestSpan {
  /** Undefined for padding: zeros. */
  readonly path: string | undefined;
  /** Offset in bytes in the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** Some consecutive pieces. All are as long as `pieceLength` but the last, which ends the spans. */
export interface DigestJob {
  readonly spans: readonly DigestSpan[];
  readonly pieceLength: number;
  /** Bytes in all spans. */
  readonly length: number;
  /** Whether SHA-1 of each piece is wanted. */
  readonly sha1: boolean;
  /** The subtrees of all pieces, where their Merkle roots are wanted (BEP 52). */
  readonly shapes?: readonly PieceShape[] | undefined;
}

/** Bytes of a job's result for each piece: SHA-1 and Merkle root, as far as they are wanted. */
export function digestWidth({ sha1, shapes }: Pick<DigestJob, "sha1" | "shapes">): number {
  return (sha1 ? 20 : 0) + (shapes === undefined ? 0 : 32);
}

/** Reads and hashes. */
export interface Digester extends Disposable {
  /** What is wanted of each piece, `digestWidth` bytes each. Rejects with a `DigestFailure`. */
  digest(job: DigestJob): Promise<Uint8Array>;
}

/** Why a job failed, in a form that can be sent between threads. */
export interface DigestFailure {
  readonly path: string;
  /** The system's code (`ENOENT`, …), or `"SHORT"` where the file ended early. */
  readonly code: string | undefined;
  readonly message: string;
}

/**
 * Makes a digester. It blocks its thread while it reads one file.
 *
 * @param pause called before each file, for a thread that has others to serve: what to await before it
 * @param isFast whether `newHash` is faster than Web Crypto: see `hasFastSha1`
 * @param root the pure function of `protocol/merkle.ts`
 */
export function makeDigester(
  newHash: typeof createHash,
  isFast: boolean,
  root: typeof merkleRoot,
  pause?: () => Promise<unknown> | undefined,
): Digester {
  let buffer = new Uint8Array();
  let current: { path: string; file: Deno.FsFile } | undefined;
  const zeroDigests = new Map<number, Uint8Array>();

  function read(span: DigestSpan, into: Uint8Array): void {
    const { path, offset } = span;
    if (path === undefined) {
      into.fill(0);
      return;
    }
    if (current?.path !== path) {
      current?.file.close();
      current = undefined;
      current = { path, file: Deno.openSync(path, { read: true }) };
    }
    current.file.seekSync(offset, 0);
    for (let at = 0; at < into.length;) {
      const n = current.file.readSync(into.subarray(at));
      if (n === null) throw Object.assign(new Error("end of file"), { code: "SHORT" });
      at += n;
    }
  }

  function isZero(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (bytes[0] !== 0) return false;
    const words = bytes.byteOffset % 8 === 0 ? bytes.length >> 3 : 0;
    const wide = words === 0 ? [] : new BigUint64Array(bytes.buffer, bytes.byteOffset, words);
    for (let i = 0; i < words; i++) if (wide[i] !== 0n) return false;
    for (let i = words * 8; i < bytes.length; i++) if (bytes[i] !== 0) return false;
    return true;
  }

  async function sha1(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    // Most of an unfinished file is a hole: its digest is computed once per length.
    const zero = isZero(bytes);
    const known = zero ? zeroDigests.get(bytes.length) : undefined;
    if (known !== undefined) return known;
    const digest = isFast
      ? new Uint8Array(newHash("sha1").update(bytes).digest())
      : new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
    if (zero) zeroDigests.set(bytes.length, digest);
    return digest;
  }

  function sha256(bytes: Uint8Array): Uint8Array {
    return new Uint8Array(newHash("sha256").update(bytes).digest());
  }

  async function treeRoot(piece: Uint8Array<ArrayBuffer>, shape: PieceShape): Promise<Uint8Array> {
    const blocks: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < shape.length; at += 16384) {
      blocks.push(piece.subarray(at, Math.min(at + 16384, shape.length)));
    }
    const leaves = new Uint8Array(blocks.length * 32);
    const hashes = isFast ? blocks.map(sha256) : await Promise.all(
      blocks.map(async (block) => new Uint8Array(await crypto.subtle.digest("SHA-256", block))),
    );
    for (const [i, hash] of hashes.entries()) leaves.set(hash, i * 32);
    return root(leaves, shape.height, 0, sha256);
  }

  return {
    async digest({ spans, pieceLength, length, sha1: wantsSha1, shapes }) {
      if (buffer.length < length) buffer = new Uint8Array(length);
      let at = 0;
      for (const span of spans) {
        // A piece may be of a hundred thousand files.
        const turn = pause?.();
        if (turn !== undefined) await turn;
        try {
          read(span, buffer.subarray(at, at += span.length));
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          throw { path: span.path ?? "", code, message } satisfies DigestFailure;
        }
      }
      const width = (wantsSha1 ? 20 : 0) + (shapes === undefined ? 0 : 32);
      const digests = new Uint8Array(Math.ceil(length / pieceLength) * width);
      for (let index = 0; index * pieceLength < length; index++) {
        const start = index * pieceLength;
        const piece = buffer.subarray(start, Math.min(start + pieceLength, length));
        if (wantsSha1) digests.set(await sha1(piece), index * width);
        const shape = shapes?.[index];
        if (shape === undefined) continue;
        digests.set(await treeRoot(piece, shape), (index + 1) * width - 32);
      }
      return digests;
    },
    [Symbol.dispose]() {
      current?.file.close();
    },
  };
}
