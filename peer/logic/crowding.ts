/**
 * Who gives way when one more calls than there may be, before ranks are compared
 * (`connection_rank.ts`): idle connections of the address that has the most of them.
 *
 * A place is kept by use alone: bytes of blocks that were given or taken of late. What a peer says of
 * itself (that it is interested, that it has everything) costs it nothing and proves nothing. There is
 * no limit per address: thirty peers of a classroom may share one.
 *
 * @module
 */
import { addressKey } from "./address_key.ts";
import type { Peer } from "./peer.ts";

/** After so long without use, one of an address with many gives way to one with fewer (ms). */
const GRACE_MS = 2000;
/** The same to its own neighbours, where they are a crowd. */
const CROWD_MS = 5000;
/** The same where nobody crowds: a peer that wants something may wait this long for its turn. */
const WAITING_MS = 60_000;
/** The same for one that wants nothing and has nothing. */
const IDLE_MS = 30_000;
/** How long a block that was given or taken keeps a place for sure. */
const USED_MS = 30_000;
/** Peers of one address that are a crowd. */
const CROWD = 16;

/**
 * The peer whose place a newcomer takes: of the most crowded address the idle one that has been of no
 * use for longest. Undefined where nobody has to go.
 *
 * @param host of the newcomer
 */
export function whoCrowds(peers: Iterable<Peer>, host: string, now: number): Peer | undefined {
  const byAddress = new Map<string, Peer[]>();
  for (const peer of peers) {
    const there = byAddress.get(peer.addressKey);
    if (there === undefined) byAddress.set(peer.addressKey, [peer]);
    else there.push(peer);
  }
  const own = byAddress.get(addressKey(host))?.length ?? 0;
  const crowds = [...byAddress.values()].sort((a, b) => b.length - a.length);
  for (const crowd of crowds) {
    if (crowd.length < own) break;
    const least = leastUsed(crowd, own, now);
    if (least !== undefined) return least;
  }
  return undefined;
}

/** Whether places become free soon for one more of an address: many of its own have them. */
export function isCrowd(peers: Iterable<Peer>, host: string): boolean {
  const key = addressKey(host);
  let own = 0;
  for (const peer of peers) if (peer.addressKey === key) own++;
  return own >= CROWD;
}

function leastUsed(crowd: readonly Peer[], own: number, now: number): Peer | undefined {
  let least: Peer | undefined;
  for (const peer of crowd) {
    if (now - peer.usedAt < (peer.wasUsed ? USED_MS : graceOf(peer, crowd.length, own))) continue;
    if (least === undefined || isWorthLess(peer, least)) least = peer;
  }
  return least;
}

function graceOf(peer: Peer, crowd: number, own: number): number {
  if (crowd > own + 1) return GRACE_MS;
  if (crowd >= CROWD) return CROWD_MS;
  return wantsOrHas(peer) ? WAITING_MS : IDLE_MS;
}

/** Among idle ones: who wants and has nothing goes first, then who has been idle for longest. */
function isWorthLess(a: Peer, b: Peer): boolean {
  const wants = wantsOrHas(a);
  return wants === wantsOrHas(b) ? a.usedAt < b.usedAt : !wants;
}

function wantsOrHas(peer: Peer): boolean {
  return peer.peerInterested || peer.amInterested;
}
