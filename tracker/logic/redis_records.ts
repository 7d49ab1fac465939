/**
 * How the store in Redis writes down what it knows of a peer, and reads it again.
 *
 * @module
 */
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import { formatIp, parseIp } from "../../protocol/compact.ts";
import type { StoredTorrent } from "./catalogue.ts";
import type { OwnAddress } from "./own_address.ts";
import { isDone, type StoredPeer } from "./swarm_store.ts";

/** Bytes of a peer ID and a key. */
const IDENTITY = ID_LENGTH + 4;
/** Uploaded, downloaded, left, and when it was heard of (s). */
const AMOUNTS = 8 * 3 + 4;
/** Where a record's identity begins: behind state and proof, a character each. */
export const IDENTITY_AT = 2;
/** Where its facts begin. */
export const FACTS_AT: number = IDENTITY_AT + IDENTITY;
/** Where in them it stands when the peer was heard of: four bytes. */
export const SEEN_AT_IN_FACTS = 24;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Address and port as on the wire. */
export function compactRecord(address: Uint8Array, port: number): Uint8Array<ArrayBuffer> {
  return concatBytes([address, Uint8Array.of(port >> 8, port)]);
}

/** Seed, partial seed (BEP 21) or leecher. */
export function peerState(request: AnnounceRequest): "S" | "P" | "L" {
  if (!isDone(request)) return "L";
  return request.left === 0 ? "S" : "P";
}

/** Peer ID and key; without a key the last four bytes are 0. */
export function encodeIdentity({ peerId, key = 0 }: AnnounceRequest): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(IDENTITY);
  bytes.set(peerId);
  new DataView(bytes.buffer).setUint32(ID_LENGTH, key);
  return bytes;
}

/** Everything behind state, proof and identity. `now` in seconds. */
export function encodeFacts(request: AnnounceRequest, now: number): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(request.name ?? "");
  const bytes = new Uint8Array(AMOUNTS + name.length);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, request.uploaded);
  view.setFloat64(8, request.downloaded);
  view.setFloat64(16, request.left);
  view.setUint32(24, now);
  bytes.set(name, AMOUNTS);
  return bytes;
}

/** A peer from its compact address and its record; undefined where that is none of ours. */
export function decodePeer(address: Uint8Array, record: Uint8Array): StoredPeer | undefined {
  if (record.length < FACTS_AT + AMOUNTS) return undefined;
  const facts = record.subarray(FACTS_AT);
  const view = new DataView(facts.buffer, facts.byteOffset, facts.length);
  const end = address.length - 2;
  const name = decoder.decode(facts.subarray(AMOUNTS));
  return {
    // Copies, which the slice of a Buffer would not be.
    address: new Uint8Array(address.subarray(0, end)),
    port: address[end]! << 8 | address[end + 1]!,
    peerId: new Uint8Array(record.subarray(IDENTITY_AT, IDENTITY_AT + ID_LENGTH)),
    name: name === "" ? undefined : name,
    uploaded: view.getFloat64(0),
    downloaded: view.getFloat64(8),
    left: view.getFloat64(16),
    seenAt: view.getUint32(24),
  };
}

/** How a tracker tells others by which addresses its host is known. `now` in seconds. */
export function encodeHost(own: readonly OwnAddress[], now: number): string {
  return JSON.stringify({
    at: now,
    own: own.map(({ bytes, prefix }) => `${formatIp(bytes)}/${prefix}`),
  });
}

/** What another tracker told, with its age (s); undefined where that cannot be read. */
export function decodeHost(
  text: string,
  now: number,
): { age: number; own: OwnAddress[] } | undefined {
  try {
    const { at, own } = JSON.parse(text) as { at: number; own: string[] };
    return {
      age: now - Number(at),
      own: own.flatMap((one) => {
        const [ip = "", prefix] = String(one).split("/");
        const bytes = parseIp(ip);
        return bytes === undefined ? [] : [{ bytes, prefix: Number(prefix) }];
      }),
    };
  } catch {
    return undefined;
  }
}

/** A torrent of the catalogue: a line of facts, then the .torrent. */
export function encodeTorrent(torrent: StoredTorrent): Uint8Array<ArrayBuffer> {
  const { publishedBy, publishedAt, owner, host, bytes } = torrent;
  const facts = JSON.stringify({ by: publishedBy, at: publishedAt, owner, host });
  return concatBytes([encoder.encode(facts + "\n"), bytes]);
}

/** The torrent again; undefined where that is none of ours. */
export function decodeTorrent(infoHash: string, record: Uint8Array): StoredTorrent | undefined {
  try {
    const end = record.indexOf(NEWLINE);
    const facts: Record<string, unknown> = JSON.parse(decoder.decode(record.subarray(0, end)));
    const { by, at, owner, host } = facts;
    return {
      infoHash,
      bytes: new Uint8Array(record.subarray(end + 1)),
      publishedBy: typeof by === "string" ? by : undefined,
      publishedAt: Number(at),
      ...(typeof owner === "string" ? { owner } : {}),
      ...(typeof host === "string" ? { host } : {}),
    };
  } catch {
    return undefined;
  }
}

const NEWLINE = 10;
