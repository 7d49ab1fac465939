/**
 * The file list of an info dictionary (BEP 3, 47): names made safe, offsets added up.
 *
 * @module
 */
import { anyText, type BencodeDict, type BencodeValue, getText, text } from "./bencode.ts";
import { MAX_FILES, MAX_NAME, MAX_PATH_DEPTH, MAX_PREFIX_SUM } from "./bounds.ts";
import { MetainfoError } from "./errors.ts";
import { safeComponent, safePaths, safePathSteps } from "./file_name.ts";
import type { Steps } from "./steps.ts";

/** One file of a torrent. */
export interface MetainfoFile {
  /**
   * Where it belongs, joined by `/`, safe on every system and distinct from all others. Includes the
   * torrent's name as first component where the torrent has several files.
   */
  path: string;
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

/** The safe name of an info dictionary. @throws {MetainfoError} where there is none */
export function readName(info: BencodeDict): string {
  const rawName = getText(info, "name.utf-8") ?? anyText(info.get("name"));
  if (rawName === undefined) throw new MetainfoError("Torrent has no name");
  requireShort(rawName);
  refuseEscape([rawName]);
  return safeComponent(rawName);
}

/** The files that a v1 info dictionary lists. */
export function* readFiles(info: BencodeDict): Steps<FileList> {
  const name = readName(info);
  const list = info.get("files");
  if (list === undefined) return { name, files: [readFile(info, name)], multiFile: false };

  if (!Array.isArray(list)) throw new MetainfoError('Torrent\'s "files" is not a list');
  if (list.length === 0) throw new MetainfoError("Torrent has no files");
  if (list.length > MAX_FILES) throw tooManyFiles();
  const sum = new PathSum();
  const files: MetainfoFile[] = [];
  const real: MetainfoFile[] = [];
  const realPaths: string[][] = [];
  for (const [index, entry] of list.entries()) {
    if (index % FILES_PER_STEP === 0) yield;
    if (!(entry instanceof Map)) {
      throw new MetainfoError(`Torrent's file ${index + 1} is not a dictionary`);
    }
    const path = [name, ...readPath(entry, index + 1)];
    sum.add(path);
    const file = readFile(entry, "", files.at(-1));
    files.push(file);
    // Pad files are named alike and never written: they must not push others aside.
    if (file.pad) file.path = safePaths([path])[0]!;
    else realPaths[real.push(file) - 1] = path;
  }
  const paths = yield* safePathSteps(realPaths);
  for (let at = 0; at < real.length; at++) real[at]!.path = paths[at]!;
  return { name, files, multiFile: true };
}

/** The components of the path of file `number` as text, before they are made safe. */
export function readPath(entry: BencodeDict, number: number): string[] {
  const list = textList(entry.get("path.utf-8"), text) ?? textList(entry.get("path"), anyText);
  if (list === undefined || list.length === 0) {
    throw new MetainfoError(`Torrent's file ${number} has no path`);
  }
  refuseEscape(list);
  return list;
}

function readFile(entry: BencodeDict, path: string, before?: MetainfoFile): MetainfoFile {
  const length = entry.get("length");
  if (typeof length !== "number" || length < 0) {
    throw new MetainfoError(`Torrent has a file with a length of ${describe(length)}`);
  }
  const offset = before === undefined ? 0 : before.offset + before.length;
  if (!Number.isSafeInteger(offset + length)) {
    throw new MetainfoError("Torrent's files are too large in all");
  }
  const attr = entry.get("attr");
  const attributes = attr === undefined ? "" : anyText(attr) ?? "";
  return {
    path,
    length,
    offset,
    pad: attributes.includes("p"),
    symlink: attributes.includes("l"),
    executable: attributes.includes("x"),
  };
}

/** More files than are read. */
export function tooManyFiles(): MetainfoError {
  return new MetainfoError(`Torrent has too many files: up to ${MAX_FILES} are supported`);
}

/** Watches over the folders of files as they are read one after the other. */
export class PathSum {
  #sum = 0;
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
    if (this.#sum > MAX_PREFIX_SUM) {
      throw new MetainfoError(
        `Torrent's folders have paths of more than ${MAX_PREFIX_SUM} characters together`,
      );
    }
  }
}

/**
 * A path that climbs out of its folder is no accident. It is refused, not repaired: whoever made it
 * meant harm, and the user should know.
 */
export function refuseEscape(path: readonly string[]): void {
  if (!path.some(climbs)) return;
  // The text comes from a stranger and goes to a terminal: no control characters, no novel.
  const shown = JSON.stringify(path.join("/").slice(0, 200)).replace(/\p{C}/gu, "?");
  throw new MetainfoError(`Torrent names the path ${shown}, which leaves its folder`);
}

/** Whether one of the parts that a slash or backslash makes of a component is `..`. */
function climbs(component: string): boolean {
  // Most have no dots in a row, and are not taken apart.
  return component.includes("..") && component.split(/[/\\]/).includes("..");
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
