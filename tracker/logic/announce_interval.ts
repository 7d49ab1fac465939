/**
 * When a peer shall come back: soon while a swarm is young or small, so that newcomers are found at
 * once; later as it grows, so that the tracker's load does not.
 *
 * @module
 */

/** What intervals are made of. Times in seconds. */
export const INTERVALS = {
  /** A swarm is young for this long, and small below so many peers. */
  young: 120,
  small: 100,
  /** The interval of a swarm that is both. */
  soon: 5,
  /** Of all others it is half their number of peers, in these bounds. */
  shortest: 10,
  /** What common trackers use. */
  longest: 1800,
} as const;
/** libtorrent takes no interval below this (s): promising less would only make us forget it. */
const LIBTORRENT_INTERVAL = 300;
/** Programs built on it, by the two characters of their peer IDs (BEP 20). */
const LIBTORRENT: ReadonlySet<number> = new Set(
  ["LT", "qB", "DE", "FW", "TL", "FL"].map((code) => code.charCodeAt(0) << 8 | code.charCodeAt(1)),
);

/** Seconds to the next announce of a swarm with `peers` peers that is `age` seconds old. */
export function announceInterval(peers: number, age: number, peerId: Uint8Array): number {
  const { young, small, soon, shortest, longest } = INTERVALS;
  const wanted = age < young && peers < small
    ? soon
    : Math.min(longest, Math.max(shortest, Math.ceil(peers / 2)));
  return Math.max(wanted, intervalFloor(peerId));
}

/** The shortest interval (s) that a client obeys; 0 for any. */
export function intervalFloor(peerId: Uint8Array): number {
  const isLibtorrent = peerId[0] === 0x2d && LIBTORRENT.has(peerId[1]! << 8 | peerId[2]!);
  return isLibtorrent ? LIBTORRENT_INTERVAL : 0;
}
