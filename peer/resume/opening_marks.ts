/**
 * Marks what is being opened, so that the next start knows what was when the process ended.
 *
 * @module
 */
import type { ResumeRecords } from "./resume_db.ts";

/** How often in a row the process ended while a torrent was opened, by its info hash (hex). */
export class OpeningMarks {
  readonly #db: ResumeRecords | undefined;

  /** @param db where marks are kept; undefined for nowhere */
  constructor(db: ResumeRecords | undefined) {
    this.#db = db;
  }

  /** How often it did. */
  strikes(infoHash: string): number {
    return Number(this.#db?.setting(keyOf(infoHash)) ?? 0) || 0;
  }

  /** A torrent is about to be opened. */
  begin(infoHash: string): void {
    try {
      this.#db?.setSetting(keyOf(infoHash), String(this.strikes(infoHash) + 1));
    } catch {
      // The disk is full, say: it is opened without a mark, as it would be without a store.
    }
  }

  /** It is open, or is not, and the process lives. */
  end(infoHash: string): void {
    try {
      this.#db?.deleteSetting(keyOf(infoHash));
    } catch {
      // It counts as one time that the process ended.
    }
  }
}

function keyOf(infoHash: string): string {
  return `opening ${infoHash}`;
}
