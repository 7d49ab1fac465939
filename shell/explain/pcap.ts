/**
 * Connections and datagrams as a packet capture: Ethernet, IP and TCP or UDP made up around the bytes
 * that were really said, so that Wireshark reads them, encrypted connections included. Pure.
 *
 * @module
 */
import { parseIp } from "../../protocol/mod.ts";

/** One end of a connection. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Which end sends: `ours` or `theirs`. */
export type Side = "ours" | "theirs";

const ETHERNET = 14;
const TCP = 6;
const TCP_HEADER = 20;
const TCP_CHECKSUM = 16;
const UDP = 17;
const UDP_HEADER = 8;
const UDP_CHECKSUM = 6;
const RECORD = 16;
/** As on a real Ethernet, and an acknowledgement for every few of them. */
const SEGMENT = 1440;
const SEGMENTS_PER_ACK = 8;
const FLAG = { fin: 0x01, syn: 0x02, push: 0x08, ack: 0x10 } as const;

/** The 24 bytes that a capture begins with: version 2.4, microseconds, Ethernet. */
export function pcapHeader(): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 65535, true);
  view.setUint32(20, 1, true);
  return bytes;
}

/** One TCP connection, from its handshake to its end. Each call gives the records to be written. */
export class PcapConnection {
  readonly #ours: Uint8Array;
  readonly #theirs: Uint8Array;
  readonly #ports: Readonly<Record<Side, number>>;
  /** The next sequence number of each side. */
  readonly #next: Record<Side, number> = { ours: 1000, theirs: 2000 };
  #packets = 0;

  constructor(ours: Endpoint, theirs: Endpoint) {
    [this.#ours, this.#theirs] = addressesOf(ours, theirs);
    this.#ports = { ours: ours.port, theirs: theirs.port };
  }

  /** The three packets of TCP's handshake. @param now ms since the epoch */
  open(caller: Side, now: number): Uint8Array[] {
    const called = other(caller);
    const records = [this.#packet(caller, FLAG.syn, EMPTY, now)];
    this.#next[caller]++;
    records.push(this.#packet(called, FLAG.syn | FLAG.ack, EMPTY, now));
    this.#next[called]++;
    records.push(this.#packet(caller, FLAG.ack, EMPTY, now));
    return records;
  }

  /** Bytes that one side says, in segments, with the other's acknowledgements. */
  say(side: Side, bytes: Uint8Array, now: number): Uint8Array[] {
    const records: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const part = bytes.subarray(at, at + SEGMENT);
      const isLast = at + SEGMENT >= bytes.length;
      records.push(this.#packet(side, FLAG.ack | (isLast ? FLAG.push : 0), part, now));
      this.#next[side] = (this.#next[side] + part.length) >>> 0;
      if (isLast || (at / SEGMENT + 1) % SEGMENTS_PER_ACK === 0) {
        records.push(this.#packet(other(side), FLAG.ack, EMPTY, now));
      }
    }
    return records;
  }

  /** The end, as if `side` had closed it. */
  close(side: Side, now: number): Uint8Array[] {
    const records: Uint8Array[] = [];
    for (const one of [side, other(side)]) {
      records.push(this.#packet(one, FLAG.fin | FLAG.ack, EMPTY, now));
      this.#next[one] = (this.#next[one] + 1) >>> 0;
    }
    records.push(this.#packet(side, FLAG.ack, EMPTY, now));
    return records;
  }

  #packet(from: Side, flags: number, payload: Uint8Array, now: number): Uint8Array {
    const to = other(from);
    const ends = from === "ours"
      ? { source: this.#ours, target: this.#theirs }
      : { source: this.#theirs, target: this.#ours };
    const segment = new Uint8Array(TCP_HEADER + payload.length);
    const view = new DataView(segment.buffer);
    view.setUint16(0, this.#ports[from]);
    view.setUint16(2, this.#ports[to]);
    view.setUint32(4, this.#next[from]);
    view.setUint32(8, (flags & FLAG.ack) === 0 ? 0 : this.#next[to]);
    view.setUint16(12, 0x5000 | flags);
    view.setUint16(14, 65535);
    segment.set(payload, TCP_HEADER);
    return record({ ...ends, number: ++this.#packets }, TCP, segment, TCP_CHECKSUM, now);
  }
}

/** One datagram. @param now ms since the epoch */
export function pcapDatagram(
  from: Endpoint,
  to: Endpoint,
  payload: Uint8Array,
  now: number,
): Uint8Array {
  const [source, target] = addressesOf(from, to);
  const datagram = new Uint8Array(UDP_HEADER + payload.length);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, datagram.length);
  datagram.set(payload, UDP_HEADER);
  return record({ source, target, number: 0 }, UDP, datagram, UDP_CHECKSUM, now);
}

const EMPTY = new Uint8Array();

function other(side: Side): Side {
  return side === "ours" ? "theirs" : "ours";
}

/** Both addresses in one family; one that is none (a name) is shown as 0.0.0.0. */
function addressesOf(one: Endpoint, two: Endpoint): [Uint8Array, Uint8Array] {
  const pair = [parseIp(one.host), parseIp(two.host)] as const;
  const four = pair.every((address) => address?.length !== 16);
  const empty = new Uint8Array(four ? 4 : 16);
  return [
    pair[0]?.length === empty.length ? pair[0] : empty,
    pair[1]?.length === empty.length ? pair[1] : empty,
  ];
}

/** A packet of the capture: Ethernet and IP around what they carry, whose checksum is filled in. */
function record(
  { source, target, number }: {
    readonly source: Uint8Array;
    readonly target: Uint8Array;
    readonly number: number;
  },
  protocol: number,
  content: Uint8Array,
  checksumAt: number,
  now: number,
): Uint8Array {
  const isV6 = source.length === 16;
  const ip = isV6 ? 40 : 20;
  const frame = ETHERNET + ip + content.length;
  const bytes = new Uint8Array(RECORD + frame);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(now / 1000), true);
  view.setUint32(4, Math.floor((now % 1000) * 1000), true);
  view.setUint32(8, frame, true);
  view.setUint32(12, frame, true);
  bytes.set(macOf(target), RECORD);
  bytes.set(macOf(source), RECORD + 6);
  view.setUint16(RECORD + 12, isV6 ? 0x86dd : 0x0800);
  const ipAt = RECORD + ETHERNET;
  const at = ipAt + ip;
  if (isV6) {
    view.setUint32(ipAt, 0x60000000);
    view.setUint16(ipAt + 4, content.length);
    view.setUint16(ipAt + 6, protocol << 8 | 0x40);
    bytes.set(source, ipAt + 8);
    bytes.set(target, ipAt + 24);
  } else {
    view.setUint16(ipAt, 0x4500);
    view.setUint16(ipAt + 2, ip + content.length);
    view.setUint16(ipAt + 4, number & 0xffff);
    view.setUint16(ipAt + 6, 0x4000);
    view.setUint16(ipAt + 8, 0x4000 | protocol);
    bytes.set(source, ipAt + 12);
    bytes.set(target, ipAt + 16);
    view.setUint16(ipAt + 10, checksum([bytes.subarray(ipAt, at)]));
  }
  bytes.set(content, at);
  const pseudo = new Uint8Array([0, protocol, content.length >> 8, content.length & 0xff]);
  const sum = checksum([source, target, pseudo, bytes.subarray(at)]);
  // In UDP, 0 says that there is none; its twin in ones' complement stands for it.
  view.setUint16(at + checksumAt, sum === 0 && protocol === UDP ? 0xffff : sum);
  return bytes;
}

/** A locally administered address that shows the last bytes of the IP address. */
function macOf(address: Uint8Array): Uint8Array {
  return new Uint8Array([0x02, 0x00, ...address.subarray(-4)]);
}

/** The Internet checksum (RFC 1071); all parts but the last have an even length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
