/**
 * Canonical bencode (BEP 3): keys sorted as bytes, no spare digits.
 *
 * @module
 */
import { sortSteps } from "./sort_steps.ts";
import type { Steps } from "./steps.ts";

/** What can be encoded. Text goes out as UTF-8; entries that are undefined are left out. */
export type BencodeInput =
  | number
  | bigint
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | ReadonlyMap<string, BencodeInput | undefined>
  | { readonly [key: string]: BencodeInput | undefined };

const encoder = new TextEncoder();

/**
 * The canonical encoding: keys sorted as bytes, no spare digits.
 *
 * @throws {RangeError} for a number that is no safe integer or a key that is no byte string
 */
export function encodeBencode(value: BencodeInput): Uint8Array<ArrayBuffer> {
  const output = new Output();
  encodeInto(output, value);
  return output.take();
}

/** Values of a list or dictionary between two pauses. */
const VALUES_PER_STEP = 64;

/**
 * The same with pauses.
 *
 * @throws {RangeError} as there
 */
export function* encodeBencodeSteps(value: BencodeInput): Steps<Uint8Array<ArrayBuffer>> {
  const output = new Output();
  yield* encodeLong(output, value);
  return output.take();
}

function* encodeLong(output: Output, value: BencodeInput): Steps<void> {
  if (!isContainer(value)) return encodeInto(output, value);
  if (isList(value)) {
    output.ascii("l");
    for (const [index, item] of value.entries()) {
      if (index % VALUES_PER_STEP === 0) yield;
      yield* encodeLong(output, item);
    }
  } else {
    output.ascii("d");
    const entries = yield* sortSteps(isMap(value) ? [...value] : Object.entries(value), byKey);
    for (const [index, [key, item]] of entries.entries()) {
      if (index % VALUES_PER_STEP === 0) yield;
      if (item === undefined) continue;
      output.string(latin1Bytes(key));
      yield* encodeLong(output, item);
    }
  }
  output.ascii("e");
}

/** Latin-1 keys compare as their bytes do; no two keys are equal. */
function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function isContainer(
  value: BencodeInput,
): value is Exclude<BencodeInput, number | bigint | string | Uint8Array> {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

function encodeInto(output: Output, value: BencodeInput): void {
  if (typeof value === "number" || typeof value === "bigint") {
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      throw new RangeError(`Cannot encode ${value} as bencode: it is not a safe integer`);
    }
    // BigInt also turns -0, which bencode forbids, into 0.
    output.ascii(`i${BigInt(value)}e`);
  } else if (typeof value === "string") {
    output.string(encoder.encode(value));
  } else if (value instanceof Uint8Array) {
    output.string(value);
  } else if (isList(value)) {
    output.ascii("l");
    for (const item of value) encodeInto(output, item);
    output.ascii("e");
  } else {
    output.ascii("d");
    const entries = isMap(value) ? [...value] : Object.entries(value);
    entries.sort(byKey);
    for (const [key, item] of entries) {
      if (item === undefined) continue;
      output.string(latin1Bytes(key));
      encodeInto(output, item);
    }
    output.ascii("e");
  }
}

function isList(value: object): value is readonly BencodeInput[] {
  return Array.isArray(value);
}

function isMap(value: object): value is ReadonlyMap<string, BencodeInput | undefined> {
  return value instanceof Map;
}

/** A buffer that grows. */
class Output {
  #bytes = new Uint8Array(256);
  #length = 0;

  ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  string(bytes: Uint8Array): void {
    this.ascii(`${bytes.length}:`);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** A key that was decoded, as it stands before its value. */
export function encodeKey(key: string): Uint8Array<ArrayBuffer> {
  return latin1Bytes(`${key.length}:${key}`);
}

function latin1Bytes(key: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if (code > 0xff) {
      throw new RangeError(`Cannot encode key ${JSON.stringify(key)}: not a byte string`);
    }
    bytes[i] = code;
  }
  return bytes;
}
