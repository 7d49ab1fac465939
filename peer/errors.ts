/**
 * Errors of the engine's refusals.
 *
 * @module
 */
import type { Remedy } from "./remedy.ts";

/** A torrent is here already. */
export class AlreadyAddedError extends Error {
  override name = "AlreadyAddedError";
  readonly infoHash: string;

  constructor(infoHash: string, name: string) {
    super(`"${name}" is here already`);
    this.infoHash = infoHash;
  }
}

/** No torrent of that info hash is here. */
export class UnknownTorrentError extends Error {
  override name = "UnknownTorrentError";
  /** Which ways lead on, where it is remembered and not open. */
  readonly remedy: Remedy | undefined;

  constructor(message: string, remedy?: Remedy) {
    super(message);
    this.remedy = remedy;
  }
}
