/**
 * A peer of a swarm as the tracker shows it.
 *
 * @module
 */
import { clientName } from "../../protocol/client_name.ts";
import { formatIp } from "../../protocol/address.ts";
import type { StoredPeer } from "../swarms/swarm_store.ts";
import type { SwarmPeer } from "./snapshot.ts";

/** What a store knows of it, in words and in ms. */
export function swarmPeer(peer: StoredPeer): SwarmPeer {
  const { address, port, peerId, name, uploaded, downloaded, left, seenAt } = peer;
  return {
    name,
    peerId: peerId.toHex(),
    client: clientName(peerId),
    ip: formatIp(address),
    port,
    status: left === 0 ? "seeder" : "leecher",
    uploaded,
    downloaded,
    left,
    score: Math.round((uploaded - downloaded) / 2 ** 20 * 100) / 100,
    lastSeen: seenAt * 1000,
  };
}
