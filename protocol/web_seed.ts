/**
 * Web seeds (BEP 19): which URL has a torrent's file.
 *
 * @module
 */
import { type BencodeDict, decodeBencodeSteps, getDict, getList, text } from "./bencode.ts";
import type { Info } from "./metainfo.ts";
import { FILES_PER_STEP, partsOf } from "./metainfo_files.ts";
import { atOnce, type Steps } from "./steps.ts";

/**
 * The path of each of `info.files` on a web seed, by component, percent-encoded from the very bytes in
 * the torrent: paths on our disk may differ, and text cannot tell bytes that are not UTF-8.
 *
 * @param infoBytes the info dictionary that `info` was read from
 */
export function webSeedPaths(infoBytes: Uint8Array, info: Info): string[][] {
  return atOnce(webSeedPathSteps(infoBytes, info));
}

/** The same with pauses. */
export function* webSeedPathSteps(infoBytes: Uint8Array, info: Info): Steps<string[][]> {
  const { value } = yield* decodeBencodeSteps(infoBytes);
  const root = value as BencodeDict;
  const name = percentEncode(root.get("name.utf-8")) ?? percentEncode(root.get("name")) ??
    encodeURIComponent(info.name);
  if (!info.multiFile) return info.files.map(() => [name]);
  const tree = getDict(root, "file tree");
  const listed = getList(root, "files");
  const inTree = listed === undefined ? treePaths(tree ?? new Map(), []) : undefined;
  const paths: string[][] = [];
  for (const [index, file] of info.files.entries()) {
    if (index % FILES_PER_STEP === 0) yield;
    // What pads a v2-only torrent is in no list.
    const own = listed !== undefined && index < listed.length
      ? listedPath(listed[index])
      : file.pad
      ? undefined
      : inTree?.next().value;
    paths.push(own === undefined ? partsOf(file).map(encodeURIComponent) : [name, ...own]);
  }
  return paths;
}

function listedPath(entry: unknown): string[] {
  if (!(entry instanceof Map)) return [];
  const list: unknown = entry.get("path.utf-8") ?? entry.get("path");
  return Array.isArray(list) ? list.map((part) => percentEncode(part) ?? "") : [];
}

/** BEP 52: a folder is a dictionary of names, a file has the empty name in it. */
function* treePaths(tree: BencodeDict, above: readonly string[]): Generator<string[]> {
  for (const [key, node] of tree) {
    if (!(node instanceof Map)) continue;
    // Keys are bytes written as Latin-1: one character each.
    const name = percentEncode(Uint8Array.from(key, (character) => character.charCodeAt(0)))!;
    if (node.has("")) yield [...above, name];
    else yield* treePaths(node, [...above, name]);
  }
}

/** Bytes as a component of a URL (RFC 3986); undefined for what is no byte string. */
function percentEncode(value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  const utf8 = text(value);
  if (utf8 !== undefined) return encodeURIComponent(utf8);
  let encoded = "";
  for (const byte of value) {
    encoded += byte < 0x80
      ? encodeURIComponent(String.fromCharCode(byte))
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/**
 * Where a web seed has a file of a path that is percent-encoded: a URL that ends in a slash, or
 * belongs to several files, is a folder.
 *
 * @throws {TypeError} where `base` is no URL
 */
export function webSeedUrl(base: string, path: readonly string[], multiFile: boolean): string {
  const url = new URL(base);
  url.hash = "";
  if (multiFile || url.pathname.endsWith("/")) {
    const folder = url.pathname.replace(/\/?$/, "/");
    url.pathname = folder + path.join("/");
  }
  return url.href;
}
