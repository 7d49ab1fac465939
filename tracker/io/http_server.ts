/**
 * The tracker over HTTP: announce and scrape (BEP 3, 7, 23, 24, 48), the catalogue, and numbers.
 *
 * @module
 */
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { parseAnnounceQuery } from "../../protocol/announce.ts";
import { parseInfoHash } from "../../protocol/bytes20.ts";
import { classifyIp, parseIp } from "../../protocol/compact.ts";
import { BencodeError, MetainfoError, TrackerError } from "../../protocol/errors.ts";
import { encodeScrapeReply, parseScrapeQuery } from "../../protocol/scrape.ts";
import { encodeAnnounceReply, encodeFailure } from "../logic/announce_reply.ts";
import { type CatalogueEntry, CatalogueError, MAX_TORRENT } from "../logic/catalogue.ts";
import type { TrackerService } from "../ports.ts";
import { startError } from "./start_error.ts";
import { metricsResponse, statsResponse } from "./statistics.ts";

/** When to come back after a fault of ours, in minutes. */
const RETRY_MINUTES = 1;
/** The longest URL taken, in characters. */
const MAX_URL = 4096;
/** Torrents in one scrape. */
const MAX_SCRAPE = 100;
/** Catalogue entries in one page, at most and by default. */
const MAX_PAGE = 500;

/** Serves HTTP until disposed. @throws {TrackerStartError} */
export function serveHttp(
  options: { host: string; port: number },
  service: TrackerService,
): Deno.HttpServer<Deno.NetAddr> {
  const { host, port } = options;
  try {
    return Deno.serve(
      { hostname: host, port, onListen() {}, onError: () => plain(500, "internal error") },
      (request, { remoteAddr }) => respond(request, remoteAddr.hostname, service),
    );
  } catch (error) {
    throw startError(error, host, `Port ${port}`);
  }
}

function respond(
  request: Request,
  remote: string,
  service: TrackerService,
): Response | Promise<Response> {
  const { url, method } = request;
  if (url.length > MAX_URL) return plain(414, "URL too long");
  // By hand: an URL object costs more than all the rest of an announce.
  const pathAt = url.indexOf("/", url.indexOf("://") + 3);
  const queryAt = url.indexOf("?", pathAt);
  const path = queryAt < 0 ? url.slice(pathAt) : url.slice(pathAt, queryAt);
  const start = queryAt < 0 ? url.length : queryAt + 1;
  if (path === "/announce" && method === "GET") {
    return timed(service, () => announce(url, start, remote, service));
  }
  if (path === "/scrape" && method === "GET") {
    return timed(service, () => scrape(url, start, remote, service));
  }
  if (path === "/api/torrents" && method === "POST") return publish(request, remote, service);
  if (method === "GET" || method === "HEAD") {
    if (path === "/api/torrents") return list(url.slice(start), service);
    const name = /^\/api\/torrents\/([0-9a-fA-F]{40})\.torrent$/.exec(path)?.[1];
    if (name !== undefined) return torrent(name.toLowerCase(), service);
    if (path === "/stats") return stats(remote, service);
    if (path === "/metrics") return metricsResponse(service);
    if (path === "/") return plain(200, "This is a vtorrent tracker. Announce to /announce.\n");
  }
  return plain(404, "not found");
}

function timed(service: TrackerService, run: () => Response): Response {
  const start = performance.now();
  const response = run();
  service.took("http", (performance.now() - start) / 1000);
  return response;
}

function announce(url: string, start: number, remote: string, service: TrackerService): Response {
  const address = parseIp(remote);
  try {
    const request = parseAnnounceQuery(url, start);
    if (address === undefined) throw new TrackerError("your address cannot be understood");
    const reply = service.announce(request, address);
    return bencoded(encodeAnnounceReply(reply, request.compact, address));
  } catch (error) {
    return failure(error, remote, service);
  }
}

function scrape(url: string, start: number, remote: string, service: TrackerService): Response {
  try {
    const infoHashes = parseScrapeQuery(url, start);
    if (infoHashes.length === 0) {
      throw new TrackerError("a scrape needs at least one info_hash");
    }
    if (infoHashes.length > MAX_SCRAPE) {
      throw new TrackerError(`a scrape may name at most ${MAX_SCRAPE} torrents`);
    }
    return bencoded(encodeScrapeReply(service.scrape(infoHashes, remote)));
  } catch (error) {
    return failure(error, remote, service);
  }
}

/** Only what was meant for the client reaches it; a fault of ours may be gone soon (BEP 31). */
function failure(error: unknown, remote: string, service: TrackerService): Response {
  if (!(error instanceof TrackerError)) {
    service.failed(remote, `internal error: ${error}`, "internal");
    return bencoded(encodeFailure("internal error", RETRY_MINUTES));
  }
  service.failed(remote, error.message, "refused");
  return bencoded(encodeFailure(error.message, error.retryIn));
}

/** Names and info hashes of what is exchanged here are nothing for strangers. */
function stats(remote: string, service: TrackerService): Response {
  if (!isNear(remote)) return refusal(403, "only this network may see what is exchanged here");
  return statsResponse(service);
}

function list(query: string, service: TrackerService): Response {
  const params = new URLSearchParams(query);
  const offset = Math.max(0, Math.floor(Number(params.get("offset") ?? 0)) || 0);
  const limit = Math.floor(Number(params.get("limit") ?? MAX_PAGE)) || MAX_PAGE;
  const all = service.catalogue.list(params.get("search") ?? "");
  const page = all.slice(offset, offset + Math.min(MAX_PAGE, Math.max(1, limit)));
  return Response.json({
    torrents: page.map((entry) => listed(entry, service)),
    total: all.length,
  });
}

function listed(entry: CatalogueEntry, service: TrackerService): Record<string, unknown> {
  const { seeders, leechers, completed } = service.counts(entry.infoHash);
  return {
    "name": entry.name,
    "info_hash": entry.infoHash,
    "size": entry.totalSize,
    "pieces": entry.pieceCount,
    "files": entry.fileCount,
    "published_by": entry.publishedBy ?? null,
    "published_at": entry.publishedAt,
    seeders,
    leechers,
    completed,
  };
}

function torrent(infoHash: string, service: TrackerService): Response {
  const bytes = parseInfoHash(infoHash) && service.catalogue.get(infoHash);
  if (bytes === undefined) return refusal(404, "no such torrent in this catalogue");
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": "application/x-bittorrent" },
  });
}

async function publish(
  request: Request,
  remote: string,
  service: TrackerService,
): Promise<Response> {
  const { headers } = request;
  const token = headers.get("x-publish-token");
  if (!isNear(remote) && !service.isPublishToken(token)) {
    return refusal(403, "only peers of this network, or with the publish token, may publish");
  }
  if (Number(headers.get("content-length") ?? 0) > MAX_TORRENT) return tooLarge();
  const body = await readBody(request);
  if (body === undefined) return tooLarge();
  try {
    const { entry, created } = await service.publish(body, decodeName(headers.get("x-peer-name")));
    return Response.json(
      { "info_hash": entry.infoHash, "name": entry.name, created },
      { status: created ? 201 : 200 },
    );
  } catch (error) {
    if (error instanceof BencodeError || error instanceof MetainfoError) {
      return refusal(400, `not a usable .torrent: ${error.message}`);
    }
    if (error instanceof CatalogueError) return refusal(507, error.message);
    throw error;
  }
}

/** The body; undefined where it is longer than any .torrent taken. */
async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_TORRENT) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

function isNear(remote: string): boolean {
  const address = parseIp(remote);
  if (address === undefined) return false;
  return ["loopback", "private", "link-local"].includes(classifyIp(address));
}

function decodeName(header: string | null): string | undefined {
  if (header === null) return undefined;
  try {
    return decodeURIComponent(header).slice(0, 64);
  } catch {
    return undefined; // a header that is not percent-encoded names nobody
  }
}

function tooLarge(): Response {
  return refusal(413, `a .torrent here may have at most ${MAX_TORRENT >> 20} MiB`);
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

function bencoded(bytes: Uint8Array<ArrayBuffer>): Response {
  return new Response(bytes, { headers: { "content-type": "text/plain" } });
}

function plain(status: number, text: string): Response {
  return new Response(text, { status });
}
