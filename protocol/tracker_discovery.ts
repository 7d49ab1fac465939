/**
 * Tracker discovery: a peer finds a tracker on its own network with one UDP packet each way.
 * vtorrent's own; not a BEP.
 *
 * ```
 * request, 32 bytes   "VTORRENT" | version 1 | kind 0 | transaction (4) | zeros
 * reply, 20 bytes     "VTORRENT" | version 1 | kind 1 | transaction (4) | instance (4) | port (2)
 * ```
 *
 * The request is padded so that no reply is longer: who forges a sender's address gains nothing.
 *
 * @module
 */

/** Where trackers listen for the question. */
export const DISCOVERY_PORT = 8001;
/** Bytes of a request; a shorter one gets no answer. */
export const DISCOVERY_REQUEST_LENGTH = 32;

const REPLY_LENGTH = 20;
const MAGIC = new TextEncoder().encode("VTORRENT");
const VERSION = 1;
const REQUEST = 0;
const REPLY = 1;

/** What a tracker says of itself. */
export interface DiscoveryReply {
  /** 32 bits, as the request had them. */
  readonly transaction: number;
  /** 32 bits that tell one running tracker from another, whichever address it answers from. */
  readonly instance: number;
  /** Where it serves HTTP and UDP, 1–65535. */
  readonly port: number;
}

/** Asks who is there. @param transaction 32 bits that the reply has to repeat */
export function encodeDiscoveryRequest(transaction: number): Uint8Array<ArrayBuffer> {
  return packet(REQUEST, DISCOVERY_REQUEST_LENGTH, transaction);
}

/** A request's transaction; undefined for anything else, which deserves no answer. */
export function parseDiscoveryRequest(bytes: Uint8Array): number | undefined {
  if (bytes.length < DISCOVERY_REQUEST_LENGTH || !isOurs(bytes, REQUEST)) return undefined;
  return viewOf(bytes).getUint32(10);
}

export function encodeDiscoveryReply(reply: DiscoveryReply): Uint8Array<ArrayBuffer> {
  const bytes = packet(REPLY, REPLY_LENGTH, reply.transaction);
  viewOf(bytes).setUint32(14, reply.instance);
  viewOf(bytes).setUint16(18, reply.port);
  return bytes;
}

/** A reply; undefined for anything else. Longer ones of later versions are understood. */
export function parseDiscoveryReply(bytes: Uint8Array): DiscoveryReply | undefined {
  if (bytes.length < REPLY_LENGTH || !isOurs(bytes, REPLY)) return undefined;
  const view = viewOf(bytes);
  const port = view.getUint16(18);
  if (port === 0) return undefined;
  return { transaction: view.getUint32(10), instance: view.getUint32(14), port };
}

function packet(kind: number, length: number, transaction: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set(MAGIC);
  bytes[8] = VERSION;
  bytes[9] = kind;
  viewOf(bytes).setUint32(10, transaction);
  return bytes;
}

function isOurs(bytes: Uint8Array, kind: number): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte) && bytes[8]! >= VERSION && bytes[9] === kind;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
