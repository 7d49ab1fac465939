/**
 * Under which names other clients lay a torrent's files: those that libtorrent (qBittorrent, Deluge)
 * and aria2 change although the system could have them, or change in their own way.
 *
 * @module
 */
import { utf8Text } from "../../protocol/utf8_text.ts";
import { bytesOf, type WrittenPath } from "../../protocol/metainfo_files.ts";
import { NumberedNames } from "../../protocol/numbered_names.ts";
import type { Steps } from "../../protocol/steps.ts";

/** Bytes of a name after which libtorrent cuts it, but for its extension. */
const LIBTORRENT_MAX_BYTES = 240;
/** Characters from a name's end in which libtorrent looks for the dot of its extension. */
const LIBTORRENT_EXTENSION = 10;
/** Separators, NUL, and marks that turn the reading direction: libtorrent leaves them out. */
const LEFT_OUT = /[/\\\0\u200e\u200f\u202a-\u202e]/g;
// deno-lint-ignore no-control-regex -- these it writes as _
const CONTROL = /[\x01-\x1f]/g;

const encoder = new TextEncoder();

/** The paths that libtorrent gives the files, joined by `/`, in the order given. */
export function* libtorrentPathSteps(paths: readonly WrittenPath[]): Steps<string[]> {
  const taken = new Set<string>();
  const numbers = new NumberedNames();
  const names: string[] = [];
  for (const written of paths) {
    yield;
    const parts = written.bytes?.map(validText) ?? written.parts;
    const path = parts.filter((part) => part !== "." && part !== "..").map(libtorrentName)
      .join("/") || "_";
    let name = path;
    let key = name.toLowerCase();
    if (taken.has(key)) {
      const dot = path.lastIndexOf(".");
      const end = dot > path.lastIndexOf("/") ? dot : path.length;
      key = numbers.firstFree((number) => {
        name = `${path.slice(0, end)}.${number}${path.slice(end)}`;
        return name.toLowerCase();
      }, (candidate) => taken.has(candidate));
    }
    taken.add(key);
    names.push(name);
  }
  return names;
}

function libtorrentName(part: string): string {
  const name = part.replace(LEFT_OUT, "").replace(CONTROL, "_");
  if (name.length * 3 <= LIBTORRENT_MAX_BYTES) return name || "_";
  if (encoder.encode(name).length <= LIBTORRENT_MAX_BYTES) return name;
  const { read } = encoder.encodeInto(name, new Uint8Array(LIBTORRENT_MAX_BYTES));
  const dot = name.lastIndexOf(".");
  return name.slice(0, read) + (dot > name.length - LIBTORRENT_EXTENSION ? name.slice(dot) : "");
}

/**
 * Text of bytes that are not UTF-8: `_` for as many as the first of them announces, whether or not
 * the others are text by themselves.
 */
function validText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const character = bytes.subarray(at, at + announcedLength(bytes[at]!));
    text += isUtf8(character) ? decoder.decode(character) : "_";
    at += character.length;
  }
  return text;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes of the character that begins with this one, were there such long ones; 1 where none does. */
function announcedLength(first: number): number {
  if (first < 0xc0 || first >= 0xfc) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 5;
}

/** The paths that aria2 gives the files; undefined for one that it does not take. */
export function* aria2PathSteps(
  paths: readonly WrittenPath[],
): Steps<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for (const written of paths) {
    yield;
    names.push(aria2Path(written));
  }
  return names;
}

function aria2Path(written: WrittenPath): string | undefined {
  const parts = bytesOf(written).map((bytes, index) =>
    written.bytes !== undefined && !isUtf8(bytes)
      ? percentEncode(bytes, (character) => !UNRESERVED.test(character))
      : written.parts[index]!
  ).flatMap((part) => part.split("/"));
  if (parts.some((part) => part === "" || part === "." || part === "..")) return undefined;
  return parts.map((part) =>
    part.replace(ARIA2_ESCAPED, (character) => percentEncode(encoder.encode(character)))
  ).join("/");
}

/** All that aria2 leaves as it is in a name that is not UTF-8. */
const UNRESERVED = /[A-Za-z0-9._~-]/;
// deno-lint-ignore no-control-regex -- these aria2 writes as %01
const ARIA2_ESCAPED = /[\0-\x1f\x7f]/g;

function isUtf8(bytes: Uint8Array): boolean {
  return utf8Text(bytes) !== undefined;
}

function percentEncode(bytes: Uint8Array, isEncoded = (_character: string) => true): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += isEncoded(character)
      ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
      : character;
  }
  return text;
}
