/**
 * `/announce` and `/scrape` over HTTP (BEP 3, 7, 23, 24, 31, 48).
 *
 * @module
 */
import { parseAnnounceQuery } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { encodeScrapeReply, parseScrapeQuery } from "../../protocol/scrape.ts";
import { type AnnounceAnswer, announceReply, failureReply } from "../logic/announce_reply.ts";
import type { HttpReply } from "../logic/http_reply.ts";
import type { TrackerService } from "../ports.ts";
import type { HttpRequest, Route } from "./route.ts";

/** When to come back after a fault of ours, in minutes. */
const RETRY_MINUTES = 1;
/** Torrents in one scrape. */
const MAX_SCRAPE = 100;

/** The two routes that every BitTorrent client knows. */
export function announceRoutes(service: TrackerService): readonly Route[] {
  return [
    { method: "GET", path: "/announce", respond: (request) => timed(announce, request, service) },
    { method: "GET", path: "/scrape", respond: (request) => timed(scrape, request, service) },
  ];
}

function timed(
  respond: typeof announce | typeof scrape,
  request: HttpRequest,
  service: TrackerService,
): HttpReply | Promise<HttpReply> {
  const start = performance.now();
  let reply: HttpReply | Promise<HttpReply>;
  try {
    reply = respond(request, service);
  } catch (error) {
    reply = failure(error, request, service);
  }
  if (reply instanceof Promise) {
    return reply.catch((error) => failure(error, request, service)).finally(() => {
      service.took("http", (performance.now() - start) / 1000);
    });
  }
  service.took("http", (performance.now() - start) / 1000);
  return reply;
}

function announce(
  { head, address }: HttpRequest,
  service: TrackerService,
): HttpReply | Promise<HttpReply> {
  const request = parseAnnounceQuery(head.text, head.queryStart, head.queryEnd);
  const { compact } = request;
  const answer: AnnounceAnswer | Promise<AnnounceAnswer> = service.announce(request, address);
  return answer instanceof Promise
    ? answer.then((answer) => bencoded(announceReply(answer, compact, address)))
    : bencoded(announceReply(answer, compact, address));
}

function scrape({ head, remote }: HttpRequest, service: TrackerService): HttpReply {
  const infoHashes = parseScrapeQuery(head.text, head.queryStart, head.queryEnd);
  if (infoHashes.length === 0) {
    throw new TrackerError("a scrape needs at least one info_hash");
  }
  if (infoHashes.length > MAX_SCRAPE) {
    throw new TrackerError(`a scrape may name at most ${MAX_SCRAPE} torrents`);
  }
  return bencoded([encodeScrapeReply(service.scrape(infoHashes, remote))]);
}

/** Only what was meant for the client reaches it; a fault of ours may be gone soon (BEP 31). */
function failure(error: unknown, { remote }: HttpRequest, service: TrackerService): HttpReply {
  if (!(error instanceof TrackerError)) {
    service.failed(remote, `internal error: ${error}`, "internal");
    return bencoded(failureReply("internal error", RETRY_MINUTES));
  }
  service.failed(remote, error.message, "refused");
  return bencoded(failureReply(error.message, error.retryIn));
}

/** Failures as well: clients show a reason only with status 200. */
function bencoded(body: HttpReply["body"]): HttpReply {
  return { status: 200, type: "text/plain", body };
}
