/**
 * Decoded bencode values, and looking into them without trusting what they are.
 *
 * @module
 */
import { utf8Text } from "./utf8_text.ts";

/**
 * A decoded value. Byte strings are views into the input, not copies; integers beyond 2^53 are
 * bigint.
 */
export type BencodeValue = number | bigint | Uint8Array | BencodeValue[] | BencodeDict;

/** A decoded dictionary. Keys are byte strings, written as Latin-1 text: one byte, one character. */
export type BencodeDict = Map<string, BencodeValue>;

/** Up to so many bytes of ASCII are made text without the decoder. */
const SHORT = 64;

/** The bytes as text where all of them are ASCII. */
function asciiText(bytes: Uint8Array): string | undefined {
  let characters = "";
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return undefined;
    characters += String.fromCharCode(byte);
  }
  return characters;
}

/** A byte string as text, or undefined where it is anything else or not UTF-8. */
export function text(value: BencodeValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  // A call of the decoder costs more than a short name: most are ASCII.
  const short = value.length <= SHORT ? asciiText(value) : undefined;
  return short ?? utf8Text(value);
}

const western = new TextDecoder("windows-1252");

/**
 * UTF-8 text, or where it is not UTF-8 the bytes read as Windows-1252: old torrents do not say their
 * encoding, and a strange but distinct name beats none. Undefined where it is no byte string.
 */
export function anyText(value: BencodeValue | undefined): string | undefined {
  return text(value) ?? (value instanceof Uint8Array ? western.decode(value) : undefined);
}

/** The entry as UTF-8 text; undefined where it is missing or anything else. */
export function getText(dict: BencodeDict, key: string): string | undefined {
  return text(dict.get(key));
}

/** The entry as a safe integer; undefined where it is missing or anything else. */
export function getInteger(dict: BencodeDict, key: string): number | undefined {
  const value = dict.get(key);
  return typeof value === "number" ? value : undefined;
}

/** The entry as a byte string (a view); undefined where it is missing or anything else. */
export function getBytes(dict: BencodeDict, key: string): Uint8Array | undefined {
  const value = dict.get(key);
  return value instanceof Uint8Array ? value : undefined;
}

/** The entry as a list; undefined where it is missing or anything else. */
export function getList(dict: BencodeDict, key: string): BencodeValue[] | undefined {
  const value = dict.get(key);
  return Array.isArray(value) ? value : undefined;
}

/** The entry as a dictionary; undefined where it is missing or anything else. */
export function getDict(dict: BencodeDict, key: string): BencodeDict | undefined {
  const value = dict.get(key);
  return value instanceof Map ? value : undefined;
}
