/**
 * Reads the query of an announce or scrape URL by hand, from its bytes: its values are bytes, not
 * UTF-8 text, and a tracker reads one per announce, so no URL objects and no copies are made.
 *
 * @module
 */
import { utf8Text } from "./utf8_text.ts";

const PERCENT = 37;
const AMPERSAND = 38;
const MINUS = 45;
const EQUALS = 61;

/** Values of hexadecimal digits by their code; -1 for all else. */
const HEX = new Int8Array(256).fill(-1);
for (const [digits, first] of [["0123456789", 0], ["abcdef", 10], ["ABCDEF", 10]] as const) {
  for (let i = 0; i < digits.length; i++) HEX[digits.charCodeAt(i)] = first + i;
}

/**
 * Decodes `%XX` from `query[start, end)` into `into`; `+` is left as it is, as info hashes that
 * clients write unescaped need it.
 *
 * @returns how many bytes there are, or -1 where they do not fit or an escape is broken
 */
export function decodePercent(
  query: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    let code = query[i]!;
    if (code === PERCENT) {
      if (i + 2 >= end) return -1;
      code = (HEX[query[i + 1]!]! << 4) | HEX[query[i + 2]!]!;
      if (code < 0) return -1;
      i += 2;
    }
    if (length === into.length) return -1;
    into[length++] = code;
  }
  return length;
}

/** Keys that nearly all queries have: their text is not made anew for each. */
const USUAL = new Map(
  [
    ...["info_hash", "peer_id", "port", "uploaded", "downloaded", "left", "event", "numwant"],
    ...["compact", "no_peer_id", "key", "ip", "ipv4", "ipv6", "trackerid", "supportcrypto"],
    ...["corrupt", "redundant", "requirecrypto", "vt_name"],
  ].map((key) => {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = mix(hash, key.charCodeAt(i));
    return [hash, key];
  }),
);

function mix(hash: number, code: number): number {
  return Math.imul(hash, 31) + code | 0;
}

/** A cursor over the `key=value` pairs of a query, in order. Broken pairs come out empty. */
export class QueryReader {
  readonly #query: Uint8Array;
  readonly #last: number;
  #next: number;
  #keyStart = 0;
  #keyEnd = 0;
  #keyHash = 0;
  #end = 0;
  #valueStart = 0;

  /**
   * @param start where the query begins: after the `?`
   * @param end where it ends
   */
  constructor(query: Uint8Array, start = 0, end: number = query.length) {
    this.#query = query;
    this.#next = start;
    this.#last = end;
  }

  /** Moves to the next pair; false at the end. */
  next(): boolean {
    const query = this.#query;
    const last = this.#last;
    const start = this.#next;
    if (start >= last) return false;
    let i = start;
    let code = 0;
    let hash = 0;
    for (; i < last; i++) {
      code = query[i]!;
      if (code === AMPERSAND || code === EQUALS) break;
      hash = mix(hash, code);
    }
    this.#keyStart = start;
    this.#keyEnd = i;
    this.#keyHash = hash;
    this.#valueStart = i < last && code === EQUALS ? i + 1 : i;
    while (i < last && query[i] !== AMPERSAND) i++;
    this.#end = i;
    this.#next = i + 1;
    return true;
  }

  /** The current pair's key, as written. */
  get key(): string {
    const usual = USUAL.get(this.#keyHash);
    if (usual !== undefined && usual.length === this.#keyEnd - this.#keyStart) {
      let i = 0;
      while (i < usual.length && this.#query[this.#keyStart + i] === usual.charCodeAt(i)) i++;
      if (i === usual.length) return usual;
    }
    return this.#text(this.#keyStart, this.#keyEnd);
  }

  /** The value as exactly `length` bytes, or undefined where it is anything else. */
  bytes(length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    return this.fills(bytes) ? bytes : undefined;
  }

  /** Whether the value is exactly as many bytes as `into` has; they are in there then. */
  fills(into: Uint8Array): boolean {
    return decodePercent(this.#query, this.#valueStart, this.#end, into) === into.length;
  }

  /** The value as a whole number of at most 15 digits, or undefined. */
  integer(): number | undefined {
    const length = this.#end - this.#valueStart;
    let i = this.#valueStart;
    const negative = length > 1 && this.#query[i] === MINUS;
    if (negative) i++;
    if (length === 0 || this.#end - i > 15) return this.#largeInteger();
    let value = 0;
    for (; i < this.#end; i++) {
      const digit = this.#query[i]! - 48;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  /** Clients that do not know how much is left say 2^63−1 or 2^64−1: more than we can count. */
  #largeInteger(): number | undefined {
    const raw = this.raw();
    return /^\d{16,20}$/.test(raw) ? Math.min(Number(raw), Number.MAX_SAFE_INTEGER) : undefined;
  }

  /** The value as it was written. */
  raw(): string {
    return this.#text(this.#valueStart, this.#end);
  }

  /** The value as UTF-8 text of at most `limit` bytes, or undefined where it is none. */
  text(limit: number): string | undefined {
    const bytes = new Uint8Array(limit);
    const query = this.#query.slice(this.#valueStart, this.#end);
    for (let i = 0; i < query.length; i++) if (query[i] === 43) query[i] = 32; // + is a space
    const count = decodePercent(query, 0, query.length, bytes);
    if (count < 0) return undefined;
    return utf8Text(bytes.subarray(0, count));
  }

  #text(start: number, end: number): string {
    let text = "";
    for (let i = start; i < end; i++) text += String.fromCharCode(this.#query[i]!);
    return text;
  }
}
