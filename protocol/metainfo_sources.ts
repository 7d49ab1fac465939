/**
 * Where a .torrent says that it is to be had: trackers (BEP 12), web seeds (BEP 19), DHT nodes (BEP 5).
 * Of each kind the first are taken; the others are counted, so that a person hears of them.
 *
 * @module
 */
import { type BencodeDict, type BencodeValue, getList, text } from "./bencode.ts";
import { MAX_NODES, MAX_TRACKERS, MAX_URL, MAX_WEB_SEEDS } from "./bounds.ts";
import { type LeftOut, NONE_LEFT_OUT, someLeftOut } from "./left_out.ts";
import type { Steps } from "./steps.ts";

/** Entries that are read between two pauses. */
const ENTRIES_PER_STEP = 64;

/** What a .torrent names beside its info dictionary. */
export interface NamedSources {
  /** Tiers of announce URLs (BEP 12), from `announce-list` or else `announce`. */
  trackers: string[][];
  /** HTTP(S) URLs (BEP 19). */
  webSeeds: string[];
  /** DHT nodes (BEP 5), host and port. */
  nodes: [string, number][];
  /** What else it names; undefined where that is nothing. */
  leftOut?: LeftOut;
}

/** Reads the sources of a .torrent's outermost dictionary. */
export function* readSources(root: BencodeDict): Steps<NamedSources> {
  const urls = new UrlReader();
  const trackers = yield* readTrackers(root, urls);
  const webSeeds = yield* readWebSeeds(root.get("url-list"), urls);
  const nodes = yield* readNodes(getList(root, "nodes") ?? []);
  return {
    trackers,
    webSeeds: webSeeds.slice(0, MAX_WEB_SEEDS),
    nodes: nodes.slice(0, MAX_NODES),
    ...someLeftOut({
      ...NONE_LEFT_OUT,
      webSeeds: Math.max(0, webSeeds.length - MAX_WEB_SEEDS),
      nodes: Math.max(0, nodes.length - MAX_NODES),
      longUrls: urls.tooLong,
    }),
  };
}

class UrlReader {
  /** URLs that were longer than one may be. */
  tooLong = 0;

  /** A URL's text; undefined where it is none or too long to be one. */
  read(value: BencodeValue | undefined): string | undefined {
    if (!(value instanceof Uint8Array)) return undefined;
    if (value.length <= MAX_URL) return text(value)?.trim();
    this.tooLong++;
    return undefined;
  }
}

function* readTrackers(root: BencodeDict, urls: UrlReader): Steps<string[][]> {
  const tiers: string[][] = [];
  const seen = new Set<string>();
  for (const [index, tier] of (getList(root, "announce-list") ?? []).entries()) {
    if (index % ENTRIES_PER_STEP === 0) yield;
    if (seen.size >= MAX_TRACKERS) break;
    const fresh: string[] = [];
    for (const item of Array.isArray(tier) ? tier : [tier]) {
      if (seen.size >= MAX_TRACKERS) break;
      const url = urls.read(item);
      if (!url || seen.has(url)) continue;
      seen.add(url);
      fresh.push(url);
    }
    if (fresh.length > 0) tiers.push(fresh);
  }
  if (tiers.length > 0) return tiers;
  const announce = urls.read(root.get("announce"));
  return announce ? [[announce]] : [];
}

/** All of them, each once. */
function* readWebSeeds(value: BencodeValue | undefined, urls: UrlReader): Steps<string[]> {
  const seeds = new Set<string>();
  for (const [index, item] of (Array.isArray(value) ? value : [value]).entries()) {
    if (index % ENTRIES_PER_STEP === 0) yield;
    const url = urls.read(item);
    if (url !== undefined && /^https?:\/\//i.test(url)) seeds.add(url);
  }
  return [...seeds];
}

function* readNodes(list: BencodeValue[]): Steps<[string, number][]> {
  const nodes: [string, number][] = [];
  for (const [index, node] of list.entries()) {
    if (index % ENTRIES_PER_STEP === 0) yield;
    if (!Array.isArray(node)) continue;
    const host = text(node[0]);
    const port = node[1];
    if (!host || typeof port !== "number" || port < 1 || port > 65535) continue;
    nodes.push([host, port]);
  }
  return nodes;
}
