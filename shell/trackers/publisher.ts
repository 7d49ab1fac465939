/**
 * Keeps what a peer sends in its trackers' catalogues, also when a tracker starts late or anew.
 *
 * @module
 */
import { TrackerError } from "../../protocol/mod.ts";
import { type Engine, type EngineEvent, NoCatalogueError, type Shared } from "../../peer/mod.ts";
import type { Catalogues } from "./catalogues.ts";
import { PublisherKey } from "./publisher_key.ts";
import type { SentTorrents } from "./sent_torrents.ts";

type Result = "taken" | "no catalogue" | { readonly problem: string };

/** A tracker that does not answer delays what is shared by no more than this (ms). */
const PATIENCE_MS = 3000;

/** What came of publishing a torrent. */
export interface Published {
  /** How many catalogues took it. */
  readonly taken: number;
  /** A sentence for each tracker that did not. */
  readonly problems: readonly string[];
  /** Info hashes of what was sent from the same place before and is given up for this. */
  readonly replaced: readonly string[];
}

/** Publishes torrents, and again whenever a tracker that could not be reached answers again. */
export class Publisher {
  readonly #engine: Engine;
  readonly #catalogues: Catalogues;
  readonly #token: string | undefined;
  readonly #sent: SentTorrents;
  readonly #key: Promise<PublisherKey>;
  readonly #patience: number;
  /** `info hash tracker`: still in that catalogue, and to be taken out of it. */
  readonly #unwanted: Set<string>;
  /** `info hash tracker`: not in that catalogue as far as is known. */
  readonly #due = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(
    engine: Engine,
    catalogues: Catalogues,
    { token, sent, key, patience = PATIENCE_MS }: {
      token: string | undefined;
      sent: SentTorrents;
      /** By which it proves what it published; otherwise it can do so in this session only. */
      key?: PublisherKey;
      patience?: number;
    },
  ) {
    this.#engine = engine;
    this.#catalogues = catalogues;
    this.#token = token;
    this.#sent = sent;
    this.#unwanted = new Set(sent.unwanted);
    this.#key = key === undefined ? PublisherKey.open() : Promise.resolve(key);
    this.#patience = patience;
    // What was sent in an earlier session is not in a catalogue that has been lost meanwhile.
    for (const infoHash of sent.all) {
      for (const tracker of catalogues.trackers) this.#due.add(`${infoHash} ${tracker}`);
    }
  }

  /**
   * Shares a file or folder as `Engine.share`, and puts it into all catalogues before it is
   * announced: whoever sees it in a swarm finds it by name. A tracker of another make, which has no
   * catalogue, is no problem: peers with the .torrent find each other there.
   */
  async share(
    path: string,
    options: Parameters<Engine["share"]>[1] = {},
  ): Promise<Shared & Published> {
    let asked: readonly string[] = [];
    let results: Promise<Result[]> = Promise.resolve([]);
    const shared = await this.#engine.share(path, {
      ...options,
      beforeStart: async ({ infoHash, torrent }) => {
        await this.#sent.add(infoHash);
        asked = this.#catalogues.trackers;
        results = Promise.all(asked.map((url) => this.#publishAt(url, infoHash, torrent)));
        this.#track(results);
        await within(this.#patience, results);
      },
    });
    for (const tracker of this.#catalogues.trackers) {
      // Found in between.
      if (!asked.includes(tracker)) this.#track(this.#publishAt(tracker, shared.infoHash));
    }
    const all = await results;
    const replaced = await this.#giveUpOlder(shared.infoHash);
    return {
      ...shared,
      replaced,
      taken: all.filter((result) => result === "taken").length,
      problems: all.flatMap((result) => typeof result === "string" ? [] : [result.problem]),
    };
  }

  /** The trackers are others now: what was sent belongs into their catalogues, too. */
  trackersChanged(): void {
    for (const infoHash of this.#sent.all) {
      if (!this.#isHere(infoHash)) continue;
      for (const tracker of this.#catalogues.trackers) {
        this.#track(this.#publishAt(tracker, infoHash));
      }
    }
  }

  /** Takes notice of what happens in the engine. */
  onEvent(event: EngineEvent): void {
    if (event.event === "torrent-removed" && this.#sent.has(event.infoHash)) {
      this.#track(this.#sent.delete(event.infoHash));
      for (const tracker of this.#catalogues.trackers) {
        this.#track(this.#withdraw(tracker, event.infoHash));
      }
    }
    if (event.event === "announced") this.#withdrawLeft(event.tracker);
    if (event.event !== "announced" && event.event !== "tracker-failed") return;
    if (!this.#sent.has(event.infoHash) || !this.#catalogues.trackers.includes(event.tracker)) {
      return;
    }
    const key = `${event.infoHash} ${event.tracker}`;
    if (event.event === "tracker-failed") this.#due.add(key);
    else if (this.#due.has(key)) {
      this.#track(this.#publishAt(event.tracker, event.infoHash));
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** What was sent under the same name from the same folder is another version of it. */
  async #giveUpOlder(infoHash: string): Promise<string[]> {
    const { torrents } = this.#engine.snapshot();
    const fresh = torrents.find((torrent) => torrent.infoHash === infoHash);
    const older = torrents.filter((torrent) =>
      torrent.infoHash !== infoHash && this.#sent.has(torrent.infoHash) &&
      torrent.name === fresh?.name && torrent.dir === fresh.dir
    ).map((torrent) => torrent.infoHash);
    for (const one of older) await this.#engine.remove(one);
    // Each is out of the catalogues before the answer, so that the name means the new one.
    const withdrawn = older.flatMap((one) =>
      this.#catalogues.trackers.map((tracker) => this.#withdraw(tracker, one))
    );
    await within(this.#patience, Promise.all(withdrawn));
    return older;
  }

  #withdrawLeft(tracker: string): void {
    for (const key of this.#unwanted) {
      const [infoHash, where] = key.split(" ");
      if (where === tracker) this.#track(this.#withdraw(tracker, infoHash!));
    }
  }

  async #withdraw(tracker: string, infoHash: string): Promise<void> {
    const key = `${infoHash} ${tracker}`;
    this.#due.delete(key);
    this.#unwanted.delete(key);
    try {
      const proof = (await this.#key).proof(infoHash);
      await this.#catalogues.client.withdraw(tracker, infoHash, proof);
    } catch (error) {
      const isTold = error instanceof NoCatalogueError || error instanceof TrackerError;
      if (!isTold) throw error;
      // Somebody else's stays; a tracker that is away is asked when it is back, in a later session too.
      const isAway = error instanceof TrackerError && !error.message.includes(" refused: ");
      if (isAway && !(error instanceof NoCatalogueError)) this.#unwanted.add(key);
    }
    await this.#sent.setUnwanted(key, this.#unwanted.has(key));
  }

  /** Not yet while it is published for the first time, nor where it could not be opened. */
  #isHere(infoHash: string): boolean {
    return this.#engine.snapshot().torrents.some((torrent) =>
      torrent.infoHash === infoHash && torrent.pieceCount > 0
    );
  }

  #track(task: Promise<unknown>): void {
    // A fault is told as one, and the rest is published all the same.
    const done: Promise<unknown> = task.catch((fault) => reportError(fault))
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  async #publishAt(
    tracker: string,
    infoHash: string,
    torrent = this.#engine.torrentBytes(infoHash),
  ): Promise<Result> {
    const key = `${infoHash} ${tracker}`;
    this.#due.delete(key);
    this.#unwanted.delete(key);
    try {
      await this.#sent.setUnwanted(key, false);
      await this.#catalogues.client.publish(tracker, torrent, {
        proof: (await this.#key).proof(infoHash),
        peerName: this.#engine.name,
        token: this.#token,
      });
      return "taken";
    } catch (error) {
      if (error instanceof NoCatalogueError) return "no catalogue";
      if (!(error instanceof TrackerError)) throw error;
      this.#due.add(key);
      return { problem: error.message };
    }
  }
}

/** Resolves with the promise, but after `ms` at the latest. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  try {
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
