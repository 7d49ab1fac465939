/**
 * What `download` and others are given: a .torrent, its address, a magnet link, an info hash, a name.
 *
 * @module
 */
import { resolve } from "node:path";
import {
  announceUrl,
  type Magnet,
  MAX_TORRENT_SIZE,
  parseInfoHash,
  parseMagnet,
  parseMetainfo,
} from "../protocol/mod.ts";
import type { AddOptions } from "../peer/mod.ts";
import type { Catalogues } from "./catalogues.ts";
import { CommandError, UsageError } from "./errors.ts";
import type { Address, FlagValues } from "./flags.ts";

/** The tracker that is tried where none was named. */
export const LOCAL_TRACKER = "127.0.0.1:8000";

/** ms for the address of a .torrent to answer. */
const FETCH_TIMEOUT = 30_000;

/** A torrent that was found, and what its finding told about the swarm. */
export interface Found {
  readonly bytes: Uint8Array;
  /** Announce URLs that are not in it. */
  readonly trackers: readonly string[];
  readonly peers: readonly Address[];
}

/** Where to look. */
export interface Where {
  readonly catalogues: Catalogues;
  /** Folders that a relative path may start from, in order. */
  readonly folders: readonly string[];
  readonly signal?: AbortSignal;
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
  if (/^magnet:/i.test(text)) return await findMagnet(parseMagnet(text), where.catalogues);
  if (/^https?:\/\//i.test(text)) return alone(await fetchTorrent(text, where.signal));
  const file = await readTorrentFile(text, where.folders);
  if (file !== undefined) return alone(file);
  const infoHash = parseInfoHash(text);
  const listed = infoHash === undefined ? await where.catalogues.find(text) : undefined;
  const hex = listed?.infoHash ?? infoHash!.toHex();
  const trackers = listed === undefined ? where.catalogues.trackers : [listed.tracker];
  const fetched = await where.catalogues.fetch(hex, trackers);
  if (fetched === undefined) {
    throw new CommandError(
      "failed",
      `No torrent ${hex} in the catalogue of ${trackers.join(" or ")}: give its .torrent`,
    );
  }
  return { bytes: fetched.bytes, trackers: [fetched.tracker], peers: [] };
}

function alone(bytes: Uint8Array): Found {
  return { bytes, trackers: [], peers: [] };
}

async function findMagnet(magnet: Magnet, catalogues: Catalogues): Promise<Found> {
  const own = magnet.trackers.flatMap((tracker) => URL.canParse(tracker) ? [tracker] : []);
  const asked = [...new Set([...own, ...catalogues.trackers])];
  const fetched = await catalogues.fetch(magnet.infoHash.toHex(), asked);
  if (fetched === undefined) {
    throw new CommandError(
      "failed",
      `No tracker's catalogue has ${magnet.infoHash.toHex()}, and fetching a magnet's torrent ` +
        "from its peers (BEP 9) is not there yet: give the .torrent",
    );
  }
  return {
    bytes: fetched.bytes,
    trackers: [...new Set([...own, fetched.tracker])],
    peers: magnet.peers,
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
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    stop?.throwIfAborted();
    const reason = timeout.aborted ? "no answer" : (error as Error).message;
    throw new CommandError("failed", `Cannot fetch ${url}: ${reason}`, { cause: error });
  }
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

/** How a torrent's files are taken, where flags say so. */
export function fileOptions(flags: FlagValues): Pick<AddOptions, "select" | "sequential"> {
  const { select, sequential } = flags;
  return {
    ...(select === undefined ? {} : { select }),
    ...(sequential === undefined ? {} : { sequential }),
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

/**
 * How a found torrent is added: trackers that are not in it come first, as a tier each; a private
 * torrent keeps to its own (BEP 27).
 */
export function addOptionsFor(
  found: Found,
  more: { trackers: readonly string[]; peers: readonly Address[] },
): AddOptions {
  const { info, trackers } = parseMetainfo(found.bytes);
  const known = new Set(trackers.flat());
  const extra = info.private && known.size > 0
    ? []
    : [...new Set([...found.trackers, ...more.trackers])].filter((url) => !known.has(url));
  return {
    trackers: [...extra.map((url) => [url]), ...trackers],
    peers: [...found.peers, ...more.peers],
  };
}
