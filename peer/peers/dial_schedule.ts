/**
 * Dial schedule: when an address is dialled again; the only place that says so.
 *
 *     calls in a row that came to nothing    1     2     3      4      5       6 and more
 *     the next one after about               3 s   9 s   27 s   81 s   4 min   10 min
 *
 * each shorter or longer by a fifth at random, so that those who failed together do not come together.
 * A call came to nothing where it led to no peer, and also where the peer hung up before a block was
 * given or taken. After one that came to something it is as after the first. One call tries every way
 * to the peer (`dial_order.ts`), each once. Two calls are never less than 2.4 s apart, but for an address
 * that a person names, and where a link has become a torrent, which begins anew.
 *
 * @module
 */

/** What is known of an address. */
export interface Callable {
  readonly source: string;
  /** Calls in a row that led to no peer. */
  readonly failures: number;
  /** Peers in a row that hung up before anything came of it. */
  readonly fruitless?: number | undefined;
}

const BASE_MS = 1000;
const GROWTH = 3;
const MAX_MS = 600_000;
/** Somebody who named an address waits for it, and may start it in a moment. */
const MAX_MANUAL_MS = 10_000;
/** The same where it is there and hangs up. */
const MAX_MANUAL_FRUITLESS_MS = 60_000;
const SPREAD = 0.2;

/** The shortest time between two calls to one address, ms. */
export const MIN_INTERVAL_MS = BASE_MS * GROWTH * (1 - SPREAD);

/** ms until an address is called again. @param random uniform in [0, 1) */
export function callAgainIn(
  { source, failures, fruitless = 0 }: Callable,
  random: number,
): number {
  const inVain = Math.max(1, failures + fruitless);
  const most = source !== "manual"
    ? MAX_MS
    : fruitless > 0
    ? MAX_MANUAL_FRUITLESS_MS
    : MAX_MANUAL_MS;
  const due = Math.min(most, BASE_MS * GROWTH ** Math.min(inVain, 10));
  return due * (1 + SPREAD * (2 * random - 1));
}
