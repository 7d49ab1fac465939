/**
 * Peer ID (BEP 20): our 20 bytes on the wire, new at each start.
 *
 * @module
 */
import { PEER_ID_PREFIX } from "../../protocol/version.ts";

/** BEP 20: `-VT0100-` and twelve random bytes. */
export function newPeerId(): Uint8Array {
  const id = new Uint8Array(20);
  id.set(new TextEncoder().encode(PEER_ID_PREFIX));
  crypto.getRandomValues(id.subarray(8));
  return id;
}
