/**
 * The packets of a UDP tracker (BEP 15) with the options of BEP 41, both ways.
 *
 * Requests begin with a 64-bit connection ID, an action and a transaction ID (16 bytes); replies
 * with the action and the transaction ID (8 bytes). All numbers are big-endian.
 *
 * @module
 */
import { COMPACT4_LENGTH, COMPACT6_LENGTH, decodePeers } from "./compact_peers.ts";
import {
  type AnnounceEvent,
  type AnnounceReply,
  type AnnounceRequest,
  REPLY_PEERS_LIMIT,
  type ScrapeEntry,
  UNSAID,
} from "./announce.ts";
import { ID_LENGTH } from "./bytes20.ts";
import { formatIp, parseIp } from "./address.ts";
import { cutUtf8 } from "./cut_text.ts";
import { TrackerError } from "./errors.ts";

/** The connection ID of a connect request: "this is the tracker protocol". */
export const PROTOCOL_ID = 0x41727101980n;
/** Most torrents that one scrape may name, so that request and reply fit a packet each. */
export const UDP_SCRAPE_LIMIT = 70;

const CONNECT = 0;
const ANNOUNCE = 1;
const SCRAPE = 2;
const ERROR = 3;
const ANNOUNCE_LENGTH = 98;
// The wire's numbers of the events; BEP 15 knows no `paused`, libtorrent sends 4 for it.
const EVENTS: readonly AnnounceEvent[] = ["none", "completed", "started", "stopped", "paused"];
const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_URL_DATA = 2;

/** A request, as the tracker reads it. Arrays are views into the packet. */
export type UdpRequest =
  & { connectionId: bigint; transactionId: number }
  & (
    | { action: "connect" }
    | {
      action: "announce";
      request: AnnounceRequest;
      /** Path and query of the tracker's URL (BEP 41), empty where there was none. */
      urlData: string;
    }
    | { action: "scrape"; infoHashes: Uint8Array[] }
    /** Understood as far as its header: it deserves an error packet. */
    | { action: "invalid"; reason: string }
  );

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Eight bytes as a number; amounts beyond 2^53 are taken as the largest exact one. */
function readAmount(view: DataView, at: number): number {
  const value = view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

function writeAmount(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 0x1_0000_0000));
  view.setUint32(at + 4, value >>> 0);
}

/** The request in a packet, or undefined where it deserves no answer at all. */
export function parseUdpRequest(packet: Uint8Array): UdpRequest | undefined {
  if (packet.length < 16) return undefined;
  const view = viewOf(packet);
  const connectionId = view.getBigUint64(0);
  const transactionId = view.getInt32(12);
  const head = { connectionId, transactionId };
  switch (view.getUint32(8)) {
    case CONNECT:
      return connectionId === PROTOCOL_ID ? { ...head, action: "connect" } : undefined;
    case ANNOUNCE: {
      if (packet.length < ANNOUNCE_LENGTH) {
        return { ...head, action: "invalid", reason: "announce packet is too short" };
      }
      const urlData = readUrlData(packet);
      return { ...head, action: "announce", request: readAnnounce(packet, view), urlData };
    }
    case SCRAPE: {
      const count = Math.floor((packet.length - 16) / ID_LENGTH);
      if (count < 1 || count > UDP_SCRAPE_LIMIT) {
        const reason = `scrape of ${count} torrents; 1 to ${UDP_SCRAPE_LIMIT} are allowed`;
        return { ...head, action: "invalid", reason };
      }
      const infoHashes = Array.from(
        { length: count },
        (_, i) => packet.subarray(16 + i * ID_LENGTH, 16 + (i + 1) * ID_LENGTH),
      );
      return { ...head, action: "scrape", infoHashes };
    }
    default:
      return { ...head, action: "invalid", reason: "unknown action" };
  }
}

function readAnnounce(packet: Uint8Array, view: DataView): AnnounceRequest {
  const numwant = view.getInt32(92);
  const request: AnnounceRequest = {
    infoHash: packet.subarray(16, 36),
    peerId: packet.subarray(36, 56),
    downloaded: readAmount(view, 56),
    left: readAmount(view, 64),
    uploaded: readAmount(view, 72),
    event: EVENTS[view.getUint32(80)] ?? "none",
    key: view.getUint32(88),
    numwant: numwant < 0 ? -1 : numwant,
    port: view.getUint16(96),
    compact: true,
    noPeerId: true,
  };
  if (view.getUint32(84) !== 0) request.ip = formatIp(packet.subarray(84, 88));
  return request;
}

/** BEP 41: option 2 carries path and query, in parts of at most 255 bytes. */
function readUrlData(packet: Uint8Array): string {
  let text = "";
  let at = ANNOUNCE_LENGTH;
  while (at < packet.length) {
    const option = packet[at++]!;
    if (option === OPTION_END) break;
    if (option === OPTION_NOP) continue;
    const length = packet[at++] ?? 0;
    if (at + length > packet.length) break; // cut off: what came whole stands
    if (option === OPTION_URL_DATA) {
      text += String.fromCharCode(...packet.subarray(at, at + length));
    }
    at += length;
  }
  return text;
}

/** 16 bytes: asks for a connection ID. */
export function encodeConnectRequest(transactionId: number): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(16);
  const view = viewOf(packet);
  view.setBigUint64(0, PROTOCOL_ID);
  view.setInt32(12, transactionId);
  return packet;
}

/**
 * An announce: 98 bytes, then `urlData` (path and query of the tracker's URL, ASCII) as BEP 41
 * options where it is not empty.
 */
export function encodeUdpAnnounce(
  connectionId: bigint,
  transactionId: number,
  request: AnnounceRequest,
  urlData = "",
): Uint8Array<ArrayBuffer> {
  const parts = Math.ceil(urlData.length / 255);
  const packet = new Uint8Array(ANNOUNCE_LENGTH + urlData.length + 2 * parts);
  const view = viewOf(packet);
  view.setBigUint64(0, connectionId);
  view.setUint32(8, ANNOUNCE);
  view.setInt32(12, transactionId);
  packet.set(request.infoHash, 16);
  packet.set(request.peerId, 36);
  writeAmount(view, 56, request.downloaded);
  writeAmount(view, 64, request.left);
  writeAmount(view, 72, request.uploaded);
  view.setUint32(80, EVENTS.indexOf(request.event));
  const ip = parseIp(request.ip ?? request.ipv4 ?? "");
  if (ip?.length === 4) packet.set(ip, 84);
  view.setUint32(88, request.key ?? 0);
  view.setInt32(92, request.numwant);
  view.setUint16(96, request.port);
  let at = ANNOUNCE_LENGTH;
  for (let start = 0; start < urlData.length; start += 255) {
    const part = urlData.slice(start, start + 255);
    packet[at++] = OPTION_URL_DATA;
    packet[at++] = part.length;
    for (let i = 0; i < part.length; i++) packet[at++] = part.charCodeAt(i);
  }
  return packet;
}

/** A scrape of 1 to {@linkcode UDP_SCRAPE_LIMIT} torrents. */
export function encodeUdpScrape(
  connectionId: bigint,
  transactionId: number,
  infoHashes: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(16 + infoHashes.length * ID_LENGTH);
  const view = viewOf(packet);
  view.setBigUint64(0, connectionId);
  view.setUint32(8, SCRAPE);
  view.setInt32(12, transactionId);
  infoHashes.forEach((infoHash, i) => packet.set(infoHash, 16 + i * ID_LENGTH));
  return packet;
}

function startReply(
  action: number,
  transactionId: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(length);
  const view = viewOf(packet);
  view.setUint32(0, action);
  view.setInt32(4, transactionId);
  return packet;
}

/** 16 bytes: as long as the request that it answers. */
export function encodeConnectReply(
  transactionId: number,
  connectionId: bigint,
): Uint8Array<ArrayBuffer> {
  const packet = startReply(CONNECT, transactionId, 16);
  viewOf(packet).setBigUint64(8, connectionId);
  return packet;
}

/** 20 bytes and the compact peers, of one family only: the asker's. */
export function encodeUdpAnnounceReply(
  transactionId: number,
  reply: { interval: number; seeders: number; leechers: number; peers: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const packet = startReply(ANNOUNCE, transactionId, 20 + reply.peers.length);
  const view = viewOf(packet);
  view.setUint32(8, reply.interval);
  view.setUint32(12, reply.leechers);
  view.setUint32(16, reply.seeders);
  packet.set(reply.peers, 20);
  return packet;
}

/** 8 bytes and 12 for each torrent, in the order asked. */
export function encodeUdpScrapeReply(
  transactionId: number,
  entries: readonly Omit<ScrapeEntry, "infoHash">[],
): Uint8Array<ArrayBuffer> {
  const packet = startReply(SCRAPE, transactionId, 8 + entries.length * 12);
  const view = viewOf(packet);
  entries.forEach((entry, i) => {
    view.setUint32(8 + i * 12, entry.seeders);
    view.setUint32(12 + i * 12, entry.completed);
    view.setUint32(16 + i * 12, entry.leechers);
  });
  return packet;
}

/** An error: 8 bytes and its text. */
export function encodeUdpError(transactionId: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const packet = startReply(ERROR, transactionId, 8 + bytes.length);
  packet.set(bytes, 8);
  return packet;
}

/** A reply, as the peer reads it. */
export type UdpReply =
  & { transactionId: number }
  & (
    | { action: "connect"; connectionId: bigint }
    | { action: "announce"; reply: AnnounceReply }
    | { action: "scrape"; entries: Omit<ScrapeEntry, "infoHash">[] }
    | { action: "error"; message: string }
  );

/**
 * The reply in a packet.
 *
 * @param family that of the tracker's address: it decides how long each peer's entry is
 * @throws {TrackerError} where it is none
 */
export function parseUdpReply(packet: Uint8Array, family: 4 | 6): UdpReply {
  const short = (what: string): TrackerError =>
    new TrackerError(`The tracker sent ${what} of only ${packet.length} bytes`);
  if (packet.length < 8) throw short("a packet");
  const view = viewOf(packet);
  const transactionId = view.getInt32(4);
  switch (view.getUint32(0)) {
    case CONNECT:
      if (packet.length < 16) throw short("a connection ID");
      return { transactionId, action: "connect", connectionId: view.getBigUint64(8) };
    case ANNOUNCE: {
      if (packet.length < 20) throw short("an announce reply");
      const entryLength = family === 4 ? COMPACT4_LENGTH : COMPACT6_LENGTH;
      const reply: AnnounceReply = {
        interval: view.getUint32(8),
        leechers: view.getUint32(12),
        seeders: view.getUint32(16),
        peers: decodePeers(packet.subarray(20, 20 + REPLY_PEERS_LIMIT * entryLength), entryLength),
      };
      return { transactionId, action: "announce", reply };
    }
    case SCRAPE: {
      const count = Math.floor((packet.length - 8) / 12);
      const entries = Array.from({ length: count }, (_, i) => ({
        seeders: view.getUint32(8 + i * 12),
        completed: view.getUint32(12 + i * 12),
        leechers: view.getUint32(16 + i * 12),
      }));
      return { transactionId, action: "scrape", entries };
    }
    case ERROR: {
      // Some end their text with a zero byte, as C does.
      const message = cutUtf8(packet.subarray(8)).replace(/[\s\0]+$/, "") || UNSAID;
      return { transactionId, action: "error", message };
    }
    default:
      throw new TrackerError(`The tracker sent a packet of unknown kind ${view.getUint32(0)}`);
  }
}
