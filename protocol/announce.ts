/**
 * An announce over HTTP (BEP 3, 7, 21, 23, 24, 31): the query a peer sends and the reply it reads.
 *
 * @module
 */
import { COMPACT4_LENGTH, COMPACT6_LENGTH, decodePeers } from "./compact_peers.ts";
import { type BencodeDict, type BencodeValue, decodeBencodePrefix } from "./bencode.ts";
import { ID_LENGTH, percentEncode } from "./bytes20.ts";
import { formatIp, isDialable, parseIp, type PeerAddress } from "./address.ts";
import { cutUtf8 } from "./cut_text.ts";
import { TrackerError } from "./errors.ts";
import { QueryReader } from "./query.ts";

export type { PeerAddress } from "./address.ts";

/** Why a peer announces; `paused` is BEP 21's, `none` the regular one. */
export type AnnounceEvent = "started" | "completed" | "stopped" | "paused" | "none";

/** What a peer tells a tracker. Amounts are payload bytes. */
export interface AnnounceRequest {
  infoHash: Uint8Array;
  peerId: Uint8Array;
  /** Where it listens; 0 where it does not. */
  port: number;
  uploaded: number;
  downloaded: number;
  left: number;
  event: AnnounceEvent;
  /** How many peers it wants; -1 leaves that to the tracker. */
  numwant: number;
  /** 32 bits that prove an identity across a change of address. */
  key: number | undefined;
  /** Addresses it claims to have beside the one it is seen at (BEP 3, BEP 7). */
  ip?: string;
  ipv4?: string;
  ipv6?: string;
  compact: boolean;
  noPeerId: boolean;
  trackerId?: string;
  /** vtorrent's display name (query key `vt_name`), at most {@linkcode NAME_LIMIT} bytes. */
  name?: string;
}

/** What a tracker answers. */
export interface AnnounceReply {
  /** Seconds to the next announce. */
  interval: number;
  /** Seconds before which no announce is welcome. */
  minInterval?: number;
  seeders?: number;
  leechers?: number;
  /** How often the torrent was downloaded whole. */
  completed?: number;
  peers: PeerAddress[];
  trackerId?: string;
  warning?: string;
  /** The address the tracker saw (BEP 24). */
  externalIp?: string;
}

/** A torrent's counts (BEP 48). */
export interface ScrapeEntry {
  infoHash: Uint8Array;
  seeders: number;
  completed: number;
  leechers: number;
}

/** Longest display name in bytes of UTF-8. */
export const NAME_LIMIT = 64;
/** Peers that are taken from one reply, of each family. */
export const REPLY_PEERS_LIMIT = 1000;
/** Longest tracker ID in bytes: it goes back with each announce. */
export const TRACKER_ID_LIMIT = 1024;
/** Values in a reply. */
const MAX_TOKENS = 200_000;
const EVENTS: readonly string[] = ["started", "completed", "stopped", "paused"];
const encoder = new TextEncoder();

/** The query of an announce URL, without the `?`. */
export function formatAnnounceQuery(request: AnnounceRequest): string {
  const pairs = [
    `info_hash=${percentEncode(request.infoHash)}`,
    `peer_id=${percentEncode(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    `compact=${request.compact ? 1 : 0}`,
  ];
  if (request.noPeerId) pairs.push("no_peer_id=1");
  if (request.event !== "none") pairs.push(`event=${request.event}`);
  if (request.numwant >= 0) pairs.push(`numwant=${request.numwant}`);
  if (request.key !== undefined) {
    pairs.push(`key=${(request.key >>> 0).toString(16).padStart(8, "0")}`);
  }
  const texts: [key: string, value: string | undefined][] = [
    ["ip", request.ip],
    ["ipv4", request.ipv4],
    ["ipv6", request.ipv6],
    ["trackerid", request.trackerId],
    ["vt_name", request.name],
  ];
  for (const [key, value] of texts) {
    if (value !== undefined) pairs.push(`${key}=${percentEncode(encoder.encode(value))}`);
  }
  return pairs.join("&");
}

/** Clients write the key as hex, as a number, or as any text: equal keys give equal numbers. */
function parseKey(text: string): number {
  if (/^[0-9a-fA-F]{1,8}$/.test(text)) return parseInt(text, 16);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Room for the two IDs of an announce. */
export class IdRoom {
  readonly infoHash: Uint8Array = new Uint8Array(ID_LENGTH);
  readonly peerId: Uint8Array = new Uint8Array(ID_LENGTH);
}

/**
 * The announce that a query asks for. Unknown keys are skipped, missing amounts are 0, a missing
 * `left` counts as a download that has not begun.
 *
 * @param start where the query begins in `query` (bytes, or ASCII text): after the `?`
 * @param end where it ends
 * @param room where info hash and peer ID are put: who uses it again must be done with them
 * @throws {TrackerError} with the text for the client
 */
export function parseAnnounceQuery(
  query: string | Uint8Array,
  start = 0,
  end?: number,
  room: IdRoom = new IdRoom(),
): AnnounceRequest {
  const request: AnnounceRequest = {
    infoHash: NONE,
    peerId: NONE,
    port: -1,
    uploaded: 0,
    downloaded: 0,
    left: -1,
    event: "none",
    numwant: -1,
    key: undefined,
    compact: true, // BEP 23: a tracker may always answer so; only compact=0 asks for the list
    noPeerId: false,
  };
  const bytes = typeof query === "string" ? encoder.encode(query) : query;
  const reader = new QueryReader(bytes, start, end);
  while (reader.next()) readPair(reader, request, room);
  if (request.infoHash === NONE) throw new TrackerError("info_hash is missing");
  if (request.peerId === NONE) throw new TrackerError("peer_id is missing");
  if (request.port === -1) throw new TrackerError("port is missing");
  if (request.left === -1) request.left = Number.MAX_SAFE_INTEGER;
  return request;
}

const NONE = new Uint8Array();

function readPair(reader: QueryReader, request: AnnounceRequest, room: IdRoom): void {
  switch (reader.key) {
    case "info_hash":
      if (!reader.fills(room.infoHash)) refuse("info_hash must be 20 bytes");
      request.infoHash = room.infoHash;
      break;
    case "peer_id":
      if (!reader.fills(room.peerId)) refuse("peer_id must be 20 bytes");
      request.peerId = room.peerId;
      break;
    case "port":
      request.port = amount(reader, 65535);
      break;
    case "uploaded":
      request.uploaded = amount(reader);
      break;
    case "downloaded":
      request.downloaded = amount(reader);
      break;
    case "left":
      // Some clients say -1 where they do not know yet.
      request.left = reader.integer() === -1 ? Number.MAX_SAFE_INTEGER : amount(reader);
      break;
    case "event": {
      const event = reader.raw();
      // An unknown event is a regular announce: extensions must not break peers.
      request.event = EVENTS.includes(event) ? event as AnnounceEvent : "none";
      break;
    }
    case "numwant": {
      const wanted = reader.integer();
      request.numwant = wanted !== undefined && wanted >= 0 ? wanted : -1;
      break;
    }
    case "compact":
      request.compact = reader.raw() !== "0";
      break;
    case "no_peer_id":
      request.noPeerId = reader.raw() === "1";
      break;
    default:
      readRarePair(reader, request);
  }
}

function readRarePair(reader: QueryReader, request: AnnounceRequest): void {
  switch (reader.key) {
    case "key":
      request.key = parseKey(reader.raw());
      break;
    case "ip":
    case "ipv4":
    case "ipv6":
    case "trackerid":
    case "vt_name": {
      const text = reader.text(NAME_LIMIT);
      if (text === undefined || text === "") break; // too long or not text: as if not sent
      const key = reader.key;
      if (key === "trackerid") request.trackerId = text;
      else if (key === "vt_name") request.name = text;
      else request[key] = text;
    }
  }
}

function amount(reader: QueryReader, limit = Number.MAX_SAFE_INTEGER): number {
  const value = reader.integer();
  if (value === undefined || value < 0 || value > limit) {
    refuse(`${reader.key} must be a number${limit === 65535 ? " from 0 to 65535" : ""}`);
  }
  return value;
}

function refuse(text: string): never {
  throw new TrackerError(text);
}

/**
 * The dictionary that a tracker answered. Bytes behind it are left aside, as by other clients: some
 * trackers end their replies with a line break or a second dictionary.
 *
 * @throws {TrackerError} its `failure reason`, or what came in place of a tracker's answer
 */
export function parseTrackerDict(bytes: Uint8Array): BencodeDict {
  let value: BencodeValue;
  try {
    ({ value } = decodeBencodePrefix(bytes, { lenient: true, maxTokens: MAX_TOKENS }));
  } catch (cause) {
    throw new TrackerError(describeStray(bytes), { cause });
  }
  if (!(value instanceof Map)) throw new TrackerError(describeStray(bytes));
  const failure = value.get("failure reason");
  if (failure !== undefined) {
    throw new TrackerError(textOf(failure) ?? UNSAID, {
      retryIn: parseRetryIn(value.get("retry in")),
      minInterval: countOf(value.get("min interval")),
    });
  }
  return value;
}

/** What is told of a refusal without words. */
export const UNSAID = "it refuses without saying why";

/** BEP 31: minutes, as a number or its text, or `never`. */
function parseRetryIn(value: BencodeValue | undefined): number | "never" | undefined {
  const text = typeof value === "number" ? String(value) : textOf(value);
  if (text === "never") return "never";
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function describeStray(bytes: Uint8Array): string {
  if (bytes.length === 0) return "The tracker answered nothing";
  const head = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  if (/^<(!doctype|html|\?xml|head|body)/i.test(head)) {
    return "The tracker answered HTML instead of bencode: check the address";
  }
  // deno-lint-ignore no-control-regex
  const shown = head.slice(0, 40).replace(/[\x00-\x1f\x7f-\x9f\ufffd]+/g, "?");
  return `The tracker answered "${shown}" instead of bencode: check the address`;
}

/**
 * The reply that a tracker sent.
 *
 * @throws {TrackerError} its `failure reason` (with `retryIn`, BEP 31), or what came instead
 */
export function parseAnnounceReply(bytes: Uint8Array): AnnounceReply {
  const dict = parseTrackerDict(bytes);
  const interval = countOf(dict.get("interval"));
  const minInterval = countOf(dict.get("min interval"));
  const seeders = countOf(dict.get("complete"));
  const leechers = countOf(dict.get("incomplete"));
  const completed = countOf(dict.get("downloaded"));
  const trackerId = idOf(dict.get("tracker id"));
  const warning = textOf(dict.get("warning message"));
  const external = dict.get("external ip");
  const externalIp = external instanceof Uint8Array &&
      (external.length === 4 || external.length === 16)
    ? formatIp(external)
    : undefined;
  return {
    interval: interval ?? 1800,
    peers: [
      ...readPeers(dict.get("peers"), COMPACT4_LENGTH),
      ...readPeers(dict.get("peers6"), COMPACT6_LENGTH),
    ],
    ...(minInterval !== undefined && { minInterval }),
    ...(seeders !== undefined && { seeders }),
    ...(leechers !== undefined && { leechers }),
    ...(completed !== undefined && { completed }),
    ...(trackerId !== undefined && { trackerId }),
    ...(warning !== undefined && { warning }),
    ...(externalIp !== undefined && { externalIp }),
  };
}

/** Compact peers, or the list of dictionaries of BEP 3. */
function readPeers(value: BencodeValue | undefined, entryLength: 6 | 18): PeerAddress[] {
  if (value instanceof Uint8Array) {
    return decodePeers(value.subarray(0, REPLY_PEERS_LIMIT * entryLength), entryLength);
  }
  if (!Array.isArray(value)) return [];
  const peers: PeerAddress[] = [];
  for (const entry of value.slice(0, REPLY_PEERS_LIMIT)) {
    if (!(entry instanceof Map)) continue;
    const host = textOf(entry.get("ip"));
    const port = countOf(entry.get("port"));
    const ip = host === undefined ? undefined : parseIp(host);
    // BEP 3 allows a host name here; nothing sends one, and looking it up would be a new attack.
    if (ip && port !== undefined && isDialable(ip, port)) peers.push({ host: formatIp(ip), port });
  }
  return peers;
}

/** The beginning of a text, at most as long as people read; undefined where there is none. */
function textOf(value: BencodeValue | undefined): string | undefined {
  return value instanceof Uint8Array && value.length > 0 ? cutUtf8(value) : undefined;
}

/** A text that only counts as a whole. */
function idOf(value: BencodeValue | undefined): string | undefined {
  return value instanceof Uint8Array && value.length <= TRACKER_ID_LIMIT
    ? new TextDecoder().decode(value)
    : undefined;
}

/** A whole number that is no less than 0. */
export function countOf(value: BencodeValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}
