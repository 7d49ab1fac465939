/**
 * The tracker of whole engines: the tracker's own store and the formats of both sides (BEP 3, 23), with
 * the network's delay in place of HTTP.
 *
 * @module
 */
import {
  type AnnounceReply,
  type AnnounceRequest,
  formatAnnounceQuery,
  parseAnnounceQuery,
  parseAnnounceReply,
} from "../../protocol/announce.ts";
import { parseIp } from "../../protocol/address.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { encodeScrapeReply, parseScrapeReply } from "../../protocol/scrape.ts";
import type { TrackerPort } from "../../peer/lab.ts";
import { announceReply, ByteWriter, MemoryStore } from "../../tracker/mod.ts";
import type { VirtualTime } from "../virtual/virtual_time.ts";
import type { VirtualHost } from "./virtual_host.ts";

/** ms between two looks for peers that are gone. */
const SWEEP_MS = 1000;

/** Its announce URL. */
export const TRACKER_URL = "http://tracker.lab/announce";

/** What came of an announce. */
export interface Announced {
  readonly event: AnnounceRequest["event"];
  readonly isAnswered: boolean;
  /** peers in the reply */
  readonly peers: number;
}

/** How it answers. */
export interface VirtualTrackerOptions {
  readonly time: VirtualTime;
  /** ms one way */
  readonly latency: number;
  /** Seconds between announces. */
  readonly interval: number;
  /** Most peers in a reply. */
  readonly numwant: number;
  /** Uniform in [0, 1). */
  random(): number;
}

/** See the module. */
export class VirtualTracker {
  /** Whether announces are answered. */
  isUp = true;
  readonly #options: VirtualTrackerOptions;
  readonly #store: MemoryStore;

  constructor(options: VirtualTrackerOptions) {
    this.#options = options;
    this.#store = new MemoryStore(() => options.random());
    this.#sweep();
  }

  /** The tracker as one host reaches it. @param onAnnounce told of each announce that came */
  of(host: VirtualHost, onAnnounce: (announced: Announced) => void): TrackerPort {
    return {
      announce: (url, request, signal) =>
        this.#ask(host, url, signal, () => {
          const { event } = request;
          if (!this.isUp) {
            onAnnounce({ event, isAnswered: false, peers: 0 });
            return undefined;
          }
          const reply = this.#announce(request, host.address);
          onAnnounce({ event, isAnswered: true, peers: reply.peers.length });
          return reply;
        }),
      scrape: (url, infoHashes, signal) =>
        this.#ask(
          host,
          url,
          signal,
          () =>
            this.isUp
              ? parseScrapeReply(encodeScrapeReply(this.#store.scrape(infoHashes)))
              : undefined,
        ),
    };
  }

  /** There and back; undefined: the tracker is down, and its host says so. */
  #ask<T>(
    host: VirtualHost,
    url: string,
    signal: AbortSignal,
    answer: () => T | undefined,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (why: string) => reject(new TrackerError(`Cannot reach tracker ${url}: ${why}`));
    const giveUp = () => fail("no answer in time");
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const { time, latency } = this.#options;
    if (url !== TRACKER_URL) return promise;
    time.after(latency, () => {
      const said = answer();
      const hear = () => said === undefined ? fail("connection refused") : resolve(said);
      time.after(latency, () => host.run(hear));
    });
    return promise;
  }

  #announce(said: AnnounceRequest, address: string): AnnounceReply {
    const { interval, numwant, time } = this.#options;
    const request = parseAnnounceQuery(formatAnnounceQuery(said));
    const asked = request.numwant < 0 ? numwant : Math.min(request.numwant, numwant);
    const asker = { address: parseIp(address)!, own: [] };
    const reply = this.#store.announce({ ...request, numwant: asked }, asker, time.now);
    const writer = new ByteWriter(512);
    for (const part of announceReply({ ...reply, interval }, request.compact, asker.address)) {
      writer.write(part);
    }
    return parseAnnounceReply(writer.written);
  }

  #sweep(): void {
    this.#options.time.after(SWEEP_MS, () => {
      this.#store.sweep(this.#options.time.now);
      this.#sweep();
    });
  }
}
