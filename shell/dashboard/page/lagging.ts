/**
 * Lagging: which peers of a swarm are far behind the others, by what they announce. The tracker's page
 * and `vtorrent room` say the same.
 *
 * @module
 */

/** A peer lags with less than this share of what the peer in the middle has. */
const LAGS_BELOW = 0.5;
/** Nobody lags before the peer in the middle has so much: at the start all are far apart. */
const UNDER_WAY = 0.1;

/** How far a peer is. */
export interface Standing {
  /** 0 to 1. */
  readonly progress: number;
  readonly state: "finished" | "lagging" | "downloading";
}

/**
 * Says how far a peer of a swarm is, and whether it lags.
 *
 * @param size bytes of the torrent; undefined where nobody knows
 */
export function standingsOf(
  peers: readonly { readonly left: number }[],
  size: number | undefined,
): (peer: { readonly left: number }) => Standing {
  // Without its size a torrent's largest rest is the best guess at it.
  const whole = size ?? Math.max(0, ...peers.map(({ left }) => left));
  const progressOf = ({ left }: { readonly left: number }) =>
    left === 0 ? 1 : whole === 0 ? 0 : Math.max(0, 1 - left / whole);
  const shares = peers.map(progressOf).sort((a, b) => a - b);
  const middle = shares[Math.floor(shares.length / 2)] ?? 0;
  return (peer) => {
    const progress = progressOf(peer);
    const lags = middle >= UNDER_WAY && progress < middle * LAGS_BELOW;
    return { progress, state: peer.left === 0 ? "finished" : lags ? "lagging" : "downloading" };
  };
}
