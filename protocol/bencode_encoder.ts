/**
 * Canonical bencode (BEP 3): keys sorted as bytes, no spare digits.
 *
 * @module
 */

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
    // Latin-1 keys compare as their bytes do; no two keys are equal.
    entries.sort(([a], [b]) => a < b ? -1 : 1);
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

function latin1Bytes(key: string): Uint8Array {
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
