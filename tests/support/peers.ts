/**
 * Connected peers without connections, for the engine's decisions.
 *
 * @module
 */
import { Peer } from "../../peer/peers/peer.ts";
import { Bitfield } from "../../protocol/bitfield.ts";

/** A peer that has unchoked us and has `pieces` (all by default). */
export function unchokingPeer(
  number: number,
  pieceCount: number,
  pieces: Bitfield = Bitfield.full(pieceCount),
): Peer {
  const peer = new Peer({
    host: `127.0.0.${number}`,
    port: 6881,
    peerId: new Uint8Array(20).fill(number),
    source: "tracker",
    incoming: false,
    fast: true,
    extended: true,
    client: "test",
    pieceCount,
    now: 0,
  });
  peer.peerChoking = false;
  peer.pieces = pieces;
  return peer;
}
