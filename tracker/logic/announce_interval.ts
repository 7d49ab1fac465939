/**
 * When a peer shall come back: soon while a swarm is young or small, so that newcomers are found at
 * once; later as it grows, so that the tracker's load does not.
 *
 * @module
 */

/** A swarm is young for this long, in seconds. */
const YOUNG = 120;
/** Largest interval, in seconds: what common trackers use. */
const MAX_INTERVAL = 1800;
/** libtorrent takes no interval below this (s): promising less would only make us forget it. */
const LIBTORRENT_INTERVAL = 300;
/** Programs built on it, by the two characters of their peer IDs (BEP 20). */
const LIBTORRENT: ReadonlySet<number> = new Set(
  ["LT", "qB", "DE", "FW", "TL", "FL"].map((code) => code.charCodeAt(0) << 8 | code.charCodeAt(1)),
);

/** Seconds to the next announce of a swarm with `peers` peers that is `age` seconds old. */
export function announceInterval(peers: number, age: number, peerId: Uint8Array): number {
  const wanted = age < YOUNG && peers < 100
    ? 5
    : Math.min(MAX_INTERVAL, Math.max(10, Math.ceil(peers / 2)));
  if (wanted >= LIBTORRENT_INTERVAL || !isLibtorrent(peerId)) return wanted;
  return LIBTORRENT_INTERVAL;
}

function isLibtorrent(peerId: Uint8Array): boolean {
  return peerId[0] === 0x2d && LIBTORRENT.has(peerId[1]! << 8 | peerId[2]!);
}
