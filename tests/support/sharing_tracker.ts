/**
 * A tracker on a store that others share, and announces to it without end.
 *
 * @module
 */
import { TrackerClient } from "../../peer/trackers/tracker_client.ts";
import type { AnnounceEvent, AnnounceReply, AnnounceRequest } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { startTracker, type Tracker } from "../../tracker/mod.ts";
import { assert, assertEquals } from "./assert.ts";

/** What a peer hears while the store is away. */
export const AWAY = "the tracker cannot reach its database: try again in a minute";
/** Of the swarm that all requests are for. */
export const INFO_HASH: Uint8Array = new Uint8Array(20).fill(9);

/**
 * An announce of a peer that has its port for a name, and is kept for 21 minutes: our own clients are
 * forgotten after 15 seconds in a young swarm, which some of these tests take.
 */
export function request(port: number, event: AnnounceEvent = "started", left = 1): AnnounceRequest {
  return {
    infoHash: INFO_HASH,
    peerId: new TextEncoder().encode(`-XX0100-${String(port).padStart(12, "0")}`),
    port,
    uploaded: 0,
    downloaded: 0,
    left,
    event,
    numwant: 200,
    key: port,
    compact: true,
    noPeerId: true,
  };
}

/** A tracker on that Redis that remembers what it warned of. */
export class SharingTracker implements AsyncDisposable {
  readonly warnings: string[];
  readonly #tracker: Tracker;
  readonly #client = new TrackerClient();
  readonly #waiting = new Set<() => void>();

  private constructor(tracker: Tracker) {
    this.#tracker = tracker;
    this.warnings = [...tracker.warnings];
    tracker.subscribe((event) => {
      if (event.event !== "warning") return;
      this.warnings.push(event.text);
      for (const check of this.#waiting) check();
    });
  }

  static async start(store: string): Promise<SharingTracker> {
    return new SharingTracker(await startTracker({ host: "127.0.0.1", port: 0, store }));
  }

  get counts(): Promise<[seeders: number, leechers: number, completed: number]> {
    return Promise.resolve(this.#tracker.counts([INFO_HASH.toHex()]))
      .then(([one]) => [one!.seeders, one!.leechers, one!.completed]);
  }

  announce(of: AnnounceRequest, protocol: "http" | "udp" = "http"): Promise<AnnounceReply> {
    const url = this.#tracker.urls.find((one) => one.startsWith(protocol))!;
    return this.#client.announce(url, of, AbortSignal.timeout(10_000));
  }

  /** Ports of the peers that it gives for a request, in order. */
  async ports(of: AnnounceRequest, protocol: "http" | "udp" = "http"): Promise<number[]> {
    const { peers } = await this.announce(of, protocol);
    return peers.map(({ port }) => port).sort((a, b) => a - b);
  }

  scrape(): Promise<unknown> {
    return this.#client.scrape(this.#tracker.urls[0]!, [INFO_HASH], AbortSignal.timeout(10_000));
  }

  /** Resolves once it warned `count` times. */
  async warned(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => this.warnings.length >= count && resolve();
    this.#waiting.add(check);
    check();
    await promise;
    this.#waiting.delete(check);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#tracker[Symbol.asyncDispose]();
  }
}

/** Peers that announce in one load. */
const LOAD_PEERS = 16;

/** Announces that go on. */
export interface Load {
  /** Resolves once one more announce was answered. */
  served(): Promise<void>;
  /** How often each outcome was met. */
  stop(): Promise<Map<string, number>>;
}

/** Announces over and over by a tracker, some at a time, until it is stopped. */
export function load(tracker: SharingTracker, first: number): Load {
  const outcomes = new Map<string, number>();
  let isOn = true;
  let served = Promise.withResolvers<void>();
  const one = async (port: number) => {
    while (isOn) {
      const protocol = port % 2 === 0 ? "http" : "udp";
      const outcome = await tracker.announce(request(port, "none"), protocol).then(
        () => "ok",
        (error) => {
          assert(error instanceof TrackerError, String(error));
          if (protocol === "http") assertEquals(error.retryIn, 1);
          return error.message.replace(/^.*?: /, "");
        },
      );
      outcomes.set(outcome, 1 + (outcomes.get(outcome) ?? 0));
      if (outcome === "ok") served.resolve();
    }
  };
  const running = Array.from({ length: LOAD_PEERS }, (_, i) => one(first + i));
  return {
    async served() {
      served = Promise.withResolvers();
      await served.promise;
    },
    async stop() {
      isOn = false;
      await Promise.all(running);
      return outcomes;
    },
  };
}

/** Ends announces to a store that was away meanwhile: each was answered, or refused with advice. */
export async function endAll(loads: readonly Load[]): Promise<void> {
  for (const outcomes of await Promise.all(loads.map((one) => one.stop()))) {
    assertEquals([...outcomes.keys()].sort(), ["ok", AWAY].sort());
  }
}

/** All peers of loads announce once more, each to a tracker: what was lost with a server is back. */
export async function announceAgain(
  places: readonly (readonly [tracker: SharingTracker, first: number])[],
): Promise<void> {
  for (const [tracker, first] of places) {
    for (let port = first; port < first + LOAD_PEERS; port++) {
      await tracker.announce(request(port, "none"));
    }
  }
}
