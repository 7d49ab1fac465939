/**
 * The request that a tracker gets all the time: a GET of one path with a query, nothing unusual in
 * its fields. It is found in one pass over its bytes, and nothing is made for it.
 *
 * @module
 */
import { MAX_HEAD, MAX_TARGET } from "../../protocol/http_head.ts";

const CR = 13;
const LF = 10;
const SPACE = 32;
const COLON = 58;
const DEL = 127;
const VERSION = bytesOf(" HTTP/1.1\r\n");
const CLOSE = bytesOf("close");
const KEEP_ALIVE = bytesOf("keep-alive");

/** Letters in small; -1 for what may not be in a field's name. */
const NAME = new Int16Array(256).fill(-1);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  NAME[character.charCodeAt(0)] = character.charCodeAt(0);
  NAME[character.toUpperCase().charCodeAt(0)] = character.charCodeAt(0);
}

const HASH_START = 7;
const HOST = hashOf("host");
const CONNECTION = hashOf("connection");
/** Fields that decide about more than this reader knows. */
const UNUSUAL: ReadonlySet<number> = new Set(
  ["content-length", "transfer-encoding", "expect", "x-forwarded-for"].map(hashOf),
);

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function mix(hash: number, letter: number): number {
  return Math.imul(hash, 31) + letter | 0;
}

function hashOf(name: string): number {
  let hash = HASH_START;
  for (let i = 0; i < name.length; i++) hash = mix(hash, name.charCodeAt(i));
  return hash;
}

/** Finds such requests; what it found stands in its fields. */
export class PlainGetReader {
  readonly #start: Uint8Array;
  /** Where the query lies in the bytes that were read. */
  queryStart = 0;
  queryEnd = 0;
  /** Whether the connection may be used for another request. */
  keepsAlive = true;

  /** @param path the path that is asked for */
  constructor(path: string) {
    this.#start = bytesOf(`GET ${path}?`);
  }

  /**
   * Where the request that begins at `start` ends; 0 where it is none of this kind or not whole. What
   * it takes, `parseRequestHead` takes too, and understands in the same way.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    const queryStart = start + this.#start.length;
    if (!begins(bytes, start, end, this.#start)) return 0;
    const limit = Math.min(end, start + MAX_TARGET);
    let i = queryStart;
    while (i < limit && bytes[i]! > SPACE && bytes[i] !== DEL) i++;
    if (!begins(bytes, i, end, VERSION)) return 0;
    this.queryStart = queryStart;
    this.queryEnd = i;
    this.keepsAlive = true;
    return this.#readFields(bytes, i + VERSION.length, Math.min(end, start + MAX_HEAD));
  }

  #readFields(bytes: Uint8Array, from: number, end: number): number {
    let hosts = 0;
    for (let i = from; i < end;) {
      if (bytes[i] === CR) return bytes[i + 1] === LF && i + 1 < end && hosts === 1 ? i + 2 : 0;
      const nameStart = i;
      let hash = HASH_START;
      for (; i < end && bytes[i] !== COLON; i++) {
        const letter = NAME[bytes[i]!]!;
        if (letter < 0) return 0;
        hash = mix(hash, letter);
      }
      if (i === nameStart) return 0;
      const valueStart = i + 1;
      for (i++; i < end; i++) {
        const byte = bytes[i]!;
        if (byte < SPACE ? byte !== 9 : byte === DEL) break;
      }
      if (i + 1 >= end || bytes[i] !== CR || bytes[i + 1] !== LF) return 0;
      if (hash === HOST) hosts++;
      else if (hash === CONNECTION) {
        if (is(bytes, valueStart, i, CLOSE)) this.keepsAlive = false;
        else if (!is(bytes, valueStart, i, KEEP_ALIVE)) return 0;
      } else if (UNUSUAL.has(hash)) return 0;
      i += 2;
    }
    return 0;
  }
}

function begins(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): boolean {
  if (at + wanted.length > end) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** Whether a value, but for one space before it, is `wanted`, in whatever letters. */
function is(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (bytes[start] === SPACE) start++;
  if (end - start !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (NAME[bytes[start + i]!] !== wanted[i]) return false;
  return true;
}
