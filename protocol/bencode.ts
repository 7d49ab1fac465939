/**
 * Bencode (BEP 3): decoding without recursion and within limits, and the raw span of a nested value.
 *
 * @module
 */
import type { BencodeDict, BencodeValue } from "./bencode_value.ts";
import { MAX_KEY } from "./bounds.ts";
import { BencodeError } from "./errors.ts";
import type { Steps } from "./steps.ts";

export * from "./bencode_encoder.ts";
export * from "./bencode_value.ts";

/** How tolerant and how patient a decoder is. */
export interface DecodeOptions {
  /** Accept unsorted keys and white space after the end, as old .torrent files have. */
  lenient?: boolean;
  /** How many lists and dictionaries may lie inside each other. Default 100. */
  maxDepth?: number;
  /** How many values and keys there may be in all. Default 3 million. */
  maxTokens?: number;
}

const MAX_DEPTH = 100;
const MAX_TOKENS = 3_000_000;
/** More digits than any 64-bit number has. */
const MAX_DIGITS = 20;

/** How many bytes of a key become text at once: they are arguments of one call. */
const CHUNK = 4096;
/** Keys up to so many bytes are remembered. */
const SHORT_KEY = 24;
/** How many keys are remembered, a power of two. */
const KEY_SLOTS = 64;

const I = 0x69;
const L = 0x6c;
const D = 0x64;
const E = 0x65;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** Reads tokens from left to right and knows where it is. */
class Cursor {
  at = 0;
  readonly bytes: Uint8Array;
  #tokens: number;

  constructor(bytes: Uint8Array, options: DecodeOptions) {
    this.bytes = bytes;
    this.#tokens = options.maxTokens ?? MAX_TOKENS;
  }

  /** The next byte, not consumed. */
  peek(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new BencodeError("Unexpected end", this.at);
    return byte;
  }

  /** Counts one more key or value. */
  spend(): void {
    if (this.#tokens-- <= 0) throw new BencodeError("Too many values", this.at);
  }

  integer(): number | bigint {
    const start = this.at++;
    const negative = this.peek() === MINUS;
    if (negative) this.at++;
    const size = this.#digits(E, "integer", start);
    if (!negative) return size;
    if (size === 0) throw new BencodeError("Integer is -0", start);
    return -size;
  }

  string(): Uint8Array {
    const length = this.skipString();
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Moves past a string without making anything of it, and tells its length in bytes. */
  skipString(): number {
    const start = this.at;
    const length = Number(this.#digits(COLON, "string length", start));
    // Compared before anything is cut or allocated: the length is whatever a stranger wrote.
    if (length > this.bytes.length - this.at) {
      throw new BencodeError(
        `String of ${length} bytes where ${this.bytes.length - this.at} remain`,
        start,
      );
    }
    this.at += length;
    return length;
  }

  /** A dictionary key. */
  key(): string {
    const byte = this.peek();
    if (byte < ZERO || byte > NINE) {
      throw new BencodeError("Dictionary key is not a string", this.at);
    }
    const start = this.at;
    const length = this.skipString();
    if (length > MAX_KEY) {
      throw new BencodeError(`Key of ${length} bytes: up to ${MAX_KEY} are supported`, start);
    }
    return keyText(this.bytes, this.at - length, this.at);
  }

  /** The number of canonical decimal digits; also takes the byte that must end them. */
  #digits(end: number, what: string, start: number): number | bigint {
    const from = this.at;
    let value = 0;
    let byte = this.peek();
    while (byte >= ZERO && byte <= NINE) {
      if (++this.at - from > MAX_DIGITS) {
        throw new BencodeError(`Too many digits in ${what}`, start);
      }
      value = value * 10 + (byte - ZERO);
      byte = this.peek();
    }
    const count = this.at - from;
    if (byte !== end || count === 0) {
      throw new BencodeError(`Unexpected byte 0x${hex(byte)} in ${what}`, this.at);
    }
    if (count > 1 && this.bytes[from] === ZERO) {
      throw new BencodeError(`Leading zero in ${what}`, from);
    }
    this.at++;
    // Once past 2^53 the sum is inexact: the digits themselves are not.
    return Number.isSafeInteger(value)
      ? value
      : BigInt(latin1(this.bytes.subarray(from, from + count)));
  }
}

/** A list or dictionary that is still open. */
type Frame =
  | { list: BencodeValue[] }
  | { dict: BencodeDict; key: string | undefined; last: string | undefined };

/**
 * The value that `bytes` hold, all of them.
 *
 * Integers and lengths must be canonical and keys unique; keys must be sorted and nothing may
 * follow, unless `lenient` is set.
 *
 * @throws {BencodeError} with the offset of the first wrong byte
 */
export function decodeBencode(bytes: Uint8Array, options: DecodeOptions = {}): BencodeValue {
  const { value, end } = decodeBencodePrefix(bytes, options);
  requireEnd(bytes, end, options.lenient ?? false);
  return value;
}

function requireEnd(bytes: Uint8Array, end: number, isLenient: boolean): void {
  let rest = end;
  if (isLenient) { while (isSpace(bytes[rest])) rest++; }
  if (rest !== bytes.length) {
    throw new BencodeError(`${bytes.length - rest} bytes too many`, rest);
  }
}

/**
 * The value at the start of `bytes` and the offset of its end: BEP 9 puts raw data behind a
 * dictionary.
 *
 * @throws {BencodeError} with the offset of the first wrong byte
 */
export function decodeBencodePrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { value: BencodeValue; end: number } {
  const decoder = new Decoder(bytes, options);
  const value = decoder.go(Infinity)!;
  return { value, end: decoder.end };
}

/** Keys and values between two pauses. */
const TOKENS_PER_STEP = 512;

/**
 * As `decodeBencode` of lenient options, with pauses; also tells the bytes of the value under `key`
 * of the outermost dictionary, exactly as they stand in `bytes`.
 *
 * @throws {BencodeError} with the offset of the first wrong byte
 */
export function* decodeBencodeSteps(
  bytes: Uint8Array,
  key?: string,
): Steps<{ value: BencodeValue; raw: Uint8Array | undefined }> {
  const decoder = new Decoder(bytes, { lenient: true }, key);
  let value = decoder.go(TOKENS_PER_STEP);
  while (value === undefined) {
    yield;
    value = decoder.go(TOKENS_PER_STEP);
  }
  requireEnd(bytes, decoder.end, true);
  return { value, raw: decoder.span && bytes.subarray(...decoder.span) };
}

/** Decodes one value, as many tokens at a time as it is told. */
class Decoder {
  readonly #cursor: Cursor;
  readonly #maxDepth: number;
  readonly #isSorted: boolean;
  readonly #open: Frame[] = [];
  readonly #watched: string | undefined;
  #spanStart = 0;
  /** Where the watched key's value begins and ends. */
  span: [start: number, end: number] | undefined;

  /** @param watched the key of the outermost dictionary whose span is to be told */
  constructor(bytes: Uint8Array, options: DecodeOptions, watched?: string) {
    this.#cursor = new Cursor(bytes, options);
    this.#maxDepth = options.maxDepth ?? MAX_DEPTH;
    this.#isSorted = !options.lenient;
    this.#watched = watched;
  }

  /** Where it stands: the end of the value once there is one. */
  get end(): number {
    return this.#cursor.at;
  }

  /** The value; undefined where `tokens` keys and values were not enough. */
  go(tokens: number): BencodeValue | undefined {
    const cursor = this.#cursor;
    const open = this.#open;
    while (tokens-- > 0) {
      const frame = open.at(-1);
      let value: BencodeValue;
      if (frame !== undefined && cursor.peek() === E) {
        if ("dict" in frame && frame.key !== undefined) {
          throw new BencodeError("Dictionary key without a value", cursor.at);
        }
        cursor.at++;
        open.pop();
        value = "dict" in frame ? frame.dict : frame.list;
      } else if (frame !== undefined && "dict" in frame && frame.key === undefined) {
        readKey(cursor, frame, this.#isSorted);
        if (open.length === 1) this.#spanStart = cursor.at;
        continue;
      } else {
        cursor.spend();
        const byte = cursor.peek();
        if (byte === L || byte === D) {
          if (open.length >= this.#maxDepth) {
            throw new BencodeError(`Nested deeper than ${this.#maxDepth}`, cursor.at);
          }
          cursor.at++;
          open.push(
            byte === L ? { list: [] } : { dict: new Map(), key: undefined, last: undefined },
          );
          continue;
        }
        if (byte === I) value = cursor.integer();
        else if (byte >= ZERO && byte <= NINE) value = cursor.string();
        else throw new BencodeError(`Unexpected byte 0x${hex(byte)}`, cursor.at);
      }
      const parent = open.at(-1);
      if (parent === undefined) return value;
      if ("list" in parent) {
        parent.list.push(value);
      } else {
        parent.dict.set(parent.key!, value);
        if (open.length === 1 && parent.key === this.#watched) {
          this.span = [this.#spanStart, cursor.at];
        }
        parent.key = undefined;
      }
    }
    return undefined;
  }
}

function readKey(cursor: Cursor, frame: Extract<Frame, { dict: unknown }>, sorted: boolean): void {
  const start = cursor.at;
  cursor.spend();
  const key = cursor.key();
  if (frame.dict.has(key)) throw new BencodeError(`Duplicate key ${quote(key)}`, start);
  if (sorted && frame.last !== undefined && key < frame.last) {
    throw new BencodeError(`Key ${quote(key)} out of order`, start);
  }
  frame.key = frame.last = key;
}

/**
 * The bytes of a value inside nested dictionaries exactly as they stand in `bytes`, or undefined
 * where there is no such key. An info hash is over these bytes, never over a re-encoding: unknown
 * keys and odd order must survive.
 *
 * Of what lies outside the path only the framing is checked: decode the whole first.
 *
 * @throws {BencodeError} where the framing is broken
 */
export function rawValue(
  bytes: Uint8Array,
  path: readonly string[],
  options: DecodeOptions = {},
): Uint8Array | undefined {
  const cursor = new Cursor(bytes, options);
  for (const wanted of path) {
    if (cursor.peek() !== D) return undefined;
    cursor.at++;
    while (true) {
      if (cursor.peek() === E) return undefined;
      if (cursor.key() === wanted) break;
      skip(cursor);
    }
  }
  const start = cursor.at;
  skip(cursor);
  return bytes.subarray(start, cursor.at);
}

/**
 * The values of the outermost dictionary, each exactly as it stands in `bytes`, in one walk; undefined
 * where `bytes` hold something else. Lenient as a .torrent may be; of the values only the framing is
 * checked.
 *
 * @throws {BencodeError} where the framing is broken
 */
export function rawEntries(bytes: Uint8Array): Map<string, Uint8Array> | undefined {
  const cursor = new Cursor(bytes, { lenient: true });
  if (cursor.peek() !== D) return undefined;
  cursor.at++;
  const entries = new Map<string, Uint8Array>();
  while (cursor.peek() !== E) {
    const start = cursor.at;
    cursor.spend();
    const key = cursor.key();
    if (entries.has(key)) throw new BencodeError(`Duplicate key ${quote(key)}`, start);
    const from = cursor.at;
    skip(cursor);
    entries.set(key, bytes.subarray(from, cursor.at));
  }
  requireEnd(bytes, cursor.at + 1, true);
  return entries;
}

/** Moves past one value of any depth. */
function skip(cursor: Cursor): void {
  let depth = 0;
  do {
    cursor.spend();
    const byte = cursor.peek();
    if (byte === L || byte === D) {
      cursor.at++;
      depth++;
    } else if (byte === E && depth > 0) {
      cursor.at++;
      depth--;
    } else if (byte === I) {
      cursor.integer();
    } else if (byte >= ZERO && byte <= NINE) {
      cursor.skipString();
    } else {
      throw new BencodeError(`Unexpected byte 0x${hex(byte)}`, cursor.at);
    }
  } while (depth > 0);
}

/** Keys read lately, each at the slot that its bytes name: a torrent has the same few in every file. */
const recentKeys: string[] = Array(KEY_SLOTS).fill("");

/** The key between two offsets; the same text as before where it was read lately. */
function keyText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length === 0 || length > SHORT_KEY) return latin1(bytes.subarray(from, to));
  const slot = (length * 7 + bytes[from]! + bytes[to - 1]! * 3) & (KEY_SLOTS - 1);
  const recent = recentKeys[slot]!;
  if (recent.length === length) {
    let at = 0;
    while (at < length && recent.charCodeAt(at) === bytes[from + at]) at++;
    if (at === length) return recent;
  }
  return recentKeys[slot] = latin1(bytes.subarray(from, to));
}

function latin1(bytes: Uint8Array): string {
  let characters = "";
  for (let from = 0; from < bytes.length; from += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(from, from + CHUNK));
  }
  return characters;
}

/** A key for an error message: short and without control characters. */
function quote(key: string): string {
  return JSON.stringify(key.slice(0, 40)).replace(/\p{C}/gu, "?");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
