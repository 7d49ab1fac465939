/**
 * Bencode, torrents, links and trackers of the right peer (right_peer.ts).
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";

let planted = "";

/** Whether this mistake is planted. */
export const bug = (name: string) => planted === name;

export const BLOCK = 16384;
export const PEER_ID = new TextEncoder().encode(`-RT0001-${randomBytes(6).toString("hex")}`);

type Value = number | Uint8Array | Value[] | { [key: string]: Value };
export type Dictionary = { [key: string]: Value };

export const latin = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
export const sha1 = (bytes: Uint8Array) =>
  new Uint8Array(createHash("sha1").update(bytes).digest());
export const same = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((x, i) => x === b[i]);

// Bencode

/** Reads one value; remembers where the value of each key stands. */
export class Decoder {
  at = 0;
  readonly spans = new Map<string, [number, number]>();
  constructor(readonly bytes: Uint8Array) {}

  value(): Value {
    const kind = String.fromCharCode(this.bytes[this.at] ?? 0);
    if (kind === "i") {
      const text = this.upTo("e", this.at + 1);
      if (!/^(0|-?[1-9]\d*)$/.test(text)) throw new Error(`i${text}e is no integer`);
      return Number(text);
    }
    if (kind === "l") {
      const values: Value[] = [];
      for (this.at++; !this.ends();) values.push(this.value());
      return values;
    }
    if (kind === "d") {
      const values: Dictionary = {};
      for (this.at++; !this.ends();) {
        const key = latin(this.value() as Uint8Array);
        const start = this.at;
        values[key] = this.value();
        this.spans.set(key, [start, this.at]);
      }
      return values;
    }
    const length = this.upTo(":", this.at);
    if (!/^\d+$/.test(length)) throw new Error("no bencode");
    const end = this.at + Number(length);
    if (end > this.bytes.length) throw new Error("the string is cut off");
    const text = this.bytes.slice(this.at, end);
    this.at = end;
    return text;
  }

  whole(): Value {
    const value = this.value();
    if (this.at !== this.bytes.length) throw new Error("something stands behind the value");
    return value;
  }

  private ends(): boolean {
    if (this.at >= this.bytes.length) throw new Error("it has no end");
    if (this.bytes[this.at] !== 0x65) return false;
    this.at++;
    return true;
  }

  private upTo(end: string, from: number): string {
    const at = this.bytes.indexOf(end.charCodeAt(0), from);
    if (at < 0) throw new Error(`no ${end}`);
    this.at = at + 1;
    return latin(this.bytes.subarray(from, at));
  }
}

export function encode(value: Value, order = (keys: string[]) => keys.sort()): Uint8Array {
  const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0));
  if (typeof value === "number") return bytes(`i${value}e`);
  if (value instanceof Uint8Array) return join([bytes(`${value.length}:`), value]);
  if (Array.isArray(value)) {
    return join([
      bytes("l"),
      ...value.map((one) => encode(one)),
      bytes("e"),
    ]);
  }
  const parts = order(Object.keys(value))
    .flatMap((key) => [bytes(`${key.length}:${key}`), encode(value[key]!)]);
  return join([bytes("d"), ...parts, bytes("e")]);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function plain(value: Value): unknown {
  if (value instanceof Uint8Array) return latin(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

// Torrents and trackers

export interface Torrent {
  readonly hash: Uint8Array;
  readonly trackers: readonly string[];
  readonly name: string;
  readonly pieceLength: number;
  readonly length: number;
  readonly hashes: readonly Uint8Array[];
  readonly files: readonly (readonly string[])[];
}

export function torrentOf(
  info: Dictionary,
  hash: Uint8Array,
  trackers: readonly string[],
): Torrent {
  const pieces = info.pieces as Uint8Array;
  const files = (info.files ?? []) as { length: number; path: Uint8Array[] }[];
  return {
    hash,
    trackers,
    name: latin(info.name as Uint8Array),
    pieceLength: info["piece length"] as number,
    length: info.length as number ?? files.reduce((sum, { length }) => sum + length, 0),
    hashes: Array.from({ length: pieces.length / 20 }, (_, i) => pieces.slice(20 * i, 20 * i + 20)),
    files: files.map(({ path }) => path.map(latin)),
  };
}

export function sizeOf({ pieceLength, length }: Torrent, piece: number): number {
  return Math.min(pieceLength, length - piece * pieceLength);
}

export function readTorrent(path: string): Torrent {
  const decoder = new Decoder(Deno.readFileSync(path));
  const meta = decoder.whole() as Dictionary;
  const info = meta.info as Dictionary;
  const raw = bug("unsorted")
    ? encode(info, (keys) => keys.sort((a, b) => a.length - b.length))
    : decoder.bytes.slice(...decoder.spans.get("info")!);
  const tiers = (meta["announce-list"] ?? [[meta.announce]]) as Uint8Array[][];
  return torrentOf(info, sha1(raw), tiers.flat().map(latin));
}

/** What a link says; the rest of a torrent is not known yet. */
export function readLink(link: string): Torrent {
  const query = new URL(link).searchParams;
  const hash = Uint8Array.from(
    query.get("xt")!.split(":")[2]!.match(/../g)!,
    (x) => parseInt(x, 16),
  );
  const rest = { name: "", pieceLength: 1, length: 1, hashes: [], files: [] };
  return { hash, trackers: query.getAll("tr"), ...rest };
}

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

export class Refused extends Error {}

function escaped(bytes: Uint8Array): string {
  if (bug("hash-as-digits")) return bytes.toHex();
  if (bug("hash-as-text")) return encodeURIComponent(latin1Text(bytes));
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (/[0-9A-Za-z.\-_~]/.test(character)) return character;
    return `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** Each byte the character of its number, which is not what the encoding "latin1" of the Web does. */
function latin1Text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export async function askTracker(
  torrent: Torrent,
  more: Partial<Record<string, string | number>> = {},
) {
  const left = bug("left-zero") ? 0 : torrent.length;
  const keys = { port: 6881, uploaded: 0, downloaded: 0, left, compact: 1, ...more };
  const query = [
    `info_hash=${escaped(torrent.hash)}`,
    `peer_id=${latin(PEER_ID)}`,
    ...Object.entries(keys).map(([key, value]) => `${key}=${value}`),
  ].join("&");
  let problem: unknown;
  for (const url of torrent.trackers) {
    let reply: Dictionary;
    try {
      const answer = await fetch(`${url}${url.includes("?") ? "&" : "?"}${query}`);
      reply = new Decoder(await answer.bytes()).whole() as Dictionary;
    } catch (error) {
      problem = error;
      continue;
    }
    const reason = reply["failure reason"];
    if (reason !== undefined && !bug("failure-ignored")) {
      throw new Refused(latin(reason as Uint8Array));
    }
    return addressesIn(reply);
  }
  throw new Refused(`no tracker answers: ${problem}`);
}

function addressesIn(reply: Dictionary): Address[] {
  const { peers = new Uint8Array(), peers6 = new Uint8Array() } = reply;
  const found: Address[] = Array.isArray(peers)
    ? (peers as { ip: Uint8Array; port: number }[])
      .map(({ ip, port }) => ({ hostname: latin(ip), port }))
    : cut(peers as Uint8Array, 6).map((one) => ({
      hostname: one.slice(0, 4).join("."),
      port: new DataView(one.buffer).getUint16(4, bug("port-little-endian")),
    }));
  for (const one of cut(peers6 as Uint8Array, 18)) {
    const hostname = one.slice(0, 16).toHex().match(/.{4}/g)!.join(":");
    found.push({ hostname, port: new DataView(one.buffer).getUint16(16) });
  }
  return found;
}

function cut(bytes: Uint8Array, width: number) {
  return Array.from(
    { length: Math.floor(bytes.length / width) },
    (_, i) => bytes.slice(i * width, (i + 1) * width),
  );
}

/** Plants a mistake. */
export function plant(name: string): void {
  planted = name;
}
