/**
 * Reach of a tracker's reply: the addresses that it can know (see `destination/address_scope.ts`).
 *
 * @module
 */
import type { AnnounceReply } from "../../protocol/announce.ts";
import { SCOPE, scopeOf } from "./address_scope.ts";

/**
 * A reply without the peers on this machine, unless the tracker is on it, too: otherwise it would
 * send us to services of ours. Private addresses are kept: a public tracker may serve one campus.
 *
 * @param tracker the tracker's address
 */
export function withinReach(reply: AnnounceReply, tracker: string): AnnounceReply {
  const isLocal = ({ host }: { host: string }) => scopeOf(host) === SCOPE.machine;
  if (!reply.peers.some(isLocal) || isOnThisMachine(tracker)) return reply;
  return { ...reply, peers: reply.peers.filter((peer) => !isLocal(peer)) };
}

function isOnThisMachine(address: string): boolean {
  return scopeOf(address) === SCOPE.machine ||
    Deno.networkInterfaces().some((own) => own.address === address);
}
