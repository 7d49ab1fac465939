/**
 * Diagnosis of a wrong file: how long it is, where it first differs, and what habit of programs that
 * speaks for, by arithmetic that is shown.
 *
 * @module
 */

/** Usual lengths of a chunk. */
const CHUNKS = [262_144, 131_072, 65_536, 32_768, 16_384, 8192, 4096, 2048, 1024, 512];
/** Payload of a TCP segment on Ethernet with the usual options. */
const SEGMENT = 1448;
/** Longest header of a message that is looked for. */
const MAX_HEADER = 64;

/** What a comparison found. */
export interface WrongFile {
  readonly size: number;
  readonly wanted: number;
  /** First offset that differs, or where the shorter one ends. */
  readonly first: number;
  readonly says: string;
  readonly guess?: string;
}

/** Compares; undefined where all bytes are right. */
export function compareFiles(got: Uint8Array, wanted: Uint8Array): WrongFile | undefined {
  const first = firstDifference(got, wanted);
  if (first === undefined) return undefined;
  const says = got.length === wanted.length
    ? `${count(got.length)} bytes, first wrong byte at ${count(first)}`
    : `${count(got.length)} of ${count(wanted.length)} bytes` +
      (first < Math.min(got.length, wanted.length) ? `, first wrong byte at ${count(first)}` : "");
  const guess = guessFrom(got, wanted, first);
  return {
    size: got.length,
    wanted: wanted.length,
    first,
    says,
    ...(guess === undefined ? {} : { guess }),
  };
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const least = Math.min(a.length, b.length);
  for (let at = 0; at < least; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : least;
}

/** Why it may be so; only where the numbers say it. */
function guessFrom(got: Uint8Array, wanted: Uint8Array, first: number): string | undefined {
  if (got.length === 0) return undefined;
  const flipped = singleBits(got, wanted);
  if (flipped !== undefined) {
    return `${flipped} of its bytes differ by one bit, as in the altered copy: nothing was checked ` +
      "against a hash";
  }
  const text = asText(got, wanted, first);
  if (text !== undefined) return text;
  if (got.length > wanted.length && first >= wanted.length) {
    return `the last chunk was written with ${
      count(got.length - wanted.length)
    } bytes behind the ` +
      "file's end";
  }
  const missing = wanted.length - got.length;
  const whole = CHUNKS.find((chunk) =>
    chunk >= 1024 && first % chunk === 0 && missing % chunk === 0
  );
  if (whole !== undefined && first > 0 && missing >= 0) {
    const lost = missing > 0
      ? ` and ${count(missing)} bytes are missing = ${missing / whole} × ${whole}`
      : "";
    return `${count(first)} = ${first / whole} × ${whole}${lost}: whole chunks are lost`;
  }
  const last = CHUNKS.find((chunk) => chunk >= 1024 && first % chunk === 0 && missing < chunk);
  if (last !== undefined && missing > 0 && first === got.length) {
    return `${count(first)} = ${
      first / last
    } × ${last}: the last chunk, which is shorter, is missing`;
  }
  for (const chunk of CHUNKS) {
    const rest = first % chunk;
    for (const segments of [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 22, 44, 45]) {
      const header = segments * SEGMENT - rest;
      if (
        rest > 0 && header >= 0 && header <= MAX_HEADER && segments * SEGMENT < chunk + MAX_HEADER
      ) {
        return `${count(first)} = ${
          Math.floor(first / chunk)
        } × ${chunk} + ${segments} × ${SEGMENT}` +
          `${
            header === 0 ? "" : ` − ${header}`
          }: a message came in pieces of ${SEGMENT} bytes; one recv ` +
          "is not one message";
      }
    }
  }
  return undefined;
}

/** Bytes that went through a text: replaced where they are no UTF-8, or each written as a character. */
function asText(got: Uint8Array, wanted: Uint8Array, first: number): string | undefined {
  const byte = wanted[first] ?? 0;
  if (byte < 0x80) return undefined;
  const hex = (bytes: Uint8Array) =>
    [...bytes].map((one) => one.toString(16).toUpperCase().padStart(2, "0")).join(" ");
  const replaced = hex(got.subarray(first, first + 3));
  if (replaced === "EF BF BD") {
    return `at ${count(first)} stands ${replaced} for the byte ${
      hex(wanted.subarray(first, first + 1))
    }, ` +
      "as for what is no UTF-8: the bytes were made a text and written as one";
  }
  const character = new TextEncoder().encode(String.fromCharCode(byte));
  const there = got.subarray(first, first + character.length);
  if (hex(there) !== hex(character)) return undefined;
  return `at ${count(first)} stands ${hex(there)} for the byte ${
    hex(wanted.subarray(first, first + 1))
  }: the bytes were written as characters of a text`;
}

/** How many bytes differ, where each differs by exactly one bit and they are few; else undefined. */
function singleBits(got: Uint8Array, wanted: Uint8Array): number | undefined {
  if (got.length !== wanted.length) return undefined;
  let differing = 0;
  for (let at = 0; at < got.length; at++) {
    const bits = got[at]! ^ wanted[at]!;
    if (bits === 0) continue;
    if ((bits & (bits - 1)) !== 0) return undefined;
    differing++;
  }
  return differing * 1024 <= got.length ? differing : undefined;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
