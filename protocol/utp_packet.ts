/**
 * Packets of uTP (BEP 29), bytes to values and back.
 *
 * @module
 */

/** What a packet is for. */
export const UtpType = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const;
export type UtpType = (typeof UtpType)[keyof typeof UtpType];

/** Bytes of a header without extensions. */
export const UTP_HEADER_LENGTH = 20;
const VERSION = 1;
/** Extension 1: a bit for each packet from `ackNr + 2` on. */
const SELECTIVE_ACK = 1;
/** An extension that nobody knows, and everybody has to pass over. */
const PADDING = 0x50;

/** A packet's header. Sequence numbers and IDs have 16 bits, the rest 32. */
export interface UtpHeader {
  readonly type: UtpType;
  /** The receiver's ID of the connection; in a SYN the sender's. */
  readonly connectionId: number;
  /** When it was sent, µs of the sender's clock. */
  readonly timestamp: number;
  /** How long the last packet of the other end took, µs by two clocks. */
  readonly timestampDifference: number;
  /** Bytes that the sender has room for. */
  readonly windowSize: number;
  readonly seqNr: number;
  /** The last packet that came in order. */
  readonly ackNr: number;
}

/** A packet that came. */
export interface UtpPacket extends UtpHeader {
  /** Which later packets came: bit 0 of byte 0 is `ackNr + 2`. */
  readonly selectiveAck: Uint8Array | undefined;
  /** A view into what came. */
  readonly payload: Uint8Array;
}

/**
 * A packet's bytes. The payload is copied.
 *
 * @param more `padding`: bytes that the packet is made longer by, 0 or 2 to 257; receivers pass over it
 */
export function encodeUtp(
  header: UtpHeader,
  { payload, selectiveAck, padding = 0 }: {
    payload?: Uint8Array;
    selectiveAck?: Uint8Array | undefined;
    padding?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const { connectionId, seqNr } = header;
  const ackLength = selectiveAck === undefined ? 0 : 2 + selectiveAck.length;
  const begin = UTP_HEADER_LENGTH + ackLength + padding;
  const bytes = new Uint8Array(begin + (payload?.length ?? 0));
  const afterAck = padding === 0 ? 0 : PADDING;
  bytes[0] = header.type << 4 | VERSION;
  bytes[1] = selectiveAck === undefined ? afterAck : SELECTIVE_ACK;
  bytes[2] = connectionId >> 8;
  bytes[3] = connectionId;
  bytes[16] = seqNr >> 8;
  bytes[17] = seqNr;
  refreshUtp(bytes, header);
  if (selectiveAck !== undefined) {
    bytes[UTP_HEADER_LENGTH] = afterAck;
    bytes[UTP_HEADER_LENGTH + 1] = selectiveAck.length;
    bytes.set(selectiveAck, UTP_HEADER_LENGTH + 2);
  }
  if (padding > 0) bytes[UTP_HEADER_LENGTH + ackLength + 1] = padding - 2;
  if (payload !== undefined) bytes.set(payload, begin);
  return bytes;
}

/** Brings a packet up to date that is sent again: everything that changes with time. */
export function refreshUtp(
  bytes: Uint8Array<ArrayBuffer>,
  now: Pick<UtpHeader, "timestamp" | "timestampDifference" | "windowSize" | "ackNr">,
): void {
  putUint32(bytes, 4, now.timestamp);
  putUint32(bytes, 8, now.timestampDifference);
  putUint32(bytes, 12, now.windowSize);
  bytes[18] = now.ackNr >> 8;
  bytes[19] = now.ackNr;
}

/** A packet of `encodeUtp` with padding and no acknowledgement, without the padding. */
export function withoutPadding(
  bytes: Uint8Array<ArrayBuffer>,
  padding: number,
): Uint8Array<ArrayBuffer> {
  const plain = new Uint8Array(bytes.length - padding);
  plain.set(bytes.subarray(0, UTP_HEADER_LENGTH));
  plain[1] = 0;
  plain.set(bytes.subarray(UTP_HEADER_LENGTH + padding), UTP_HEADER_LENGTH);
  return plain;
}

/** A packet; undefined for anything else that comes to a UDP port. */
export function decodeUtp(bytes: Uint8Array): UtpPacket | undefined {
  if (bytes.length < UTP_HEADER_LENGTH || (bytes[0]! & 15) !== VERSION) return undefined;
  const type = bytes[0]! >> 4;
  if (type > UtpType.syn) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = UTP_HEADER_LENGTH;
  let selectiveAck: Uint8Array | undefined;
  for (let extension = bytes[1]!; extension !== 0;) {
    if (at + 2 > bytes.length) return undefined;
    const length = bytes[at + 1]!;
    const end = at + 2 + length;
    if (end > bytes.length) return undefined;
    // BEP 29 wants multiples of four bytes; libtorrent sends as few as it needs.
    if (extension === SELECTIVE_ACK && length > 0) {
      selectiveAck = bytes.subarray(at + 2, end);
    }
    extension = bytes[at]!;
    at = end;
  }
  return {
    type: type as UtpType,
    connectionId: view.getUint16(2),
    timestamp: view.getUint32(4),
    timestampDifference: view.getUint32(8),
    windowSize: view.getUint32(12),
    seqNr: view.getUint16(16),
    ackNr: view.getUint16(18),
    selectiveAck,
    payload: bytes.subarray(at),
  };
}

/** How far `a` is ahead of `b`, in sequence numbers that begin again after 65535; negative: behind. */
export function seqDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** The sequence number `steps` after `seqNr`. */
export function seqAfter(seqNr: number, steps = 1): number {
  return (seqNr + steps) & 0xffff;
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
