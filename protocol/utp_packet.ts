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
  /** Which later packets came, 4 bytes or a multiple: bit 0 of byte 0 is `ackNr + 2`. */
  readonly selectiveAck: Uint8Array | undefined;
  /** A view into what came. */
  readonly payload: Uint8Array;
}

/** A packet's bytes. The payload is copied. */
export function encodeUtp(
  header: UtpHeader,
  { payload, selectiveAck }: { payload?: Uint8Array; selectiveAck?: Uint8Array | undefined } = {},
): Uint8Array<ArrayBuffer> {
  const extra = selectiveAck === undefined ? 0 : 2 + selectiveAck.length;
  const bytes = new Uint8Array(UTP_HEADER_LENGTH + extra + (payload?.length ?? 0));
  bytes[0] = header.type << 4 | VERSION;
  bytes[1] = selectiveAck === undefined ? 0 : SELECTIVE_ACK;
  const view = new DataView(bytes.buffer);
  view.setUint16(2, header.connectionId);
  view.setUint16(16, header.seqNr);
  refreshUtp(bytes, header);
  if (selectiveAck !== undefined) {
    bytes[UTP_HEADER_LENGTH + 1] = selectiveAck.length;
    bytes.set(selectiveAck, UTP_HEADER_LENGTH + 2);
  }
  if (payload !== undefined) bytes.set(payload, UTP_HEADER_LENGTH + extra);
  return bytes;
}

/** Brings a packet up to date that is sent again: everything that changes with time. */
export function refreshUtp(
  bytes: Uint8Array<ArrayBuffer>,
  now: Pick<UtpHeader, "timestamp" | "timestampDifference" | "windowSize" | "ackNr">,
): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(4, now.timestamp);
  view.setUint32(8, now.timestampDifference);
  view.setUint32(12, now.windowSize);
  view.setUint16(18, now.ackNr);
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
    if (extension === SELECTIVE_ACK && length >= 4 && length % 4 === 0) {
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
