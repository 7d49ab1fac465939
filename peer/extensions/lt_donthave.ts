/**
 * `lt_donthave` (BEP 54): a peer has lost a piece.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Peer } from "../peers/peer.ts";

/**
 * Notes what a `lt_donthave` message says: it is not asked for that piece any more.
 *
 * @throws {ProtocolError} where the message is malformed
 */
export function losePiece(
  peer: Peer,
  payload: Uint8Array,
  told: { lose(peer: Peer, piece: number): void },
): void {
  if (payload.length !== 4) throw new ProtocolError("its donthave names no piece");
  const piece = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  if (piece >= peer.pieces.length) throw new ProtocolError(`it lost piece ${piece}, past the end`);
  told.lose(peer, piece);
}

/** What a `lt_donthave` message says of one piece. */
export function lostPiece(piece: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, piece);
  return payload;
}
