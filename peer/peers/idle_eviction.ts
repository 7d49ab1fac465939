/**
 * Eviction: which connection closes when a peer connects and all places are taken. Idle connections of
 * the address that has the most of them go first; after those, peer priority decides.
 *
 * A place is kept by use alone: bytes of blocks that were given or taken of late. What a peer says of
 * itself (that it is interested, that it has everything) costs it nothing and proves nothing. There is
 * no limit per address: thirty peers of a classroom may share one.
 *
 * @module
 */
import { addressKey } from "../admission/address_key.ts";
import type { Peer } from "./peer.ts";

/** After so long without use, one of an address with more gives way to one with fewer (ms). */
const GRACE_MS = 2000;
/**
 * The same to anybody for a caller that said nothing since its handshake: whoever wants or has
 * something says so with it, or a round trip later.
 */
const SILENT_MS = 1000;
/** The same for one that we called: where it has no place, it says nothing while we queue there. */
const CALLED_MS = 6000;
/** The same where those of its address are a crowd. */
const CROWD_GRACE_MS = 1000;
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
export function peerToEvict(peers: Iterable<Peer>, host: string, now: number): Peer | undefined {
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

/**
 * Whether a place becomes free soon for one more of an address: some said nothing yet, or a crowd has
 * many, its own or that of another address, which will have to prove their use.
 */
export function isWorthWaiting(peers: Iterable<Peer>, host: string): boolean {
  const counts = new Map<string, number>();
  for (const { addressKey, hasSpoken } of peers) {
    if (!hasSpoken) return true;
    counts.set(addressKey, (counts.get(addressKey) ?? 0) + 1);
  }
  const key = addressKey(host);
  const own = counts.get(key) ?? 0;
  return [...counts].some(([other, count]) => count >= CROWD && (other === key || count > own + 1));
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
  if (!peer.hasSpoken) return peer.incoming ? SILENT_MS : CALLED_MS;
  if (crowd > own + 1) return crowd >= CROWD ? CROWD_GRACE_MS : GRACE_MS;
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
