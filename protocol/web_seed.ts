/**
 * Web seeds (BEP 19): which URL has a torrent's file.
 *
 * @module
 */
import { anyText, type BencodeDict, decodeBencode, getDict, getList, text } from "./bencode.ts";
import type { Info } from "./metainfo.ts";

/**
 * The path of each of `info.files` on a web seed, by component, as the torrent has it: paths on our
 * disk may differ, being made safe.
 *
 * @param infoBytes the info dictionary that `info` was read from
 */
export function webSeedPaths(infoBytes: Uint8Array, info: Info): string[][] {
  const root = decodeBencode(infoBytes, { lenient: true }) as BencodeDict;
  const name = text(root.get("name.utf-8")) ?? anyText(root.get("name")) ?? info.name;
  if (!info.multiFile) return info.files.map(() => [name]);
  const tree = getDict(root, "file tree");
  const listed = getList(root, "files")?.map(listedPath);
  const inTree = listed === undefined ? treePaths(tree ?? new Map(), []) : undefined;
  return info.files.map(({ path, pad }, index) => {
    // What pads a v2-only torrent is in no list.
    const own = listed?.[index] ?? (pad ? undefined : inTree?.next().value);
    return own === undefined ? path.split("/") : [name, ...own];
  });
}

function listedPath(entry: unknown): string[] {
  if (!(entry instanceof Map)) return [];
  const list: unknown = entry.get("path.utf-8") ?? entry.get("path");
  return Array.isArray(list) ? list.map((part) => anyText(part) ?? "") : [];
}

/** BEP 52: a folder is a dictionary of names, a file has the empty name in it. */
function* treePaths(tree: BencodeDict, above: readonly string[]): Generator<string[]> {
  for (const [name, node] of tree) {
    if (!(node instanceof Map)) continue;
    if (node.has("")) yield [...above, name];
    else yield* treePaths(node, [...above, name]);
  }
}

/**
 * Where a web seed has a file: a URL that ends in a slash, or belongs to several files, is a folder.
 *
 * @throws {TypeError} where `base` is no URL
 */
export function webSeedUrl(base: string, path: readonly string[], multiFile: boolean): string {
  const url = new URL(base);
  url.hash = "";
  if (multiFile || url.pathname.endsWith("/")) {
    const folder = url.pathname.replace(/\/?$/, "/");
    url.pathname = folder + path.map(encodeURIComponent).join("/");
  }
  return url.href;
}
