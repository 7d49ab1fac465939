/**
 * Talks to trackers over HTTP (BEP 3, 23, 48) and UDP (BEP 15), and says in a sentence what went
 * wrong.
 *
 * @module
 */
import {
  type AnnounceReply,
  type AnnounceRequest,
  formatAnnounceQuery,
  parseAnnounceReply,
  type ScrapeEntry,
} from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { formatScrapeQuery, parseScrapeReply } from "../../protocol/scrape.ts";
import { scrapeUrl } from "../../protocol/tracker_url.ts";
import type { Announcer, Tapping } from "../ports.ts";
import type { NameTrust } from "./checked_fetch.ts";
import { type HttpReply, request } from "./http_request.ts";
import { withinReach } from "./reply_reach.ts";
import { resolveHost } from "./resolve_host.ts";
import { watchHttp } from "./tracker_tap.ts";
import { announceUdp, scrapeUdp, type UdpOptions } from "./udp_tracker.ts";

/** The longest reply read, in bytes. */
const MAX_REPLY = 1 << 20;

/** Asks trackers. What it is told to give up by `signal` ends within that turn. */
export class TrackerClient implements Announcer {
  readonly #tapping: Tapping | undefined;
  readonly #isTyped: (url: string) => boolean;
  readonly #trust: NameTrust;

  /**
   * @param tapping who listens in, if anybody
   * @param options.isTyped whether a person typed an announce URL: such a one is believed
   */
  constructor(
    tapping?: Tapping,
    { isTyped = () => false, ...trust }: NameTrust & {
      isTyped?: (url: string) => boolean;
    } = {},
  ) {
    this.#tapping = tapping;
    this.#isTyped = isTyped;
    this.#trust = trust;
  }

  async announce(
    url: string,
    announce: AnnounceRequest,
    signal: AbortSignal,
  ): Promise<AnnounceReply> {
    if (isUdp(url)) return await announceUdp(url, announce, this.#udp(url, signal));
    const { body, address } = await this.#get(url, url, formatAnnounceQuery(announce), signal);
    return withinReach(addressed(url, () => parseAnnounceReply(body)), address);
  }

  async scrape(
    url: string,
    infoHashes: Uint8Array[],
    signal: AbortSignal,
  ): Promise<ScrapeEntry[]> {
    if (isUdp(url)) return await scrapeUdp(url, infoHashes, this.#udp(url, signal));
    const scrape = scrapeUrl(url);
    if (scrape === undefined) throw new TrackerError(`Tracker ${url} cannot be scraped`);
    const { body } = await this.#get(url, scrape, formatScrapeQuery(infoHashes), signal);
    return addressed(url, () => parseScrapeReply(body));
  }

  #udp(url: string, signal: AbortSignal): UdpOptions {
    const { resolve = resolveHost } = this.#trust;
    return { signal, tapping: this.#tapping, isTyped: this.#isTyped(url), resolve };
  }

  /** @param announce by which the tracker goes; `url` is its announce or scrape URL */
  async #get(
    announce: string,
    url: string,
    query: string,
    signal: AbortSignal,
  ): Promise<HttpReply> {
    if (!/^https?:/.test(url)) {
      throw new TrackerError(`Cannot ask tracker ${url}: only http, https and udp are supported`);
    }
    const target = `${url}${url.includes("?") ? "&" : "?"}${query}`;
    const reply = await request(target, {
      what: `tracker ${url}`,
      errand: "tracker",
      named: { url, errand: "tracker" },
      isTyped: this.#isTyped(announce),
      trust: this.#trust,
      signal,
      maxBytes: MAX_REPLY,
      watch: watchHttp(this.#tapping),
    });
    const { status, retryAfter, body } = reply;
    const minInterval = status >= 400 ? retryAfter : undefined;
    // Some trackers put a failure reason into an error status: their words are worth more.
    if (status >= 400 && body[0] !== 0x64) {
      throw new TrackerError(`Tracker ${url} answered HTTP status ${status}`, { minInterval });
    }
    return reply;
  }
}

function isUdp(url: string): boolean {
  return url.startsWith("udp:");
}

/** Puts the tracker's address before what is wrong with its reply. */
function addressed<T>(url: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    const { message, retryIn, minInterval } = error;
    throw new TrackerError(`Tracker ${url}: ${message}`, { cause: error, retryIn, minInterval });
  }
}
