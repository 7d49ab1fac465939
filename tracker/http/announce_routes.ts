/**
 * `/announce` and `/scrape` over HTTP (BEP 3, 7, 23, 24, 31, 48).
 *
 * @module
 */
import { type AnnounceRequest, IdRoom, parseAnnounceQuery } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { faultSentence } from "../../protocol/fault.ts";
import { encodeScrapeReply, parseScrapeQuery } from "../../protocol/scrape.ts";
import { announceReply, failureReply } from "./announce_reply.ts";
import { type MaybePromise, whenAnswered } from "../contract/maybe_promise.ts";
import type { HttpReply } from "./http_reply.ts";
import type { AnnounceAnswer, TrackerService } from "../contract/ports.ts";
import { type HttpQuery, type QueryRoute, type Route, routeOf } from "./route.ts";
import { SampledTimer } from "../contract/sampled_timer.ts";

/** When to come back after a fault of ours, in minutes. */
const RETRY_MINUTES = 1;
/** Torrents in one scrape. */
const MAX_SCRAPE = 100;

/** The path that nearly all requests ask for. */
export function announceRoute(service: TrackerService): QueryRoute {
  const timer = new SampledTimer();
  return { path: "/announce", answer: (query) => timed(announce, query, service, timer) };
}

export function scrapeRoute(service: TrackerService): Route {
  const timer = new SampledTimer();
  return routeOf({ path: "/scrape", answer: (query) => timed(scrape, query, service, timer) });
}

/** No closure where the answer is there at once: most garbage of an announce was of that kind. */
function timed(
  respond: typeof announce | typeof scrape,
  query: HttpQuery,
  service: TrackerService,
  timer: SampledTimer,
): MaybePromise<HttpReply> {
  const start = timer.start();
  let reply: MaybePromise<HttpReply>;
  try {
    reply = respond(query, service);
  } catch (error) {
    reply = failure(error, query, service);
  }
  if (reply instanceof Promise) return timedLater(reply, query, service, timer, start);
  service.took("http", timer.seconds(start));
  return reply;
}

async function timedLater(
  reply: Promise<HttpReply>,
  query: HttpQuery,
  service: TrackerService,
  timer: SampledTimer,
  start: number,
): Promise<HttpReply> {
  try {
    return await reply;
  } catch (error) {
    return failure(error, query, service);
  } finally {
    service.took("http", timer.seconds(start));
  }
}

/** Of this run of the tracker: it tells who announces to a tracker that knew it before. */
const trackerId = crypto.getRandomValues(new Uint8Array(4)).toHex();

/** Used by one announce after the other: the service is done with its bytes when it returns. */
const room = new IdRoom();

function announce(query: HttpQuery, service: TrackerService): MaybePromise<HttpReply> {
  const { input, start, end, address } = query;
  const request = parseAnnounceQuery(input, start, end, room);
  const answer = service.announce(request, address);
  return answer instanceof Promise
    ? announcedLater(answer, request, address)
    : announced(answer, request, address);
}

async function announcedLater(
  answer: Promise<AnnounceAnswer>,
  request: AnnounceRequest,
  address: Uint8Array,
): Promise<HttpReply> {
  return announced(await answer, request, address);
}

function announced(
  answer: AnnounceAnswer,
  request: AnnounceRequest,
  address: Uint8Array,
): HttpReply {
  // BEP 3: whoever was told it says it in every later announce, so once is enough.
  const isFirst = request.event === "started" && request.trackerId === undefined;
  const told = isFirst ? { ...answer, trackerId } : answer;
  return bencoded(announceReply(told, request.compact, address));
}

function scrape(query: HttpQuery, service: TrackerService): MaybePromise<HttpReply> {
  const { input, start, end, remote } = query;
  const infoHashes = parseScrapeQuery(input, start, end);
  if (infoHashes.length === 0) {
    throw new TrackerError("a scrape needs at least one info_hash");
  }
  if (infoHashes.length > MAX_SCRAPE) {
    throw new TrackerError(`a scrape may name at most ${MAX_SCRAPE} torrents`);
  }
  return whenAnswered(
    service.scrape(infoHashes, remote),
    (entries) => bencoded([encodeScrapeReply(entries)]),
  );
}

/** Only what was meant for the client reaches it; a fault of ours may be gone soon (BEP 31). */
function failure(error: unknown, { remote }: HttpQuery, service: TrackerService): HttpReply {
  if (!(error instanceof TrackerError)) {
    service.failed(remote, faultSentence(error), "internal");
    return bencoded(failureReply("internal error", RETRY_MINUTES));
  }
  service.failed(remote, error.message, "refused");
  return bencoded(failureReply(error.message, error.retryIn));
}

/** Failures as well: clients show a reason only with status 200. */
function bencoded(body: HttpReply["body"]): HttpReply {
  return { status: 200, type: "text/plain", body };
}
