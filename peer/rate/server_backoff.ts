/**
 * Server back-off: how long we wait before we ask a server again, by its own wish within bounds
 * that no server moves.
 *
 * A wish of 0 must not become a thousand requests a second, one of two years must not end a
 * torrent, and a swarm that was refused together must not come back together.
 *
 * @module
 */

/** Nobody is asked more often than this, in seconds. */
export const LEAST_WAIT = 3;
/** Nobody is left alone for longer, whatever they wish: a day, in seconds. */
export const LONGEST_WAIT = 86_400;
/** Share by which a wish is overrun at most, so that not all who were told the same come at once. */
const WISH_JITTER = 0.1;

/** Seconds to the next announce after one that a tracker answered. */
export function untilNextAnnounce(reply: { interval: number; minInterval?: number }): number {
  return bounded(Math.max(reply.interval, reply.minInterval ?? 0));
}

/**
 * Seconds to the next try after a failure: what the server wishes, but never less than our own
 * back-off.
 *
 * @param backOff our own wait in seconds, which grows from failure to failure
 * @param wish seconds that the server asked for, if it did
 * @param random uniform in [0, 1)
 */
export function untilNextTry(backOff: number, wish: number | undefined, random: number): number {
  const own = backOff * (0.75 + random / 2);
  return bounded(Math.max(own, (wish ?? 0) * (1 + random * WISH_JITTER)));
}

function bounded(seconds: number): number {
  return Math.min(LONGEST_WAIT, Math.max(LEAST_WAIT, seconds));
}
