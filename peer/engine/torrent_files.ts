/**
 * The .torrent of each torrent that is here: its bytes, in memory and in the store.
 *
 * @module
 */
import { UnknownTorrentError } from "../errors.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";

/** Bytes by info hash (hex). */
export class TorrentFiles {
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #db: ResumeRecords | undefined;

  /** @param db where they are written to; undefined for nowhere */
  constructor(db: ResumeRecords | undefined) {
    this.#db = db;
  }

  get(infoHash: string): Uint8Array | undefined {
    return this.#bytes.get(infoHash);
  }

  /** @throws {UnknownTorrentError} also while only its link is known */
  bytes(infoHash: string): Uint8Array {
    const bytes = this.#bytes.get(infoHash);
    if (bytes === undefined) throw new UnknownTorrentError(`No .torrent of ${infoHash} here yet`);
    return bytes;
  }

  /** One that is written already, or not to be. */
  set(infoHash: string, bytes: Uint8Array): void {
    this.#bytes.set(infoHash, bytes);
  }

  /** Writes down one that is another than before. @throws {StorageError} */
  replace(infoHash: string, bytes: Uint8Array): void {
    if (bytes === this.#bytes.get(infoHash)) return;
    this.#bytes.set(infoHash, bytes);
    this.#db?.saveTorrentFileNow(infoHash, bytes);
  }

  /** The store's is not touched. */
  delete(infoHash: string): void {
    this.#bytes.delete(infoHash);
  }
}
