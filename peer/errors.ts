/**
 * Errors of the engine's refusals.
 *
 * @module
 */

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
}
