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

/** Its announce URL, and that of a backup. */
export const TRACKER_URL = "http://tracker.lab/announce";
export const BACKUP_URL = "http://backup.lab/announce";

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
  /** There is another, which is never down and knows only who announced to it. */
  readonly hasBackup: boolean;
  /** Uniform in [0, 1). */
  random(): number;
}

/** See the module. */
export class VirtualTracker {
  /** Whether announces are answered. */
  isUp = true;
  readonly #options: VirtualTrackerOptions;
  /** By announce URL. */
  readonly #stores = new Map<string, MemoryStore>();

  constructor(options: VirtualTrackerOptions) {
    this.#options = options;
    const urls = options.hasBackup ? [TRACKER_URL, BACKUP_URL] : [TRACKER_URL];
    for (const url of urls) this.#stores.set(url, new MemoryStore(() => options.random()));
    this.#sweep();
  }

  /** Announce URLs of all that there are, each in a tier of its own. */
  get urls(): string[] {
    return [...this.#stores.keys()];
  }

  /** The tracker as one host reaches it. @param onAnnounce told of each announce that came */
  of(host: VirtualHost, onAnnounce: (announced: Announced) => void): TrackerPort {
    return {
      announce: (url, request, signal) =>
        this.#ask(host, url, signal, (store) => {
          const { event } = request;
          if (!this.#answers(url)) {
            onAnnounce({ event, isAnswered: false, peers: 0 });
            return undefined;
          }
          const reply = this.#announce(store, request, host.address);
          onAnnounce({ event, isAnswered: true, peers: reply.peers.length });
          return reply;
        }),
      scrape: (url, infoHashes, signal) =>
        this.#ask(
          host,
          url,
          signal,
          (store) =>
            this.#answers(url)
              ? parseScrapeReply(encodeScrapeReply(store.scrape(infoHashes)))
              : undefined,
        ),
    };
  }

  #answers(url: string): boolean {
    return this.isUp || url !== TRACKER_URL;
  }

  /** There and back; undefined: the tracker is down, and its host says so. */
  #ask<T>(
    host: VirtualHost,
    url: string,
    signal: AbortSignal,
    answer: (store: MemoryStore) => T | undefined,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (why: string) => reject(new TrackerError(`Cannot reach tracker ${url}: ${why}`));
    const giveUp = () => fail("no answer in time");
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const { time, latency } = this.#options;
    const store = this.#stores.get(url);
    if (store === undefined) return promise;
    time.after(latency, () => {
      const said = answer(store);
      const hear = () => said === undefined ? fail("connection refused") : resolve(said);
      time.after(latency, () => host.run(hear));
    });
    return promise;
  }

  #announce(store: MemoryStore, said: AnnounceRequest, address: string): AnnounceReply {
    const { interval, numwant, time } = this.#options;
    const request = parseAnnounceQuery(formatAnnounceQuery(said));
    const asked = request.numwant < 0 ? numwant : Math.min(request.numwant, numwant);
    const asker = { address: parseIp(address)!, own: [] };
    const reply = store.announce({ ...request, numwant: asked }, asker, time.now);
    const writer = new ByteWriter(512);
    for (const part of announceReply({ ...reply, interval }, request.compact, asker.address)) {
      writer.write(part);
    }
    return parseAnnounceReply(writer.written);
  }

  #sweep(): void {
    this.#options.time.after(SWEEP_MS, () => {
      for (const store of this.#stores.values()) store.sweep(this.#options.time.now);
      this.#sweep();
    });
  }
}
