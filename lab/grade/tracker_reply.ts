/**
 * Replies of a student's tracker: what they have to be, and where they are wrong.
 *
 * @module
 */
import {
  type BencodeDict,
  BencodeError,
  type BencodeValue,
  decodeBencodePrefix,
  formatIp,
  rawValue,
} from "../../protocol/mod.ts";
import { Failure, type Finding } from "./finding.ts";
import { type HttpReply, latin1 } from "./http_connection.ts";

/** A reply that is a bencoded dictionary. */
export interface TrackerReply {
  readonly http: HttpReply;
  readonly dict: BencodeDict;
}

/** A peer in a reply. */
export interface ListedPeer {
  readonly host: string;
  readonly port: number;
  /** In a list of dictionaries only. */
  readonly id?: Uint8Array;
  /** Where it stands in the body. */
  readonly place: readonly [from: number, to: number];
}

/** The peers of a reply. */
export interface ListedPeers {
  readonly form: "compact" | "list";
  readonly peers: readonly ListedPeer[];
  /** Where the value stands in the body. */
  readonly place: readonly [from: number, to: number];
}

/** Characters of what came that a sentence shows. */
const SHOWN = 120;
/** Bytes that a finding keeps. */
const MOST_MARKED = 8192;

const WHY_HTTP =
  "RFC 9112: a reply begins with HTTP/1.1 200 OK, goes on with header lines and an " +
  "empty line, and its body follows";
const WHY_BENCODE = "BEP 3: a tracker's reply is one bencoded dictionary";

/** Where in a reply's body something is wrong. */
export function placeInBody(http: HttpReply, wrong?: readonly [number, number]): Partial<Finding> {
  const bytes = http.body.subarray(0, MOST_MARKED);
  return { ...placeOf(http), marked: { bytes, ...(wrong === undefined ? {} : { wrong }) } };
}

/** Where in the whole reply something is wrong, head included. */
export function placeInReply(http: HttpReply, wrong?: readonly [number, number]): Partial<Finding> {
  const bytes = http.bytes.subarray(0, MOST_MARKED);
  return { ...placeOf(http), marked: { bytes, ...(wrong === undefined ? {} : { wrong }) } };
}

function placeOf({ at, connection, message }: HttpReply): Partial<Finding> {
  return { at, connection, message, filter: "http" };
}

/**
 * The dictionary in a reply, whatever its HTTP status.
 *
 * @param asked what was asked, in words
 * @throws {Failure} where there is none
 */
export function readTrackerReply(http: HttpReply, expected: string, asked: string): TrackerReply {
  const fail = (seen: string, why: string, place: Partial<Finding>): never => {
    throw new Failure({ expected, seen: `${seen}, after ${asked}`, why, ...place });
  };
  if (http.bytes.length === 0) {
    return fail(
      http.end === "silence" ? "no reply" : "it closed the connection without a reply",
      "BEP 3: each announce is answered, with a failure reason if need be",
      { at: http.at, connection: http.connection, filter: "http" },
    );
  }
  if (http.status === undefined) {
    const place = placeInReply(http, [0, Math.min(http.bytes.length, http.statusLine.length || 1)]);
    return /^[dl{[<]/.test(http.statusLine)
      ? fail(`a body without HTTP's head: ${shown(http.bytes)}`, WHY_HTTP, place)
      : fail(`no HTTP: ${shown(http.bytes)}`, WHY_HTTP, place);
  }
  if (http.bodyAt === undefined) {
    return fail("a head that has no empty line at its end", WHY_HTTP, placeInReply(http));
  }
  if (http.end === "silence" || http.end === "too long") {
    const length = http.fields.get("content-length");
    const end = length === undefined
      ? "no Content-Length, and the connection stays open"
      : `Content-Length: ${length}, and only ${http.body.length} bytes`;
    return fail(
      `a reply without an end: ${end}`,
      "RFC 9112: a body ends after Content-Length bytes; where the head does not say how many, " +
        "the connection has to be closed behind it",
      placeInReply(http, [0, http.bodyAt]),
    );
  }
  if (http.body.length === 0) {
    return fail(`${http.statusLine} and no body`, WHY_BENCODE, placeInReply(http));
  }
  try {
    const { value } = decodeBencodePrefix(http.body, { lenient: true, maxTokens: 200_000 });
    if (value instanceof Map) return { http, dict: value };
    return fail(
      `bencode, but ${kindOf(value)} in place of a dictionary`,
      WHY_BENCODE,
      placeInBody(http, [0, 1]),
    );
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    const at = Math.min(error.offset, Math.max(0, http.body.length - 1));
    return fail(noBencode(http, error), WHY_BENCODE, placeInBody(http, [at, at + 1]));
  }
}

/** The value's kind in words. */
export function kindOf(value: BencodeValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `a string of ${value.length} bytes`;
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "a dictionary";
  return `the integer ${value}`;
}

function noBencode(http: HttpReply, error: BencodeError): string {
  const text = latin1(http.body.subarray(0, 400)).trimStart();
  const status = http.status === 200 ? "" : ` with ${http.statusLine}`;
  if (/^[{[]/.test(text)) return `JSON in place of bencode${status}: ${shown(http.body)}`;
  if (/^<(!doctype|html|\?xml|head|body)/i.test(text)) {
    return `HTML in place of bencode${status}: ${shown(http.body)}`;
  }
  if (/^(b'|b"|OrderedDict|\[object)/.test(text)) {
    return `a value that was printed in place of its bytes: ${shown(http.body)}`;
  }
  return `no bencode${status} (${error.message}): ${shown(http.body)}`;
}

/** Bytes as text in a sentence. */
export function shown(bytes: Uint8Array): string {
  const text = latin1(bytes.subarray(0, SHOWN)).replaceAll(/[^\x20-\x7e]/g, "·");
  return bytes.length > SHOWN ? `${text} …` : text;
}

/** Where the value of a key stands in the body; undefined where there is none. */
export function placeOfKey(
  { http }: TrackerReply,
  ...path: string[]
): readonly [number, number] | undefined {
  const value = rawValue(http.body, path, { lenient: true });
  if (value === undefined) return undefined;
  const from = value.byteOffset - http.body.byteOffset;
  return [from, from + value.length];
}

/** The text of a `failure reason`; undefined where there is none. */
export function failureReason({ dict }: TrackerReply): string | undefined {
  const reason = dict.get("failure reason");
  return reason instanceof Uint8Array ? new TextDecoder().decode(reason) : undefined;
}

/** A number of a reply. */
export function countIn(dict: BencodeDict, key: string): number | undefined {
  const value = dict.get(key);
  return typeof value === "number" ? value : undefined;
}

/**
 * The peers of a reply, in whichever form.
 *
 * @param key `peers`, or `peers6` (BEP 7)
 * @throws {Failure} where they are in none
 */
export function listedPeers(reply: TrackerReply, key: "peers" | "peers6" = "peers"): ListedPeers {
  const { http, dict } = reply;
  const value = dict.get(key);
  const place = placeOfKey(reply, key) ?? [0, http.body.length];
  const size = key === "peers" ? 6 : 18;
  if (value instanceof Uint8Array) {
    const start = place[1] - value.length;
    if (value.length % size !== 0) {
      throw new Failure({
        expected: `${key}: ${size} bytes for each peer, address and port`,
        seen: `${key} of ${value.length} bytes${asText(value, size)}`,
        why: key === "peers"
          ? "BEP 23: four bytes of address and two of port, the high one first; they are no text"
          : "BEP 7: sixteen bytes of address and two of port",
        ...placeInBody(http, place),
      });
    }
    const peers: ListedPeer[] = [];
    for (let at = 0; at < value.length; at += size) {
      peers.push({
        host: formatIp(value.subarray(at, at + size - 2)),
        port: value[at + size - 2]! * 256 + value[at + size - 1]!,
        place: [start + at, start + at + size],
      });
    }
    return { form: "compact", peers, place };
  }
  if (Array.isArray(value)) {
    return { form: "list", peers: readList(reply, value, place[0] + 1), place };
  }
  throw new Failure({
    expected: `${key}: a string of ${size} bytes for each peer, or a list of dictionaries`,
    seen: value === undefined
      ? `no ${key} in it; its keys: ${[...dict.keys()].slice(0, 12).join(", ")}`
      : `${key}: ${kindOf(value)}`,
    why: "BEP 3: peers is a list of dictionaries; BEP 23: or a string, six bytes for each peer",
    ...placeInBody(http, placeOfKey(reply, key)),
  });
}

function readList(
  { http }: TrackerReply,
  list: readonly BencodeValue[],
  start: number,
): ListedPeer[] {
  let at = start;
  return list.map((entry) => {
    const { end } = decodeBencodePrefix(http.body.subarray(at), { lenient: true });
    const place = [at, at + end] as const;
    at += end;
    const why = "BEP 3: each entry is a dictionary with ip (a string), port (an integer) and, " +
      "unless no_peer_id=1 was asked for, peer id (20 bytes)";
    const fail = (seen: string): never => {
      throw new Failure({
        expected: "a dictionary with ip, port and peer id for each peer",
        seen,
        why,
        ...placeInBody(http, place),
      });
    };
    if (!(entry instanceof Map)) return fail(`${kindOf(entry)} in the list of peers`);
    const [ip, port, id] = [entry.get("ip"), entry.get("port"), entry.get("peer id")];
    if (!(ip instanceof Uint8Array)) return fail(`ip: ${kindOf(ip)}`);
    if (typeof port !== "number") {
      return fail(`port: ${kindOf(port)}${port instanceof Uint8Array ? ` (${shown(port)})` : ""}`);
    }
    if (id !== undefined && !(id instanceof Uint8Array)) return fail(`peer id: ${kindOf(id)}`);
    return { host: shown(ip), port, ...(id === undefined ? {} : { id }), place };
  });
}

/** A guess at how text got into bytes. */
function asText(value: Uint8Array, size: number): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(value);
    const isGrown = /[\u0080-\u00ff]/.test(text) && [...text].length % size === 0;
    if (isGrown) return ": each byte from 0x80 on went out as two, as UTF-8 text";
    if (text.includes("\ufffd")) return ": it has ef bf bd in it, which stands for what is no text";
  } catch {
    // No text at all.
  }
  return value.length % 8 === 0 && size === 6 ? " (eight for each?)" : "";
}
