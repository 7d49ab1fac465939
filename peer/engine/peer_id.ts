/**
 * Peer ID (BEP 20): our 20 bytes on the wire, new at each start.
 *
 * @module
 */
import { PEER_ID_PREFIX } from "../../protocol/version.ts";

/**
 * BEP 20: `-VT0100-` and twelve random bytes.
 *
 * @param randomBytes hard to guess
 */
export function newPeerId(randomBytes: (length: number) => Uint8Array): Uint8Array {
  const id = new Uint8Array(20);
  id.set(new TextEncoder().encode(PEER_ID_PREFIX));
  id.set(randomBytes(12), 8);
  return id;
}
