/**
 * Reads the query of an announce or scrape URL by hand: its values are bytes, not UTF-8 text, and a
 * tracker reads one per announce, so no URL objects and no copies are made.
 *
 * @module
 */

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48; // 0-9
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1; // a-f, A-F
}

const PERCENT = 37;
const AMPERSAND = 38;
const EQUALS = 61;

/**
 * Decodes `%XX` from `query[start, end)` into `into`; `+` is left as it is, as info hashes that
 * clients write unescaped need it.
 *
 * @returns how many bytes there are, or -1 where they do not fit, an escape is broken, or a
 * character is no byte
 */
export function decodePercent(
  query: string,
  start: number,
  end: number,
  into: Uint8Array,
): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    let code = query.charCodeAt(i);
    if (code === PERCENT) {
      if (i + 2 >= end) return -1;
      const high = hexDigit(query.charCodeAt(i + 1));
      const low = hexDigit(query.charCodeAt(i + 2));
      if (high < 0 || low < 0) return -1;
      code = (high << 4) | low;
      i += 2;
    } else if (code > 255) return -1;
    if (length === into.length) return -1;
    into[length++] = code;
  }
  return length;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A cursor over the `key=value` pairs of a query, in order. Broken pairs come out empty. */
export class QueryReader {
  readonly #query: string;
  readonly #last: number;
  #next: number;
  #end = 0;
  #valueStart = 0;
  /** The current pair's key, as written. */
  key = "";

  /**
   * @param start where the query begins: after the `?`
   * @param end where it ends
   */
  constructor(query: string, start = 0, end: number = query.length) {
    this.#query = query;
    this.#next = start;
    this.#last = end;
  }

  /** Moves to the next pair; false at the end. */
  next(): boolean {
    const query = this.#query;
    const start = this.#next;
    if (start >= this.#last) return false;
    let equals = -1;
    let i = start;
    for (; i < this.#last; i++) {
      const code = query.charCodeAt(i);
      if (code === AMPERSAND) break;
      if (code === EQUALS && equals < 0) equals = i;
    }
    this.#end = i;
    this.#next = i + 1;
    this.#valueStart = equals < 0 ? i : equals + 1;
    this.key = query.slice(start, equals < 0 ? i : equals);
    return true;
  }

  /** The value as exactly `length` bytes, or undefined where it is anything else. */
  bytes(length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    const count = decodePercent(this.#query, this.#valueStart, this.#end, bytes);
    return count === length ? bytes : undefined;
  }

  /** The value as a whole number of at most 15 digits, or undefined. */
  integer(): number | undefined {
    const length = this.#end - this.#valueStart;
    let i = this.#valueStart;
    const negative = length > 1 && this.#query.charCodeAt(i) === 45;
    if (negative) i++;
    if (length === 0 || this.#end - i > 15) return this.#largeInteger();
    let value = 0;
    for (; i < this.#end; i++) {
      const digit = this.#query.charCodeAt(i) - 48;
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
    return this.#query.slice(this.#valueStart, this.#end);
  }

  /** The value as UTF-8 text of at most `limit` bytes, or undefined where it is none. */
  text(limit: number): string | undefined {
    const bytes = new Uint8Array(limit);
    const query = this.#query.slice(this.#valueStart, this.#end);
    const plain = query.indexOf("+") < 0 ? query : query.replaceAll("+", " ");
    const count = decodePercent(plain, 0, plain.length, bytes);
    if (count < 0) return undefined;
    try {
      return utf8.decode(bytes.subarray(0, count));
    } catch {
      return undefined; // not UTF-8: not text
    }
  }
}
