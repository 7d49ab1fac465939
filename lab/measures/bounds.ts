/**
 * Bounds: the least time in which a file can reach everybody, from theory.
 *
 * @module
 */

/** A swarm as theory sees it: bytes and bytes/s. */
export interface Rates {
  /** F */
  readonly size: number;
  /** u_s: uplinks of the seeds, together */
  readonly seeds: number;
  /** u_i: uplink of each leecher */
  readonly uplinks: readonly number[];
  /** d_min: the slowest downlink */
  readonly slowestDownlink: number;
}

/** max{NF/u_s, F/d_min} in ms: the seeds alone give it to all (Kurose and Ross, 2.5). */
export function clientServerBound({ size, seeds, uplinks, slowestDownlink }: Rates): number {
  return 1000 * Math.max(uplinks.length * size / seeds, size / slowestDownlink);
}

/** max{F/u_s, F/d_min, NF/(u_s + Σu_i)} in ms: everybody gives (Kurose and Ross, 2.5). */
export function peerToPeerBound({ size, seeds, uplinks, slowestDownlink }: Rates): number {
  const all = uplinks.reduce((total, one) => total + one, seeds);
  return 1000 * Math.max(size / seeds, size / slowestDownlink, uplinks.length * size / all);
}

/**
 * F/u · (1 + ⌊log₂ N⌋/M) in ms: whole pieces, equal uplinks, downlinks without a limit (Mundinger,
 * Weber and Weiss, "Optimal scheduling of peer-to-peer file dissemination").
 *
 * @param rate uplink of everybody, bytes/s
 * @param pieces M
 * @param leechers N
 */
export function leastMakespan(
  size: number,
  rate: number,
  pieces: number,
  leechers: number,
): number {
  return 1000 * size / rate * (1 + Math.floor(Math.log2(leechers)) / pieces);
}
