/**
 * Torrent argument of `download` and others: a .torrent, its URL, a magnet link, an info hash, a name.
 *
 * @module
 */
import { resolve } from "@std/path";
import {
  announceUrl,
  type Magnet,
  MAX_TORRENT_SIZE,
  parseLink,
  parseMetainfo,
  selectedIndexes,
} from "../../protocol/mod.ts";
import type { AddOptions, Engine } from "../../peer/mod.ts";
import type { Catalogues, ChooseListed, Listed } from "../trackers/catalogues.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import type { Address, FlagValues } from "../flags/flags.ts";
import { parseTorrent } from "./torrent_file.ts";

/** The tracker that is tried where none was named. */
export const LOCAL_TRACKER = "127.0.0.1:8000";

/** ms that the catalogues have to answer for a magnet link. */
const CATALOGUE_PATIENCE = 1500;
/** How many redirects lead to a .torrent at most. */
const MAX_REDIRECTS = 10;
/** ms for the address of a .torrent to answer. */
const FETCH_TIMEOUT = 30_000;

/** A torrent that was found, and what its finding told about the swarm. */
export interface FoundTorrent {
  readonly bytes: Uint8Array;
  /** Announce URLs that are not in it. */
  readonly trackers: readonly string[];
  readonly peers: readonly Address[];
  /** Indexes of the files that a link selects (BEP 53). */
  readonly select?: readonly number[] | undefined;
  /** Others of the catalogue that have the name, too. */
  readonly others?: readonly Listed[];
}

/** A link: the torrent is to be fetched from its peers (BEP 9). */
export interface FoundMagnet {
  readonly magnet: Magnet;
}

export type Found = FoundTorrent | FoundMagnet;

/** Where to look. */
export interface Where {
  readonly catalogues: Catalogues;
  /** Folders that a relative path may start from, in order. */
  readonly folders: readonly string[];
  readonly signal?: AbortSignal;
  /** What `-` means, where it means anything. */
  readonly input?: () => Promise<Uint8Array>;
  /** Asks which one is meant where a name stands for several. */
  readonly choose?: ChooseListed | undefined;
  /** How a person sees all names of the catalogues. Default: what `catalogues` says. */
  readonly whatThereIs?: string | undefined;
}

/**
 * Finds the .torrent that `text` means.
 *
 * @throws {CommandError | UsageError | MagnetError} with a sentence that says what to do next
 */
export async function findTorrent(text: string, where: Where): Promise<Found> {
  if (text === "") {
    throw new UsageError("Which torrent? Give a name, info hash, .torrent, magnet link or URL");
  }
  if (text === "-" && where.input !== undefined) {
    return await alone(await where.input(), "standard input");
  }
  if (/^https?:\/\//i.test(text)) {
    return await alone(await fetchTorrent(text, where.signal), text);
  }
  const link = parseLink(text);
  if (link !== undefined) return await findMagnet(link, where.catalogues);
  const file = await readTorrentFile(text, where.folders);
  if (file !== undefined) return await alone(file, text);
  const { entry, others } = await where.catalogues.find(text, where);
  const fetched = await where.catalogues.fetch(entry.infoHash, [entry.tracker]);
  if (fetched === undefined) {
    throw new CommandError(
      "failed",
      `The catalogue of ${entry.tracker} does not have ${entry.infoHash} any more`,
    );
  }
  return { bytes: fetched.bytes, trackers: [fetched.tracker], peers: [], others };
}

/** @param name whose bytes they are, for the sentence where they are no .torrent */
async function alone(bytes: Uint8Array, name: string): Promise<Found> {
  await parseTorrent(bytes, name);
  return { bytes, trackers: [], peers: [] };
}

/** A catalogue that has the torrent is faster than the swarm; nobody waits long for it. */
async function findMagnet(magnet: Magnet, catalogues: Catalogues): Promise<Found> {
  const own = magnet.trackers.filter((tracker) => URL.canParse(tracker));
  const asked = [...new Set([...own, ...catalogues.trackers])];
  const fetched = await catalogues.fetchAny(magnet.infoHash.toHex(), asked, CATALOGUE_PATIENCE);
  if (fetched === undefined) return { magnet: { ...magnet, trackers: own } };
  return {
    bytes: fetched.bytes,
    trackers: [...new Set([...own, fetched.tracker])],
    peers: magnet.peers,
    select: selectedIndexes(magnet, parseMetainfo(fetched.bytes).info.files.length),
  };
}

/** The bytes of a .torrent on disk; undefined where `text` names no file. */
async function readTorrentFile(
  text: string,
  folders: readonly string[],
): Promise<Uint8Array | undefined> {
  for (const folder of folders) {
    const path = resolve(folder, text);
    try {
      const info = await Deno.stat(path);
      if (!info.isFile || !/\.torrent$/i.test(path)) continue;
      if (info.size > MAX_TORRENT_SIZE) {
        throw new CommandError("bad-torrent", `${text} is too large for a .torrent`);
      }
      return await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        continue;
      }
      throw error;
    }
  }
  if (/\.torrent$/i.test(text)) throw new CommandError("failed", `No such file: ${text}`);
  return undefined;
}

async function fetchTorrent(url: string, stop?: AbortSignal): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(FETCH_TIMEOUT);
  const signal = stop === undefined ? timeout : AbortSignal.any([stop, timeout]);
  try {
    return await fetchBytes(url, signal);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    stop?.throwIfAborted();
    const reason = timeout.aborted ? "no answer" : (error as Error).message;
    throw new CommandError("failed", `Cannot fetch ${url}: ${reason}`, { cause: error });
  }
}

async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array> {
  // Not at the start of programs that only write addresses into a .torrent.
  const { CheckedFetch } = await import("../../peer/mod.ts");
  using http = new CheckedFetch();
  const { response } = await http.fetch(new URL(url), {
    errand: "file",
    isTyped: true,
    maxRedirects: MAX_REDIRECTS,
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new CommandError(
      "failed",
      `Cannot fetch ${url}: ${response.status} ${response.statusText}`,
    );
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_TORRENT_SIZE) {
      throw new CommandError("bad-torrent", `What ${url} sends is too large for a .torrent`);
    }
    parts.push(part);
  }
  return await new Blob(parts as BlobPart[]).bytes();
}

type FileOptions = Pick<AddOptions, "select" | "sequential" | "differing">;

/** Where its files go, and whether it starts at once. */
type PlaceOptions = Pick<AddOptions, "dir" | "paused">;

/** How a torrent's files are taken, where flags say so. */
export function fileOptions(flags: FlagValues): FileOptions {
  const { select, sequential, over } = flags;
  return {
    ...(select === undefined ? {} : { select }),
    ...(sequential === undefined ? {} : { sequential }),
    differing: over ? "over" : "lacking",
  };
}

/** Announce URLs from what people type. @throws {UsageError} */
export function announceUrls(texts: readonly string[]): string[] {
  return texts.map((text) => {
    try {
      return announceUrl(text);
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error });
    }
  });
}

/** A web seed's address as people type it. @throws {UsageError} */
export function webSeedUrl(text: string): string {
  const protocol = URL.parse(text)?.protocol;
  if (protocol === "http:" || protocol === "https:") return text;
  throw new UsageError(`Cannot use web seed "${text}": write it like http://host/folder/`);
}

/**
 * Adds what was found to an engine; its info hash in hex.
 *
 * @param more trackers, peers and files that were named beside it
 * @throws {AlreadyAddedError | BencodeError | MetainfoError | StorageError}
 */
export async function addFound(
  engine: Engine,
  found: Found,
  more: { trackers: readonly string[]; peers: readonly Address[] } & FileOptions & PlaceOptions,
): Promise<string> {
  const { select, sequential, differing, dir, paused } = more;
  const place = {
    ...(dir !== undefined && { dir }),
    ...(paused !== undefined && { paused }),
    differing,
  };
  if ("bytes" in found) {
    return await engine.add(found.bytes, {
      ...addOptionsFor(found, more),
      ...place,
      select: select ?? found.select,
      sequential,
    });
  }
  const { magnet } = found;
  const trackers = [...new Set([...more.trackers, ...magnet.trackers])].map((url) => [url]);
  return engine.addMagnet(magnet, { ...place, trackers, peers: more.peers, select, sequential });
}

/**
 * How a found torrent is added: trackers that are not in it come first, as a tier each; a private
 * torrent keeps to its own (BEP 27).
 */
export function addOptionsFor(
  found: FoundTorrent,
  more: { trackers: readonly string[]; peers: readonly Address[] },
): AddOptions {
  const { info, trackers } = parseMetainfo(found.bytes);
  const known = new Set(trackers.flat());
  const extra = info.private && known.size > 0
    ? []
    : [...new Set([...found.trackers, ...more.trackers])].filter((url) => !known.has(url));
  return {
    trackers: [...extra.map((url) => [url]), ...trackers],
    peers: [...info.private ? [] : found.peers, ...more.peers],
  };
}
