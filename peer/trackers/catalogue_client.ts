/**
 * A tracker's catalogue: names to .torrent files, over HTTP. vtorrent's addition to a tracker.
 *
 * @module
 */
import { cutText } from "../../protocol/cut_text.ts";
import { BencodeError, MetainfoError, TrackerError } from "../../protocol/errors.ts";
import { swarmHashes } from "../../protocol/info_hash.ts";
import { catalogueUrl } from "../../protocol/tracker_url.ts";
import type { NameTrust } from "../destination/checked_fetch.ts";
import { type HttpReply, request } from "./http_request.ts";
import { infoHashesOf } from "../metainfo/info_hashes.ts";
import { readMetainfo } from "../../loop/process_loop.ts";

/** The largest .torrent a catalogue takes, in bytes. */
const MAX_TORRENT = 4 << 20;
/** ms for one request. */
const TIMEOUT_MS = 10_000;
/** Entries asked for at once. */
const PAGE = 500;
/** Entries read in all: a catalogue that never ends is not one. */
const MAX_ENTRIES = 10_000;
/** Requests for them: one that gives an entry at a time is not one, either. */
const MAX_PAGES = 40;
/** ms for all of them. */
const LIST_MS = 30_000;
/** Characters of a torrent's name and of who published it. */
const MAX_NAME = 1000;

/** A tracker of another make: it announces, but keeps no catalogue. */
export class NoCatalogueError extends TrackerError {
  override name = "NoCatalogueError";
}

/** One torrent as a catalogue lists it. */
export interface CatalogueListing {
  readonly name: string;
  /** Hex. */
  readonly infoHash: string;
  /** Bytes. */
  readonly totalSize: number;
  readonly pieceCount: number;
  readonly fileCount: number;
  readonly publishedBy: string | undefined;
  /** ms since the epoch. */
  readonly publishedAt: number;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

/** Reads and fills catalogues. Everything that goes wrong is a {@linkcode TrackerError}. */
export class CatalogueClient {
  readonly #trust: NameTrust;

  constructor(trust: NameTrust = {}) {
    this.#trust = trust;
  }

  /** All entries, or those whose name contains `search`. */
  async list(announce: string, search?: string): Promise<CatalogueListing[]> {
    const entries: CatalogueListing[] = [];
    const signal = AbortSignal.timeout(LIST_MS);
    let total = Infinity;
    for (let page = 0; page < MAX_PAGES && entries.length < Math.min(total, MAX_ENTRIES); page++) {
      const query = new URLSearchParams({ offset: String(entries.length), limit: String(PAGE) });
      if (search !== undefined) query.set("search", search);
      const { body } = await this.#request(announce, `?${query}`, { signal });
      const listing = parseListing(announce, body);
      if (listing.entries.length === 0) break;
      entries.push(...listing.entries);
      total = listing.total ?? entries.length;
    }
    return entries;
  }

  /**
   * A .torrent by its info hash (hex); what comes is checked against it.
   *
   * @param options.isTyped a person typed the tracker, which is believed then; otherwise a link or
   * torrent named it
   */
  async fetch(
    announce: string,
    infoHash: string,
    { signal, isTyped = false }: { signal?: AbortSignal; isTyped?: boolean } = {},
  ): Promise<Uint8Array> {
    const reply = await this.#request(announce, `/${infoHash}.torrent`, { signal, isTyped });
    if (reply.status === 404) {
      throw new TrackerError(`The catalogue at ${announce} has no torrent ${infoHash}`);
    }
    if (reply.status !== 200) throw refused(announce, reply);
    if (await infoHashOf(reply.body) !== infoHash.toLowerCase()) {
      throw new TrackerError(`The catalogue at ${announce} sent a torrent other than ${infoHash}`);
    }
    return reply.body;
  }

  /** Puts a .torrent into the catalogue; under which name, and whether it was new. */
  async publish(
    announce: string,
    torrent: Uint8Array,
    options: {
      token?: string | undefined;
      peerName?: string | undefined;
      proof?: string | undefined;
    } = {},
  ): Promise<{ infoHash: string; name: string; created: boolean }> {
    const reply = await this.#request(announce, "", {
      method: "POST",
      body: torrent as Uint8Array<ArrayBuffer>,
      headers: {
        "content-type": "application/x-bittorrent",
        ...(options.token === undefined ? {} : { "x-publish-token": options.token }),
        ...(options.proof === undefined ? {} : { "x-publisher": options.proof }),
        ...(options.peerName === undefined
          ? {}
          : { "x-peer-name": encodeURIComponent(options.peerName) }),
      },
    });
    if (reply.status !== 200 && reply.status !== 201) throw refused(announce, reply);
    const answer = parseJson(announce, reply.body);
    return {
      infoHash: textOr(answer.info_hash, ""),
      name: textOr(answer.name, ""),
      created: answer.created === true,
    };
  }

  /** Takes a torrent (hex) that this peer published out of the catalogue; false where it is not there. */
  async withdraw(announce: string, infoHash: string, proof: string): Promise<boolean> {
    const reply = await this.#request(announce, `/${infoHash}/withdraw`, {
      method: "POST",
      headers: { "x-publisher": proof },
    });
    if (reply.status === 404) return false;
    if (reply.status !== 200) throw refused(announce, reply);
    return true;
  }

  #request(
    announce: string,
    rest: string,
    options: {
      method?: "POST";
      body?: Uint8Array<ArrayBuffer>;
      headers?: Record<string, string>;
      signal?: AbortSignal | undefined;
      isTyped?: boolean;
    } = {},
  ): Promise<HttpReply> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    return request(catalogueUrl(announce) + rest, {
      isTyped: true,
      trust: this.#trust,
      ...options,
      errand: "catalogue",
      named: { url: announce, errand: announce.startsWith("udp:") ? "udp tracker" : "tracker" },
      what: `tracker ${announce}`,
      signal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
      maxBytes: MAX_TORRENT,
    });
  }
}

/** In hex; undefined for bytes that are no .torrent. */
async function infoHashOf(torrent: Uint8Array): Promise<string | undefined> {
  try {
    const [infoHash] = swarmHashes(await infoHashesOf(await readMetainfo(torrent)));
    return infoHash?.toHex();
  } catch (error) {
    if (error instanceof BencodeError || error instanceof MetainfoError) return undefined;
    throw error;
  }
}

/**
 * A page of the list, no more than was asked for, and how many entries there are in all.
 *
 * @throws {NoCatalogueError} for anything else
 */
export function parseListing(
  announce: string,
  body: Uint8Array,
): { entries: CatalogueListing[]; total: number | undefined } {
  const { torrents, total } = parseJson(announce, body);
  if (!Array.isArray(torrents)) throw noCatalogue(announce);
  return {
    entries: torrents.slice(0, PAGE).map((entry) => parseEntry(announce, entry)),
    total: typeof total === "number" && Number.isFinite(total) ? total : undefined,
  };
}

function parseEntry(announce: string, entry: unknown): CatalogueListing {
  if (typeof entry !== "object" || entry === null) throw noCatalogue(announce);
  const fields = entry as Record<string, unknown>;
  const infoHash = textOr(fields.info_hash, "");
  if (!/^[0-9a-f]{40}$/.test(infoHash)) throw noCatalogue(announce);
  return {
    name: textOr(fields.name, infoHash).slice(0, MAX_NAME),
    infoHash,
    totalSize: numberOr(fields.size, 0),
    pieceCount: numberOr(fields.pieces, 0),
    fileCount: numberOr(fields.files, 1),
    publishedBy: typeof fields.published_by === "string" ? cutText(fields.published_by) : undefined,
    publishedAt: numberOr(fields.published_at, 0),
    seeders: numberOr(fields.seeders, 0),
    leechers: numberOr(fields.leechers, 0),
    completed: numberOr(fields.completed, 0),
  };
}

function parseJson(announce: string, body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Anything but JSON comes from something that is no vtorrent tracker.
  }
  throw noCatalogue(announce);
}

function refused(announce: string, reply: HttpReply): TrackerError {
  const { error } = parseJson(announce, reply.body);
  const why = typeof error === "string" && error !== ""
    ? cutText(error)
    : `HTTP status ${reply.status}`;
  return new TrackerError(`Tracker ${announce} refused: ${why}`);
}

function noCatalogue(announce: string): NoCatalogueError {
  return new NoCatalogueError(
    `Tracker ${announce} has no catalogue: only vtorrent's has. ` +
      "Use the .torrent file or a magnet link instead",
  );
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
