/**
 * Peer lease: how long a tracker keeps a peer that does not announce again. Many take no interval
 * below a floor of their own (libtorrent 300 s, rtorrent 600 s), and no list of names can say
 * which.
 *
 * @module
 */
import type { AnnounceEvent } from "../../protocol/announce.ts";

/** A peer may miss one announce, and be a little late, in seconds. */
export const GRACE = 5;
/** Times in seconds. */
export const LEASES = {
  /** Of a client of which nothing was seen yet: the longest floor that is known, twice, and a minute. */
  first: 1260,
  /** Whatever gap was seen: the longest interval that a tracker asks for, twice. */
  longest: 3605,
} as const;
/** How fast a lease shrinks at most: once an early announce came, the next may be as late as before. */
export const SHRINKING = 0.75;

/** What a store knows of a peer that announces again from where it was. */
export interface LastAnnounce {
  /** Seconds since then. */
  readonly gap: number;
  /** For how many seconds it was kept. */
  readonly lease: number;
}

/**
 * Seconds for which a peer is kept that was told to come back after `interval` seconds.
 *
 * @param inTurn false for events, which come when something happened and not when it was time
 * @param last what is known of it; undefined for a newcomer
 */
export function leaseOf(
  interval: number,
  inTurn: boolean,
  last: LastAnnounce | undefined,
): number {
  const promised = promisedLease(interval);
  if (last === undefined) return Math.max(promised, LEASES.first);
  // Who asks again at half the time or sooner was told to by a person, or wants more peers.
  const isInTime = inTurn && 2 * last.gap >= interval;
  const seen = isInTime
    ? Math.max(Math.floor(last.lease * SHRINKING), 2 * last.gap + GRACE)
    : last.lease;
  return Math.max(promised, Math.min(seen, LEASES.longest));
}

/** How a client keeps time: `leaseOf` and `promisedLease` in a word, for a store that draws it up elsewhere. */
export type Timekeeping = "obeys" | "new" | "regular" | "event";

export function timekeepingOf(event: AnnounceEvent, peerId: Uint8Array): Timekeeping {
  if (obeysIntervals(peerId)) return "obeys";
  if (event === "started") return "new";
  return isRegular(event) ? "regular" : "event";
}

/** Seconds for which a client is kept that comes back when it is told to. */
export function promisedLease(interval: number): number {
  return 2 * interval + GRACE;
}

/** Whether an announce comes because it was time, and not because something happened. */
export function isRegular(event: AnnounceEvent): boolean {
  return event === "none" || event === "paused";
}

/**
 * Whether a client comes back when it is told to, whatever it is told: vtorrent does, from its first
 * version (0.1.0) on. Programs of others under the same two letters count below that.
 */
export function obeysIntervals(peerId: Uint8Array): boolean {
  for (let i = 0; i < PREFIX.length; i++) if (peerId[i] !== PREFIX[i]) return false;
  return peerId[3]! > ZERO || peerId[4]! > ZERO;
}

const PREFIX = [0x2d, 0x56, 0x54];
const ZERO = 0x30;
