/**
 * Reads a packet capture back, and is strict about it: lengths, checksums, sequence numbers.
 *
 * @module
 */
import { assertEquals } from "./assert.ts";

/** One direction of a TCP connection. */
export interface Stream {
  /** `address:port` of the sender. */
  readonly from: string;
  readonly to: string;
  readonly bytes: number[];
  syn: boolean;
  fin: boolean;
}

/** One packet of UDP. */
export interface Datagram {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** The streams of a capture in the order of their first packets. */
export function readPackets(capture: Uint8Array): Stream[] {
  return readCapture(capture).streams;
}

/** Everything in a capture. */
export function readCapture(capture: Uint8Array): { streams: Stream[]; datagrams: Datagram[] } {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  assertEquals(view.getUint32(0, true), 0xa1b2c3d4, "magic");
  assertEquals(view.getUint32(20, true), 1, "Ethernet");
  const streams = new Map<string, Stream & { next: number }>();
  const datagrams: Datagram[] = [];
  let last = 0;
  let at = 24;
  while (at < capture.length) {
    const time = view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true);
    if (time < last) throw new Error(`time goes back at ${at}`);
    last = time;
    const length = view.getUint32(at + 8, true);
    assertEquals(view.getUint32(at + 12, true), length, "captured whole");
    const frame = capture.subarray(at + 16, at + 16 + length);
    readFrame(frame, streams, datagrams);
    at += 16 + length;
  }
  assertEquals(at, capture.length, "nothing behind the last record");
  return { streams: [...streams.values()], datagrams };
}

function readFrame(
  frame: Uint8Array,
  streams: Map<string, Stream & { next: number }>,
  datagrams: Datagram[],
): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const isV6 = view.getUint16(12) === 0x86dd;
  const ip = frame.subarray(14);
  const header = isV6 ? 40 : 20;
  const size = isV6 ? 16 : 4;
  const start = isV6 ? 8 : 12;
  if (!isV6) {
    assertEquals(sum([ip.subarray(0, 20)]), 0xffff, "IP checksum");
    assertEquals(view.getUint16(16), ip.length, "IP length");
  } else assertEquals(view.getUint16(18), ip.length - 40, "IP length");
  const source = ip.subarray(start, start + size);
  const target = ip.subarray(start + size, start + 2 * size);
  const tcp = ip.subarray(header);
  const protocol = isV6 ? ip[6]! : ip[9]!;
  const pseudo = new Uint8Array([0, protocol, tcp.length >> 8, tcp.length & 255]);
  assertEquals(sum([source, target, pseudo, tcp]), 0xffff, "checksum");
  const words = new DataView(tcp.buffer, tcp.byteOffset, tcp.byteLength);
  const text = (address: Uint8Array, port: number) =>
    `${isV6 ? address.toHex() : [...address].join(".")}:${port}`;
  const from = text(source, words.getUint16(0));
  const to = text(target, words.getUint16(2));
  if (protocol === 17) {
    assertEquals(words.getUint16(4), tcp.length, "UDP length");
    datagrams.push({ from, to, bytes: tcp.subarray(8) });
    return;
  }
  const flags = tcp[13]!;
  const sequence = words.getUint32(4);
  const key = `${from} ${to}`;
  const stream = streams.get(key) ??
    { from, to, bytes: [], syn: false, fin: false, next: sequence };
  streams.set(key, stream);
  assertEquals(sequence, stream.next, `sequence of ${key}`);
  const back = streams.get(`${to} ${from}`);
  if ((flags & 0x10) !== 0) assertEquals(words.getUint32(8), back?.next, `ack of ${key}`);
  const payload = tcp.subarray(20);
  if ((flags & 2) !== 0) stream.syn = true;
  if ((flags & 1) !== 0) stream.fin = true;
  stream.next += payload.length + ((flags & 3) !== 0 ? 1 : 0);
  for (const byte of payload) stream.bytes.push(byte);
}

/** The folded sum of 16-bit words: 0xffff where a checksum is right. */
function sum(parts: readonly Uint8Array[]): number {
  let total = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) total += part[i]! * 256 + (part[i + 1] ?? 0);
  }
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
