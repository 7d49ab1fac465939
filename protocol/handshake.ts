/**
 * The first 68 bytes of a connection (BEP 3) and the extensions its reserved bits promise.
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";

/** Length in bytes of a handshake. */
export const HANDSHAKE_LENGTH = 68;

/** Length in bytes of its part up to the info hash: enough to know which torrent is meant. */
export const HANDSHAKE_PREFIX_LENGTH = 48;

const PROTOCOL = new TextEncoder().encode("\x13BitTorrent protocol");

/** What a peer says first. */
export interface Handshake {
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  /** BEP 6: have all, have none, reject, suggest, allowed fast. */
  readonly fast: boolean;
  /** BEP 10: extension messages. */
  readonly extended: boolean;
  /** BEP 5: it takes part in the DHT and may send `port`. */
  readonly dht: boolean;
  /** BEP 52: it also knows this torrent by a v2 info hash, and may answer with that. */
  readonly v2?: boolean;
}

/** A handshake's 68 bytes. */
export function encodeHandshake(handshake: Handshake): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_LENGTH);
  bytes.set(PROTOCOL);
  if (handshake.extended) bytes[25]! |= 0x10;
  if (handshake.fast) bytes[27]! |= 0x04;
  if (handshake.dht) bytes[27]! |= 0x01;
  if (handshake.v2) bytes[27]! |= 0x10;
  bytes.set(handshake.infoHash, 28);
  bytes.set(handshake.peerId, 48);
  return bytes;
}

/** Whether these first bytes (any number of them) can still become a BitTorrent handshake. */
export function isHandshakePrefix(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, PROTOCOL.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== PROTOCOL[i]) return false;
  return true;
}

/**
 * The handshake in 68 bytes; the result owns its memory.
 *
 * @throws {ProtocolError} where they are something else
 */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  if (bytes.length !== HANDSHAKE_LENGTH || !isHandshakePrefix(bytes)) {
    throw new ProtocolError("it does not speak BitTorrent");
  }
  return {
    infoHash: bytes.slice(28, 48),
    peerId: bytes.slice(48, 68),
    extended: (bytes[25]! & 0x10) !== 0,
    fast: (bytes[27]! & 0x04) !== 0,
    dht: (bytes[27]! & 0x01) !== 0,
    v2: (bytes[27]! & 0x10) !== 0,
  };
}
