/**
 * A peer's facts as plain data.
 *
 * @module
 */
import type { PeerSnapshot } from "../snapshot.ts";
import type { Peer } from "./peer.ts";

/** What is shown of a connected peer. */
export function snapshotPeer(peer: Peer): PeerSnapshot {
  const { flags } = peer;
  return {
    peerId: peer.peerId.toHex(),
    address: peer.host,
    port: peer.port,
    name: peer.name,
    client: peer.client,
    source: peer.source,
    via: peer.via,
    incoming: peer.incoming,
    protection: peer.protection,
    transport: peer.transport,
    amChoking: !flags.lately("serving"),
    amInterested: flags.lately("wanting"),
    peerChoking: !flags.lately("served"),
    peerInterested: flags.lately("wanted"),
    snubbed: peer.snubbed,
    // The mean of some seconds would stand beside words that say that nothing flows.
    downloadRate: flags.lately("served") && flags.lately("wanting")
      ? peer.down.rate
      : peer.down.latest,
    uploadRate: flags.lately("serving") && flags.lately("wanted") ? peer.up.rate : peer.up.latest,
    downloaded: peer.down.total,
    uploaded: peer.up.total,
    progress: peer.pieces.length === 0 ? 1 : peer.pieces.count / peer.pieces.length,
    requests: peer.requests.size,
    latency: peer.latency,
    chokeReason: peer.chokeReason,
    connectedAt: peer.connectedAt,
    has: (piece) => piece < peer.pieces.length && peer.pieces.has(piece),
  };
}
