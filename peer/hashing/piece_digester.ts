/**
 * Reads some consecutive pieces of a torrent from disk and hashes them, in one go.
 *
 * `makeDigester` also runs in worker threads, which get it as text: it uses nothing from outside of
 * itself but globals and its parameters.
 *
 * @module
 */
import type { merkleRoot } from "../../protocol/merkle.ts";
import type { PieceShape } from "../../protocol/piece_shape.ts";
import type { createHash } from "./node_hash.ts";

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

/** What is wanted of one piece: SHA-1, and the root of its subtree where it has a shape. */
interface Wanted {
  readonly sha1: boolean;
  readonly shape: PieceShape | undefined;
}

/**
 * Whether hashing on the spot is cheap: where the processor knows SHA-1 it takes less time (0.55 ms
 * per MiB) than the copy of the input (0.5 to 0.9 ms) with which Web Crypto begins. Elsewhere it
 * takes 5 ms, and Web Crypto with its better code and its threads is the way.
 *
 * Hashes a sample a few times: the first is slow for other reasons. Takes about a millisecond.
 */
export function hashesFast(newHash: typeof createHash): boolean {
  const sample = new Uint8Array(2 ** 18);
  for (let attempt = 0; attempt < 4; attempt++) {
    const start = performance.now();
    newHash("sha1").update(sample).digest();
    if (performance.now() - start < 0.4) return true;
  }
  return false;
}

/**
 * Makes a digester. It blocks its thread while it reads from one file, and where `isFast` while it
 * hashes.
 *
 * @param pause called before each read, for a thread that has others to serve: what to await before it
 * @param isFast whether `newHash` is faster than Web Crypto: see {@linkcode hashesFast}
 * @param root the pure function of `protocol/merkle.ts`
 */
export function makeDigester(
  newHash: typeof createHash,
  isFast: boolean,
  root: typeof merkleRoot,
  pause?: () => Promise<unknown> | undefined,
): Digester {
  /** Bytes of a block of BEP 52. */
  const BLOCK = 2 ** 14;
  /** Bytes that are read, and hashed while the processor's own cache still has them. */
  const WINDOW = 2 ** 18;
  let buffer = new Uint8Array();
  let zeros = new Uint8Array();
  let current: { path: string; file: Deno.FsFile; at: number } | undefined;
  const zeroDigests = new Map<number, Uint8Array>();

  function readFile(path: string, offset: number, into: Uint8Array): void {
    if (current?.path !== path) {
      current?.file.close();
      current = undefined;
      current = { path, file: Deno.openSync(path, { read: true }), at: 0 };
    }
    if (current.at !== offset) current.at = current.file.seekSync(offset, 0);
    for (let at = 0; at < into.length;) {
      const n = current.file.readSync(into.subarray(at));
      if (n === null) throw Object.assign(new Error("end of file"), { code: "SHORT" });
      at += n;
      current.at += n;
    }
  }

  /** What reads the bytes of spans one after the other. */
  function readerOf(spans: readonly DigestSpan[]): (into: Uint8Array) => Promise<void> {
    let index = 0;
    let done = 0;
    return async (into) => {
      for (let at = 0; at < into.length;) {
        // A piece may be of a hundred thousand files.
        const turn = pause?.();
        if (turn !== undefined) await turn;
        const { path, offset, length } = spans[index]!;
        const part = into.subarray(at, at + length - done);
        try {
          if (path === undefined) part.fill(0);
          else readFile(path, offset + done, part);
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          throw { path: path ?? "", code, message } satisfies DigestFailure;
        }
        at += part.length;
        done += part.length;
        if (done < length) continue;
        index++;
        done = 0;
      }
    };
  }

  function isZero(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (bytes[0] !== 0) return false;
    const words = bytes.byteOffset % 8 === 0 ? bytes.length >> 3 : 0;
    const wide = words === 0 ? [] : new BigUint64Array(bytes.buffer, bytes.byteOffset, words);
    for (let i = 0; i < words; i++) if (wide[i] !== 0n) return false;
    for (let i = words * 8; i < bytes.length; i++) if (bytes[i] !== 0) return false;
    return true;
  }

  function sha256(bytes: Uint8Array): Uint8Array {
    return new Uint8Array(newHash("sha256").update(bytes).digest());
  }

  /** The digests of one piece, while it is read. */
  async function digestOnTheSpot(
    read: (into: Uint8Array) => Promise<void>,
    length: number,
    { sha1: wantsSha1, shape }: Wanted,
    into: Uint8Array,
  ): Promise<void> {
    if (buffer.length < WINDOW) buffer = new Uint8Array(WINDOW);
    const hash = wantsSha1 ? newHash("sha1") : undefined;
    const leaves = new Uint8Array(Math.ceil((shape?.length ?? 0) / BLOCK) * 32);
    // Most of an unfinished file is a hole: the digest of zeros is computed once per length.
    let zeroLength = 0;
    const hashZeros = (): void => {
      if (zeroLength > 0 && zeros.length === 0) zeros = new Uint8Array(WINDOW);
      for (; zeroLength > 0; zeroLength -= Math.min(zeroLength, WINDOW)) {
        hash!.update(zeros.subarray(0, zeroLength));
      }
    };
    for (let at = 0; at < length; at += WINDOW) {
      const part = buffer.subarray(0, Math.min(WINDOW, length - at));
      await read(part);
      if (hash !== undefined && zeroLength === at && isZero(part)) zeroLength += part.length;
      else if (hash !== undefined) {
        hashZeros();
        hash.update(part);
      }
      for (let block = at; block < Math.min(at + WINDOW, shape?.length ?? 0); block += BLOCK) {
        const end = Math.min(block + BLOCK, shape!.length);
        leaves.set(sha256(part.subarray(block - at, end - at)), block / BLOCK * 32);
      }
    }
    const isAllZero = zeroLength === length;
    if (hash !== undefined) {
      const known = isAllZero ? zeroDigests.get(length) : undefined;
      if (known === undefined) hashZeros();
      const digest = known ?? new Uint8Array(hash.digest());
      if (isAllZero) zeroDigests.set(length, digest);
      into.set(digest);
    }
    if (shape !== undefined) into.set(root(leaves, shape.height, 0, sha256), into.length - 32);
  }

  /** The same with Web Crypto. */
  async function digestAside(
    read: (into: Uint8Array) => Promise<void>,
    length: number,
    { sha1: wantsSha1, shape }: Wanted,
    into: Uint8Array,
  ): Promise<void> {
    if (buffer.length < length) buffer = new Uint8Array(length);
    const piece = buffer.subarray(0, length);
    await read(piece);
    if (wantsSha1) {
      const zero = isZero(piece);
      const known = zero ? zeroDigests.get(length) : undefined;
      const digest = known ?? new Uint8Array(await crypto.subtle.digest("SHA-1", piece));
      if (zero) zeroDigests.set(length, digest);
      into.set(digest);
    }
    if (shape === undefined) return;
    const blocks: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < shape.length; at += BLOCK) {
      blocks.push(piece.subarray(at, Math.min(at + BLOCK, shape.length)));
    }
    const leaves = new Uint8Array(blocks.length * 32);
    const hashes = await Promise.all(
      blocks.map(async (block) => new Uint8Array(await crypto.subtle.digest("SHA-256", block))),
    );
    for (const [i, hash] of hashes.entries()) leaves.set(hash, i * 32);
    into.set(root(leaves, shape.height, 0, sha256), into.length - 32);
  }

  return {
    async digest({ spans, pieceLength, length, sha1, shapes }) {
      const width = (sha1 ? 20 : 0) + (shapes === undefined ? 0 : 32);
      const digests = new Uint8Array(Math.ceil(length / pieceLength) * width);
      const read = readerOf(spans);
      const digestPiece = isFast ? digestOnTheSpot : digestAside;
      for (let index = 0; index * pieceLength < length; index++) {
        const size = Math.min(pieceLength, length - index * pieceLength);
        const into = digests.subarray(index * width, (index + 1) * width);
        await digestPiece(read, size, { sha1, shape: shapes?.[index] }, into);
      }
      return digests;
    },
    [Symbol.dispose]() {
      current?.file.close();
    },
  };
}
