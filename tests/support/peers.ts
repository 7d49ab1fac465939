/**
 * Connected peers without connections, for the engine's decisions.
 *
 * @module
 */
import type { PeerSource } from "../../peer/snapshot.ts";
import { Peer } from "../../peer/peers/peer.ts";
import { Bitfield } from "../../protocol/bitfield.ts";

/** A peer that has unchoked us and has all pieces. */
export function unchokingPeer(
  number: number,
  pieceCount: number,
  source: PeerSource = "tracker",
): Peer {
  const peer = new Peer({
    host: `127.0.0.${number}`,
    port: 6881,
    peerId: new Uint8Array(20).fill(number),
    source,
    incoming: false,
    fast: true,
    extended: true,
    client: "test",
    pieceCount,
    now: 0,
  });
  peer.peerChoking = false;
  peer.pieces = Bitfield.full(pieceCount);
  return peer;
}
