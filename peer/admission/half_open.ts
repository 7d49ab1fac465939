/**
 * Half-open connections: how many may wait, how long each may take, and which one a newcomer
 * replaces. The same for TCP, encrypted handshakes and uTP.
 *
 * Anybody can open connections and say nothing, so such a caller is never worth more than one more
 * that comes: there is always room for that, and the address with the most of them pays for it.
 *
 * @module
 */

/** A caller without a handshake. */
export interface HalfOpen {
  /** See `addressKey`. */
  readonly address: string;
  /** When it called, ms. */
  readonly since: number;
}

/** Callers without a handshake at a time, apart from the peers that have a place. */
export const MAX_HALF_OPEN = 128;
/** With more than these, others wait. */
const MANY = MAX_HALF_OPEN / 8;
/** ms a caller has for its first byte while others wait: one call over a slow line takes less. */
const FIRST_BYTE_MS = 2500;
/** ms a caller has for its handshake. */
const HANDSHAKE_MS = 10_000;

/** Who gives way to one more: the oldest of the address that has the most. Given in order of age. */
export function oldestOfMost<T extends HalfOpen>(waiting: Iterable<T>): T | undefined {
  const crowds = new Map<string, { oldest: T; count: number }>();
  let most: { oldest: T; count: number } | undefined;
  for (const one of waiting) {
    let crowd = crowds.get(one.address);
    if (crowd === undefined) crowds.set(one.address, crowd = { oldest: one, count: 0 });
    crowd.count++;
    if (most === undefined || crowd.count > most.count) most = crowd;
  }
  return most?.oldest;
}

/** Whether a caller has had its time. @param count of all that wait */
export function isOverdue(
  { since, hasSpoken }: HalfOpen & { readonly hasSpoken: boolean },
  count: number,
  now: number,
): boolean {
  return now - since >= (hasSpoken || count <= MANY ? HANDSHAKE_MS : FIRST_BYTE_MS);
}
