/**
 * Disk retry: a torrent that stopped because the disk was full tries again by itself.
 *
 * @module
 */
import type { StorageError } from "../ports.ts";

/** A full disk may have room again after this long, ms. */
const RETRY_MS = 30_000;

/** When one torrent tries again. */
export class DiskRetry {
  #at = Infinity;

  /** The disk failed at `now` (ms since the epoch): waiting helps where it was full, and only there. */
  failed({ kind }: Pick<StorageError, "kind">, now: number): void {
    this.#at = kind === "full" ? now + RETRY_MS : Infinity;
  }

  /** It failed for another reason, which waiting does not mend. */
  cancel(): void {
    this.#at = Infinity;
  }

  /** Whether to try again now; says so once. */
  isDue(now: number): boolean {
    if (now < this.#at) return false;
    this.#at = Infinity;
    return true;
  }
}
