/**
 * The boundary between the engine's decisions and the world: what is done, not how.
 *
 * @module
 */
import type { Bitfield } from "../protocol/bitfield.ts";
import type { AnnounceReply, AnnounceRequest, ScrapeEntry } from "../protocol/announce.ts";
import type { Protection } from "./logic/encryption.ts";

/** Digests off the JS thread. */
export interface Hasher {
  /** The SHA-1 of `bytes`, which must not change until the promise settles. */
  sha1(bytes: Uint8Array): Promise<Uint8Array>;
}

/** One torrent's bytes on disk. Errors of the file system surface as {@linkcode StorageError}. */
export interface PieceStore extends AsyncDisposable {
  /** Fills `into` (as long as the piece) with a piece's bytes. */
  read(piece: number, into: Uint8Array): Promise<void>;
  /** Puts a verified piece in its place; resolves when every byte was accepted by the system. */
  write(piece: number, bytes: Uint8Array): Promise<void>;
  /** Makes everything written so far survive a power failure (fdatasync of the touched files). */
  sync(): Promise<void>;
  /**
   * All pieces of a file are there: gives it its final name. `file` indexes `info.files`.
   *
   * @returns whether it got it now: it may have had it, or the file is not wanted
   */
  finish(file: number): Promise<boolean>;
  /** Says which files are wanted from now on; `have`: the pieces that are there. */
  want(wanted: readonly boolean[], have: Bitfield): void;
}

/** Talks to one tracker. */
export interface Announcer {
  /** @throws {TrackerError} with a sentence for the user */
  announce(url: string, request: AnnounceRequest, signal: AbortSignal): Promise<AnnounceReply>;
  /** @throws {TrackerError} */
  scrape(url: string, infoHashes: Uint8Array[], signal: AbortSignal): Promise<ScrapeEntry[]>;
}

/** One connection's bytes. TCP today; whatever carries a stream tomorrow. */
export interface Socket extends Disposable {
  /** Host and port of the other end. */
  readonly remote: { host: string; port: number };
  /** What of it is encrypted. Left out: nothing. */
  readonly protection?: Protection;
  /** Reads some bytes into the buffer; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes; how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** The file system failed: the torrent stops with this sentence and nothing is lost. */
export class StorageError extends Error {
  override name = "StorageError";
  /** What kind: decides the exit status and whether waiting can help. */
  readonly kind: "full" | "permission" | "missing" | "exists" | "other";
  /** The file or folder concerned. */
  readonly path: string;

  constructor(kind: StorageError["kind"], path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.path = path;
  }
}
