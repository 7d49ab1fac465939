/**
 * Magnet links (BEP 9, 52, 53): text to a torrent's name and where to find its peers.
 *
 * @module
 */
import { decodeBase32 } from "@std/encoding/base32";
import {
  MAX_LINK_LENGTH,
  MAX_LINK_PEERS,
  MAX_RANGES,
  MAX_TRACKERS,
  MAX_WEB_SEEDS,
} from "./bounds.ts";
import { equalBytes, ID_LENGTH, parseInfoHash } from "./bytes20.ts";
import { formatHostPort } from "./address.ts";
import { MagnetError } from "./errors.ts";
import { type LeftOut, NONE_LEFT_OUT, someLeftOut } from "./left_out.ts";
import type { InfoHashes } from "./info_hash.ts";

/** What a magnet link says. */
export interface Magnet {
  /** 20 bytes that name the swarm: the v1 info hash, or the v2 one cut where there is no other. */
  infoHash: Uint8Array;
  /** BEP 52: the whole v2 info hash, 32 bytes. */
  infoHashV2?: Uint8Array;
  /** For display until the metainfo is there (`dn`). Not safe as a file name. */
  name?: string;
  /** Announce URLs (`tr`). */
  trackers: string[];
  /** HTTP(S) URLs (`ws`). */
  webSeeds: string[];
  /** Peers to dial at once (`x.pe`). `host` is an address or a name. */
  peers: { host: string; port: number }[];
  /** BEP 53: numbers of the wanted files, such as `0,2,6-8` (`so`); undefined for all. */
  select: string | undefined;
  /** What else it names; undefined where that is nothing. */
  leftOut?: LeftOut;
}

/** The info hashes that a link names. */
export function magnetHashes({ infoHash, infoHashV2: v2 }: Magnet): InfoHashes {
  if (v2 === undefined) return { v1: infoHash };
  return equalBytes(infoHash, v2.subarray(0, ID_LENGTH)) ? { v2 } : { v1: infoHash, v2 };
}

const PREFIX = /^magnet:\/*\?/i;
const BTIH = /^urn:btih:/i;
const BTMH = /^urn:btmh:/i;
/** The multihash of a SHA-256: its code and its length, then the hash. */
const MULTIHASH = /^1220([0-9a-f]{64})$/i;
const RANGE = /^(\d+)(?:-(\d+))?$/;

/**
 * Reads a magnet link as pages write them: spaces and line breaks inside of it, and commas too many
 * in `so`, are not meant. The v1 info hash may be 40 hex digits or 32 of base32.
 *
 * @throws {MagnetError} where it names no torrent or selects files in an unknown way
 */
export function parseMagnet(text: string): Magnet {
  if (text.length > MAX_LINK_LENGTH) {
    throw new MagnetError(`Magnet link is longer than ${MAX_LINK_LENGTH} characters`);
  }
  const link = withoutBreaks(text);
  if (!PREFIX.test(link)) throw new MagnetError('Magnet link does not begin with "magnet:?"');
  const values = readParameters(link);
  const all = (key: string): string[] => values.get(key) ?? [];
  const name = all("dn")[0];
  const webSeeds = [...new Set(all("ws"))].filter((url) => /^https?:\/\//i.test(url));
  const peers = all("x.pe").map(readPeer).filter((peer) => peer !== undefined);
  return {
    ...readInfoHashes(all("xt")),
    ...(name && { name }),
    trackers: [...new Set(all("tr"))].slice(0, MAX_TRACKERS),
    webSeeds: webSeeds.slice(0, MAX_WEB_SEEDS),
    peers: peers.slice(0, MAX_LINK_PEERS),
    select: readSelect(all("so")),
    ...someLeftOut({
      ...NONE_LEFT_OUT,
      webSeeds: Math.max(0, webSeeds.length - MAX_WEB_SEEDS),
      peers: Math.max(0, peers.length - MAX_LINK_PEERS),
    }),
  };
}

/**
 * A link in one line. What a page or mail broke goes on behind the spaces at the start of its next
 * line; a space within a line is part of a name.
 */
function withoutBreaks(text: string): string {
  return text.split(/[\r\n]/).map((line) => line.trim()).join("");
}

/** `so` without empty parts and blanks. Where it is said twice, both count. */
function readSelect(values: readonly string[]): string | undefined {
  const parts = values.join(",").split(",").map((part) => part.replace(/\s+/g, ""))
    .filter((part) => part !== "");
  if (parts.length === 0) return undefined;
  if (parts.length > MAX_RANGES) {
    throw new MagnetError(
      `Magnet link selects ${parts.length} ranges of files: up to ${MAX_RANGES} are supported`,
    );
  }
  if (!parts.every((part) => RANGE.test(part))) {
    throw new MagnetError('Magnet link\'s "so" is no list of file numbers such as 0,2,6-8');
  }
  return parts.join(",");
}

/** The values of each key. `tr.1` counts as `tr`, and `&amp;`, left over from a web page, as `&`. */
function readParameters(link: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [rawKey, raw] of new URLSearchParams(link.replace(PREFIX, ""))) {
    const key = rawKey.trim().toLowerCase().replace(/^amp;/, "").replace(/\.\d+$/, "");
    // A name is shown as it is; all else means the same without the blanks around it.
    const value = key === "dn" ? raw : raw.trim();
    if (value === "") continue;
    const list = values.get(key);
    if (list === undefined) values.set(key, [value]);
    else list.push(value);
  }
  return values;
}

/** The first usable hash of each kind: a topic that is not understood hinders no other. */
function readInfoHashes(topics: string[]): Pick<Magnet, "infoHash" | "infoHashV2"> {
  const words = topics.map((topic) => topic.replace(/\s+/g, ""));
  const v1 = words.filter((topic) => BTIH.test(topic));
  const v2 = words.filter((topic) => BTMH.test(topic));
  const infoHash = first(v1, (topic) => {
    const digits = topic.replace(BTIH, "");
    return parseInfoHash(digits) ?? parseBase32InfoHash(digits);
  });
  const infoHashV2 = first(v2, (topic) => {
    const digits = MULTIHASH.exec(topic.replace(BTMH, ""))?.[1];
    return digits === undefined ? undefined : Uint8Array.fromHex(digits);
  });
  const more = infoHashV2 && { infoHashV2 };
  if (infoHash !== undefined) return { infoHash, ...more };
  if (more) return { infoHash: more.infoHashV2.slice(0, ID_LENGTH), ...more };
  if (v1.length > 0) {
    throw new MagnetError(
      "Magnet link's info hash is neither 40 hex digits nor 32 base32 characters",
    );
  }
  if (v2.length > 0) {
    throw new MagnetError('Magnet link\'s v2 info hash is not "1220" and 64 hex digits');
  }
  throw new MagnetError('Magnet link has no "xt=urn:btih:" with an info hash');
}

function first<T, U>(values: readonly T[], read: (value: T) => U | undefined): U | undefined {
  for (const value of values) {
    const found = read(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The 20 bytes of 32 base32 characters (RFC 4648), or undefined. */
export function parseBase32InfoHash(text: string): Uint8Array | undefined {
  if (!/^[a-z2-7]{32}$/i.test(text)) return undefined;
  return decodeBase32(text.toUpperCase());
}

function readPeer(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && port >= 1 && port <= 65535 ? { host, port } : undefined;
}

/** The link that {@linkcode parseMagnet} reads back. */
export function formatMagnet(magnet: Magnet): string {
  const hex = magnet.infoHash.toHex();
  const v2 = magnet.infoHashV2?.toHex();
  const parts = v2?.startsWith(hex) ? [] : [`xt=urn:btih:${hex}`];
  if (v2 !== undefined) parts.push(`xt=urn:btmh:1220${v2}`);
  if (magnet.name) parts.push(`dn=${encodeURIComponent(magnet.name.toWellFormed())}`);
  for (const url of magnet.trackers) parts.push(`tr=${encodeURIComponent(url)}`);
  for (const url of magnet.webSeeds) parts.push(`ws=${encodeURIComponent(url)}`);
  for (const { host, port } of magnet.peers) parts.push(`x.pe=${formatHostPort(host, port)}`);
  if (magnet.select !== undefined) parts.push(`so=${magnet.select}`);
  return `magnet:?${parts.join("&")}`;
}

/** The files that `so=` means, as indexes below `fileCount` (BEP 53); undefined for all. */
export function selectedIndexes(
  { select }: Pick<Magnet, "select">,
  fileCount: number,
): number[] | undefined {
  if (select === undefined) return undefined;
  const indexes: number[] = [];
  for (const [from, to] of mergedRanges(select)) {
    // As far as there are files, however far the link says.
    for (let index = from; index <= Math.min(to, fileCount - 1); index++) indexes.push(index);
  }
  return indexes;
}

/**
 * The ranges of a text such as `0,2,6-8`, first and last, ascending and apart: walking them costs
 * what they cover, however often it is said.
 */
export function mergedRanges(text: string): [first: number, last: number][] {
  const ranges = text.split(",").map((part): [number, number] => {
    const [from, to = from] = part.split("-").map(Number);
    return [from!, to!];
  }).filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
