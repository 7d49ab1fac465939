/**
 * Left out: sources that a .torrent or link names beyond the bounds. They only say where to look, so
 * that the torrent is taken all the same, and a person is told how many are not used.
 *
 * @module
 */

/** How many there are of each kind. */
export interface LeftOut {
  readonly webSeeds: number;
  /** Peers of a link (`x.pe`). */
  readonly peers: number;
  readonly nodes: number;
  /** URLs of trackers and web seeds that are longer than `MAX_URL`. */
  readonly longUrls: number;
}

export const NONE_LEFT_OUT: LeftOut = { webSeeds: 0, peers: 0, nodes: 0, longUrls: 0 };

/** Whether anything is left out. */
export function isSomeLeftOut(leftOut: LeftOut): boolean {
  return Object.values(leftOut).some((count) => count > 0);
}

/** As a field of what was read: there only where something was left out. */
export function someLeftOut(leftOut: LeftOut): { leftOut?: LeftOut } {
  return isSomeLeftOut(leftOut) ? { leftOut } : {};
}
