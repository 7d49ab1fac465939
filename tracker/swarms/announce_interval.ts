/**
 * Announce interval: short while a swarm is young or small, so that newcomers are found at once;
 * longer as it grows, to bound the tracker's load.
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
/** Seconds to the next announce of a swarm with `peers` peers that is `age` seconds old. */
export function announceInterval(peers: number, age: number): number {
  const { young, small, soon, shortest, longest } = INTERVALS;
  if (age < young && peers < small) return soon;
  return Math.min(longest, Math.max(shortest, Math.ceil(peers / 2)));
}
