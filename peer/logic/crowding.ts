/**
 * Who gives way when one more calls than there may be, before ranks are compared
 * (`connection_rank.ts`): idle connections of the address that has the most of them.
 *
 * There is no limit per address: thirty peers of a classroom may share one. But connections that
 * never wanted or gave anything are worth less than one that may.
 *
 * @module
 */
import { parseIp } from "../../protocol/compact.ts";
import type { Peer } from "./peer.ts";

/** A caller has this long to say what it wants (ms). */
const GRACE_MS = 2000;
/** Whoever has been of no use for so long gives way to its neighbour, too (ms). */
const IDLE_MS = 30_000;

/**
 * The peer whose place a newcomer takes: the newest idle one of the most crowded address, where that
 * has more than the newcomer's would have, or of any that is no less crowded after half a minute.
 * Undefined where nobody has to.
 *
 * @param host of the newcomer
 */
export function whoCrowds(peers: Iterable<Peer>, host: string, now: number): Peer | undefined {
  const byAddress = new Map<string, Peer[]>();
  for (const peer of peers) {
    const key = addressKey(peer.host);
    const there = byAddress.get(key);
    if (there === undefined) byAddress.set(key, [peer]);
    else there.push(peer);
  }
  const own = byAddress.get(addressKey(host))?.length ?? 0;
  const crowds = [...byAddress.values()].sort((a, b) => b.length - a.length);
  for (const crowd of crowds) {
    if (crowd.length < own) break;
    const age = crowd.length > own + 1 ? GRACE_MS : IDLE_MS;
    const idle = crowd.filter((peer) => isIdle(peer) && now - peer.connectedAt >= age);
    if (idle.length === 0) continue;
    return idle.reduce((a, b) => b.connectedAt >= a.connectedAt ? b : a);
  }
  return undefined;
}

/** Never of any use: nobody wanted anything of the other, nothing was given. */
function isIdle(peer: Peer): boolean {
  return !peer.amInterested && !peer.peerInterested && peer.requests.size === 0 &&
    peer.uploads.length === 0 && peer.down.total === 0 && peer.up.total === 0;
}

/** Whoever has one IPv6 address has a /64 of them. */
function addressKey(host: string): string {
  const ip = parseIp(host);
  return ip?.length === 16 ? ip.subarray(0, 8).toHex() : host;
}
