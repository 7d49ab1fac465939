/**
 * Requests to a student's tracker, as they are written.
 *
 * @module
 */
import { percentEncode } from "../../protocol/mod.ts";

/** Characters of a request that a sentence shows. */
const SHOWN = 260;

/** A peer that announces, and no more. */
export interface Announcer {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly port: number;
}

/** What an announce says; the rest is as usual for a peer that has nothing yet. */
export interface AnnounceWords {
  readonly torrent: Uint8Array;
  readonly peer: Announcer;
  /** Default: 1000. */
  readonly left?: number;
  /** Default: `started`. An empty text: no event. */
  readonly event?: string;
  /** Default: 1. */
  readonly compact?: 0 | 1;
  readonly numwant?: number;
  /** How bytes are written; by default unreserved characters as they are, the rest `%XX`. */
  readonly escape?: (bytes: Uint8Array) => string;
  /** Words in front of all others: `a=b&`. */
  readonly before?: string;
  /** Words of the query that are written otherwise; undefined leaves one out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Over ::1 in place of 127.0.0.1. */
  readonly overIPv6?: boolean;
}

/** The query of an announce. */
export function announceQuery(words: AnnounceWords): string {
  const { torrent, peer, left = 1000, event = "started", compact = 1, numwant } = words;
  const write = words.escape ?? percentEncode;
  const pairs: Record<string, string | undefined> = {
    "info_hash": write(torrent),
    "peer_id": write(peer.id),
    port: String(peer.port),
    uploaded: "0",
    downloaded: "0",
    left: String(left),
    compact: String(compact),
    event: event === "" ? undefined : event,
    numwant: numwant === undefined ? undefined : String(numwant),
    ...words.query,
  };
  return (words.before ?? "") + Object.entries(pairs)
    .flatMap(([key, value]) => value === undefined ? [] : [`${key}=${value}`]).join("&");
}

/** A request in a sentence: its first line, cut. */
export function asked(request: string | readonly string[]): string {
  const whole = typeof request === "string" ? request : request.join("");
  const line = whole.split("\r\n", 1)[0]!.replace(/ HTTP\/1\.\d$/, "");
  return line.length > SHOWN ? `${line.slice(0, SHOWN)} …` : line;
}

/** Text of one byte a character. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
