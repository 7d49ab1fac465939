/**
 * Web seeds (BEP 19): which URL has a torrent's file, and which URLs one must not follow.
 *
 * @module
 */
import { anyText, type BencodeDict, decodeBencode, getDict, getList, text } from "./bencode.ts";
import { classifyIp, parseIp } from "./compact.ts";
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

/** The one reason that may be gone later: names fail to resolve while a network is away. */
export const NO_HOST = "no such host";

/** Whether an address is of this machine or its networks, where not everybody may look. */
export function isLocalIp(address: string): boolean {
  const ip = parseIp(address);
  return ip === undefined || classifyIp(ip) !== "public";
}

/**
 * Why a URL that a torrent or a server named must not be fetched; undefined where it may be.
 *
 * A torrent can come from anybody, and what answers to us at home need not answer to them. So a
 * local server is only asked for plain paths, which change nothing, and nobody outside can send us
 * to one.
 *
 * @param addresses what its host name stands for
 * @param from where the redirect to it came from
 */
export function forbiddenUrl(
  url: URL,
  addresses: readonly string[],
  from?: { isLocal: boolean },
): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:") return `it is no web address`;
  if (url.username !== "" || url.password !== "") return "it has a password in it";
  if (/(^|\.)xn--/.test(url.hostname)) return "its host name is not in plain letters";
  if (addresses.length === 0) return NO_HOST;
  for (const address of addresses) {
    const ip = parseIp(address);
    const kind = ip === undefined ? "unspecified" : classifyIp(ip);
    if (kind === "unspecified" || kind === "multicast" || kind === "broadcast") {
      return "nobody can answer at its address";
    }
  }
  if (!addresses.some(isLocalIp)) return undefined;
  if (url.search !== "") return "it asks a local server a question";
  if (from !== undefined && !from.isLocal) return "it leads from outside to a local server";
  return undefined;
}
