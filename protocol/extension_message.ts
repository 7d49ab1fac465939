/**
 * The payloads of extension messages: the handshake (BEP 10), metadata (BEP 9), peer exchange
 * (BEP 11).
 *
 * @module
 */
import { COMPACT4_LENGTH, COMPACT6_LENGTH, decodePeers, encodePeers } from "./compact_peers.ts";
import {
  anyText,
  type BencodeDict,
  decodeBencodePrefix,
  encodeBencode,
  getBytes,
  getDict,
  getInteger,
} from "./bencode.ts";
import { parseIp, type PeerAddress, unmapIp } from "./address.ts";
import { BencodeError, ProtocolError } from "./errors.ts";

/** What a peer says of itself after the handshake (BEP 10). */
export interface ExtensionHandshake {
  /** The ID it wants each extension's messages under; 0 switches one off. */
  messages: Record<string, number>;
  /** Its name and version (`v`). */
  client?: string;
  /** Where it listens (`p`). */
  port?: number;
  /** How many requests it keeps in its queue. */
  reqq?: number;
  /** BEP 9: bytes of the info dictionary. */
  metadataSize?: number;
  /** The address it sees us under, 4 or 16 bytes. */
  yourIp?: Uint8Array;
  /** BEP 21: it wants nothing. */
  uploadOnly?: boolean;
  /** vtorrent's display name (`vt_name`). */
  name?: string;
}

/** Bytes of every piece of metadata but the last (BEP 9). */
export const METADATA_PIECE_LENGTH = 16384;
/** Largest info dictionary that is fetched from peers, in bytes. */
export const MAX_METADATA_SIZE = 8 * 1024 * 1024;
/** BEP 11: most peers that one message may add, and as many that it may drop. */
export const MAX_PEX_PEERS = 50;

/** Longest payloads that are read, in bytes: far more than clients send. */
const MAX_HELLO = 1 << 16;
const MAX_PEX = 1 << 16;
const MAX_METADATA_MESSAGE = METADATA_PIECE_LENGTH + 4096;

/** Longest name of a client or a peer, in characters: it is for display. */
const MAX_LABEL = 64;

/** Most extensions of one peer that are kept in mind; clients have about ten. */
export const MAX_EXTENSIONS = 64;

/** The payload of extension message 0. */
export function encodeExtensionHandshake(hello: ExtensionHandshake): Uint8Array {
  return encodeBencode({
    m: hello.messages,
    v: hello.client,
    p: hello.port,
    reqq: hello.reqq,
    "metadata_size": hello.metadataSize,
    yourip: hello.yourIp,
    "upload_only": hello.uploadOnly === undefined ? undefined : Number(hello.uploadOnly),
    "vt_name": hello.name,
  });
}

/**
 * Reads the payload of extension message 0; entries that make no sense are left out.
 *
 * @throws {ProtocolError} where it is no dictionary
 */
export function parseExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const { dict } = readDict(payload, "extension handshake", MAX_HELLO);
  const client = readLabel(dict, "v");
  const port = readWithin(dict, "p", 1, 65535);
  const reqq = readWithin(dict, "reqq", 0, Number.MAX_SAFE_INTEGER);
  const metadataSize = readWithin(dict, "metadata_size", 1, Number.MAX_SAFE_INTEGER);
  const yourIp = getBytes(dict, "yourip");
  const uploadOnly = getInteger(dict, "upload_only");
  const name = readLabel(dict, "vt_name");
  return {
    messages: readMessages(getDict(dict, "m") ?? new Map()),
    ...(client && { client }),
    ...(port !== undefined && { port }),
    ...(reqq !== undefined && { reqq }),
    ...(metadataSize !== undefined && { metadataSize }),
    ...((yourIp?.length === 4 || yourIp?.length === 16) && { yourIp: unmapIp(yourIp).slice() }),
    ...(uploadOnly !== undefined && { uploadOnly: uploadOnly !== 0 }),
    ...(name && { name }),
  };
}

function readMessages(dict: BencodeDict): Record<string, number> {
  const messages: [string, number][] = [];
  for (const key of dict.keys()) {
    if (key.length > MAX_LABEL || messages.length === MAX_EXTENSIONS) continue;
    const id = readWithin(dict, key, 0, 255);
    if (id !== undefined) messages.push([key, id]);
  }
  // `fromEntries` makes plain own properties even of a key such as "__proto__".
  return Object.fromEntries(messages);
}

/** One message of BEP 9. */
export type MetadataMessage =
  | { type: "request" | "reject"; piece: number }
  | {
    type: "data";
    piece: number;
    /** Bytes of the whole info dictionary. */
    totalSize: number;
    /** A view into the payload. */
    data: Uint8Array;
  };

const METADATA_TYPES = ["request", "data", "reject"] as const;

/** The payload of a `ut_metadata` message. */
export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const head = encodeBencode({
    "msg_type": METADATA_TYPES.indexOf(message.type),
    piece: message.piece,
    "total_size": message.type === "data" ? message.totalSize : undefined,
  });
  if (message.type !== "data") return head;
  const bytes = new Uint8Array(head.length + message.data.length);
  bytes.set(head);
  bytes.set(message.data, head.length);
  return bytes;
}

/**
 * Reads a `ut_metadata` payload; undefined for a type that BEP 9 tells us to ignore.
 *
 * @throws {ProtocolError} where it is malformed or its piece cannot be
 */
export function parseMetadataMessage(payload: Uint8Array): MetadataMessage | undefined {
  const { dict, end } = readDict(payload, "metadata message", MAX_METADATA_MESSAGE);
  const piece = readWithin(dict, "piece", 0, MAX_METADATA_SIZE / METADATA_PIECE_LENGTH - 1);
  const kind = getInteger(dict, "msg_type");
  if (kind === undefined) throw new ProtocolError("metadata message without a type");
  const type = METADATA_TYPES[kind];
  if (type === undefined) return undefined;
  if (piece === undefined) throw new ProtocolError("metadata message for an impossible piece");
  if (type !== "data") return { type, piece };

  const totalSize = readWithin(dict, "total_size", 1, MAX_METADATA_SIZE);
  if (totalSize === undefined) throw new ProtocolError("metadata of an impossible size");
  const data = payload.subarray(end);
  const due = Math.min(METADATA_PIECE_LENGTH, totalSize - piece * METADATA_PIECE_LENGTH);
  if (data.length !== due) {
    throw new ProtocolError(`metadata piece of ${data.length} bytes where ${due} are due`);
  }
  return { type, piece, totalSize, data };
}

/** A peer that another one knows, and what it says of it. */
export interface PexPeer extends PeerAddress {
  /** BEP 11: 1 prefers encryption, 2 seed, 4 uTP, 8 hole punching, 16 reachable. */
  flags: number;
}

/** One message of BEP 11: what changed since the last. */
export interface PexMessage {
  added: PexPeer[];
  dropped: PeerAddress[];
}

/** The payload of a `ut_pex` message. */
export function encodePex(message: PexMessage): Uint8Array {
  const { peers: added, peers6: added6 } = encodePeers(message.added);
  const { peers: dropped, peers6: dropped6 } = encodePeers(message.dropped);
  // By the same reading of `host` as `encodePeers`, so that flags and peers stay side by side.
  const flagsOf = (ipLength: 4 | 16): Uint8Array =>
    Uint8Array.from(
      message.added.filter(({ host }) => parseIp(host)?.length === ipLength),
      ({ flags }) => flags,
    );
  return encodeBencode({
    added,
    "added.f": flagsOf(4),
    added6,
    "added6.f": flagsOf(16),
    dropped,
    dropped6,
  });
}

/**
 * Reads a `ut_pex` payload. Peers that nobody can dial are left out, and so is what exceeds
 * {@linkcode MAX_PEX_PEERS}.
 *
 * @throws {ProtocolError} where it is no dictionary
 */
export function parsePex(payload: Uint8Array): PexMessage {
  const { dict } = readDict(payload, "peer exchange", MAX_PEX);
  const bytes = (key: string): Uint8Array => getBytes(dict, key) ?? new Uint8Array();
  return {
    added: [
      ...readAdded(bytes("added"), bytes("added.f"), COMPACT4_LENGTH),
      ...readAdded(bytes("added6"), bytes("added6.f"), COMPACT6_LENGTH),
    ].slice(0, MAX_PEX_PEERS),
    dropped: [
      ...decodePeers(firstOf(bytes("dropped"), COMPACT4_LENGTH), COMPACT4_LENGTH),
      ...decodePeers(firstOf(bytes("dropped6"), COMPACT6_LENGTH), COMPACT6_LENGTH),
    ].slice(0, MAX_PEX_PEERS),
  };
}

/** As many entries of a list as are used: the rest is not read. */
function firstOf(list: Uint8Array, entryLength: 6 | 18): Uint8Array {
  return list.subarray(0, MAX_PEX_PEERS * entryLength);
}

function readAdded(all: Uint8Array, flags: Uint8Array, entryLength: 6 | 18): PexPeer[] {
  const list = firstOf(all, entryLength);
  const peers: PexPeer[] = [];
  for (let at = 0; at < list.length; at += entryLength) {
    const [peer] = decodePeers(list.subarray(at, at + entryLength), entryLength);
    if (peer !== undefined) peers.push({ ...peer, flags: flags[at / entryLength] ?? 0 });
  }
  return peers;
}

/** The dictionary at the start of a payload. Small limits: these messages hold a few entries. */
function readDict(
  payload: Uint8Array,
  what: string,
  most: number,
): { dict: BencodeDict; end: number } {
  if (payload.length > most) throw new ProtocolError(`${what} of ${payload.length} bytes`);
  try {
    const { value, end } = decodeBencodePrefix(payload, {
      lenient: true,
      maxDepth: 10,
      maxTokens: 1000,
    });
    if (value instanceof Map) return { dict: value, end };
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    throw new ProtocolError(`${what} that is not bencode`, { cause: error });
  }
  throw new ProtocolError(`${what} that is not a dictionary`);
}

function readWithin(
  dict: BencodeDict,
  key: string,
  min: number,
  max: number,
): number | undefined {
  const value = getInteger(dict, key);
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/** A name for display: short and without control characters. */
function readLabel(dict: BencodeDict, key: string): string | undefined {
  const characters = [...(anyText(dict.get(key)) ?? "").slice(0, 2 * MAX_LABEL)];
  return characters.slice(0, MAX_LABEL).join("").replace(/\p{C}/gu, "").trim();
}
