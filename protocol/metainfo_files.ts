/**
 * The file list of an info dictionary (BEP 3, 47): names as they are written, offsets added up.
 *
 * @module
 */
import { anyText, type BencodeDict, type BencodeValue, getText, text } from "./bencode.ts";
import { MAX_FILES, MAX_NAME, MAX_PATH_DEPTH, MAX_PATH_SUM, MAX_PREFIX_SUM } from "./bounds.ts";
import { MetainfoError } from "./errors.ts";
import type { Steps } from "./steps.ts";

/** One file of a torrent. */
export interface MetainfoFile {
  /**
   * Its path as the torrent writes it, joined by `/`, the torrent's name first. To be shown and typed:
   * it may climb out of a folder, and two files may have the same. A store has paths of its own.
   */
  path: string;
  /** The components of the path where one has a slash in it. Default: those between its slashes. */
  parts?: readonly string[];
  /** The path's bytes, a character each, where they are not UTF-8: `path` has Windows-1252 then. */
  rawPath?: string;
  /** Bytes. */
  length: number;
  /** Offset in bytes from the start of the torrent. */
  offset: number;
  /** BEP 47: zeros that align the next file to a piece. Part of the pieces, never on disk. */
  pad: boolean;
  /** BEP 47. Links are never created. */
  symlink: boolean;
  /** BEP 47. */
  executable: boolean;
  /** BEP 52: root of the Merkle tree of its blocks, 32 bytes. None for an empty or v1 file. */
  piecesRoot?: Uint8Array;
}

/** A torrent's name and its files in the order of their bytes. */
export interface FileList {
  name: string;
  files: MetainfoFile[];
  /** Whether the files lie in a folder of the torrent's name. */
  multiFile: boolean;
}

/** Files between two pauses, for every reader of them. */
export const FILES_PER_STEP = 16;

/** The name of an info dictionary as it is written. @throws {MetainfoError} where there is none */
export function readName(info: BencodeDict): string {
  const name = getText(info, "name.utf-8") ?? anyText(info.get("name"));
  if (name === undefined) throw new MetainfoError("Torrent has no name");
  requireShort(name);
  return name || "_";
}

/** The name as a path of one component. */
export function namePath(info: BencodeDict): WrittenPath {
  const parts = [readName(info)];
  const bytes = info.get("name");
  const isText = getText(info, "name.utf-8") !== undefined || text(bytes) !== undefined;
  return isText || !(bytes instanceof Uint8Array) ? { parts } : { parts, bytes: [bytes] };
}

/** The files that a v1 info dictionary lists. */
export function* readFiles(info: BencodeDict): Steps<FileList> {
  const name = readName(info);
  const top = namePath(info);
  const list = info.get("files");
  if (list === undefined) return { name, files: [readFile(info, top)], multiFile: false };

  if (!Array.isArray(list)) throw new MetainfoError('Torrent\'s "files" is not a list');
  if (list.length === 0) throw new MetainfoError("Torrent has no files");
  if (list.length > MAX_FILES) throw tooManyFiles();
  const sum = new PathSum();
  const files: MetainfoFile[] = [];
  for (const [index, entry] of list.entries()) {
    if (index % FILES_PER_STEP === 0) yield;
    if (!(entry instanceof Map)) {
      throw new MetainfoError(`Torrent's file ${index + 1} is not a dictionary`);
    }
    const path = below(top, readPath(entry, index + 1));
    sum.add(path.parts);
    files.push(readFile(entry, path, files.at(-1)));
  }
  return { name, files, multiFile: true };
}

/** The components of the path of file `number`, as libtorrent decides between the keys. */
export function readPath(entry: BencodeDict, number: number): WrittenPath {
  const list = entry.get("path");
  const parts = textList(entry.get("path.utf-8"), text) ?? textList(list, text);
  if (parts !== undefined && parts.length > 0) return { parts };
  const western = textList(list, anyText);
  if (western !== undefined && western.length > 0) {
    return { parts: western, bytes: list as Uint8Array[] };
  }
  // Padding is never written, so it needs no name.
  if (anyText(entry.get("attr"))?.includes("p")) return { parts: [".pad", `${number}`] };
  throw new MetainfoError(`Torrent's file ${number} has no path`);
}

/** The path of a file in a folder. */
export function below(top: WrittenPath, path: WrittenPath): WrittenPath {
  const parts = [...top.parts, ...path.parts];
  if (top.bytes === undefined && path.bytes === undefined) return { parts };
  return { parts, bytes: [...bytesOf(top), ...bytesOf(path)] };
}

const encoder = new TextEncoder();

/** The components of a path as the bytes that they are in the torrent. */
export function bytesOf({ parts, bytes }: WrittenPath): readonly Uint8Array[] {
  return bytes ?? parts.map((part) => encoder.encode(part));
}

function readFile(entry: BencodeDict, path: WrittenPath, before?: MetainfoFile): MetainfoFile {
  const attr = entry.get("attr");
  const attributes = attr === undefined ? "" : anyText(attr) ?? "";
  // BEP 47: a symbolic link has no bytes, and some makers then write no length.
  const length = entry.get("length") ?? (attributes.includes("l") ? 0 : undefined);
  if (typeof length !== "number" || length < 0) {
    throw new MetainfoError(`Torrent has a file with a length of ${describe(length)}`);
  }
  const offset = before === undefined ? 0 : before.offset + before.length;
  if (!Number.isSafeInteger(offset + length)) {
    throw new MetainfoError("Torrent's files are too large in all");
  }
  return {
    ...pathOf(path),
    length,
    offset,
    pad: attributes.includes("p"),
    symlink: attributes.includes("l"),
    executable: attributes.includes("x"),
  };
}

/** The components of a path as they are written. */
export interface WrittenPath {
  readonly parts: readonly string[];
  /** Where one of them is not UTF-8. */
  readonly bytes?: readonly Uint8Array[];
}

/** A path as a file has it. Most components are not kept: they are what lies between the slashes. */
export function pathOf(written: WrittenPath): Pick<MetainfoFile, "path" | "parts" | "rawPath"> {
  const { parts, bytes } = written;
  const path = parts.join("/");
  return {
    path,
    ...(parts.some((part) => part.includes("/")) && { parts }),
    ...(bytes !== undefined && {
      rawPath: bytes.map((part) => String.fromCharCode(...part.subarray(0, MAX_RAW))).join("/"),
    }),
  };
}

/** Bytes of a component that is not UTF-8: what is longer is no file's name anywhere. */
const MAX_RAW = 4096;

/** What {@linkcode pathOf} made of a path. */
export function writtenPath(
  file: { readonly path: string; readonly parts?: readonly string[]; readonly rawPath?: string },
): WrittenPath {
  const parts = partsOf(file);
  if (file.rawPath === undefined) return { parts };
  const bytes = file.rawPath.split("/").map((part) =>
    Uint8Array.from(part, (character) => character.charCodeAt(0))
  );
  return { parts, bytes };
}

/** The components of a file's path as they are written: one may be empty, `..`, or have a slash. */
export function partsOf(
  { path, parts }: { path: string; parts?: readonly string[] },
): readonly string[] {
  return parts ?? path.split("/");
}

/** More files than are read. */
export function tooManyFiles(): MetainfoError {
  return new MetainfoError(`Torrent has too many files: up to ${MAX_FILES} are supported`);
}

/** Watches over the folders of files as they are read one after the other. */
export class PathSum {
  #sum = 0;
  #written = 0;
  #before: readonly string[] = [];

  /** @throws {MetainfoError} where a path is too deep, or all folders together are too much */
  add(path: readonly string[]): void {
    if (path.length > MAX_PATH_DEPTH) {
      throw new MetainfoError(
        `Torrent has a path of ${path.length} parts: up to ${MAX_PATH_DEPTH} are supported`,
      );
    }
    let isSame = true;
    let length = 0;
    for (let at = 0; at < path.length - 1; at++) {
      length += path[at]!.length + 1;
      isSame &&= at < this.#before.length - 1 && path[at] === this.#before[at];
      if (!isSame) this.#sum += length;
    }
    this.#before = path;
    this.#written += length + path.at(-1)!.length;
    if (this.#written > MAX_PATH_SUM) {
      throw new MetainfoError(
        `Torrent's files have paths of more than ${MAX_PATH_SUM} characters together`,
      );
    }
    if (this.#sum > MAX_PREFIX_SUM) {
      throw new MetainfoError(
        `Torrent's folders have paths of more than ${MAX_PREFIX_SUM} characters together`,
      );
    }
  }
}

/** @throws {MetainfoError} for a name that nobody can have meant */
function requireShort(name: string): void {
  if (name.length <= MAX_NAME) return;
  throw new MetainfoError(
    `Torrent has a name of ${name.length} characters: up to ${MAX_NAME} are supported`,
  );
}

/** A list whose every item is text; undefined where one is not. */
function textList(
  value: BencodeValue | undefined,
  read: (item: BencodeValue) => string | undefined,
): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: string[] = [];
  for (const item of value) {
    const shown = read(item);
    if (shown === undefined) return undefined;
    requireShort(shown);
    items.push(shown);
  }
  return items;
}

/** A wrong value for an error message. */
export function describe(value: BencodeValue | undefined): string {
  return typeof value === "number" || typeof value === "bigint" ? `${value}` : "no number";
}
