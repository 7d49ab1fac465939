/**
 * Local service discovery (BEP 14): the packet that tells a network which torrents somebody has.
 *
 * @module
 */
import { parseInfoHash } from "./bytes20.ts";
import { formatHostPort } from "./compact.ts";

/** Where it is sent, per family. */
export const LSD_GROUPS = { 4: "239.192.152.143", 6: "ff15::efc0:988f" } as const;
export const LSD_PORT = 6771;

/** BEP 14: longest packet, in bytes. */
const MAX_LENGTH = 1400;
/** Most info hashes that fit into one. */
export const MAX_LSD_HASHES = 20;
/** Longest cookie that is read. */
const MAX_COOKIE = 64;

/** What one packet says. */
export interface LsdAnnounce {
  /** 20 bytes each. */
  readonly infoHashes: readonly Uint8Array[];
  /** Where the sender listens. */
  readonly port: number;
  /** By which a sender knows its own packets. */
  readonly cookie: string | undefined;
}

/** The packet for a family's group. @throws {RangeError} for too many info hashes */
export function encodeLsd(announce: LsdAnnounce, family: 4 | 6): Uint8Array<ArrayBuffer> {
  const { infoHashes, port, cookie } = announce;
  if (infoHashes.length > MAX_LSD_HASHES) {
    throw new RangeError(`${infoHashes.length} info hashes do not fit into one packet`);
  }
  const lines = [
    "BT-SEARCH * HTTP/1.1",
    `Host: ${formatHostPort(LSD_GROUPS[family], LSD_PORT)}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${infoHash.toHex()}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    "",
    "",
    "",
  ];
  return new TextEncoder().encode(lines.join("\r\n"));
}

/** Reads a packet; undefined for anything else. */
export function parseLsd(bytes: Uint8Array): LsdAnnounce | undefined {
  if (bytes.length > MAX_LENGTH) return undefined;
  const [first, ...lines] = new TextDecoder("latin1").decode(bytes).split(/\r?\n/);
  if (!/^BT-SEARCH \* HTTP\/1\.[01]$/i.test(first!)) return undefined;
  let port: number | undefined;
  let cookie: string | undefined;
  const infoHashes: Uint8Array[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, Math.max(0, colon)).toLowerCase()) {
      case "port":
        port = Number(value);
        break;
      case "cookie":
        cookie = value.slice(0, MAX_COOKIE);
        break;
      case "infohash": {
        const infoHash = parseInfoHash(value);
        if (infoHash !== undefined && infoHashes.length < MAX_LSD_HASHES) infoHashes.push(infoHash);
      }
    }
  }
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65535) return undefined;
  return infoHashes.length === 0 ? undefined : { infoHashes, port, cookie };
}
