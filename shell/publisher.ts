/**
 * Keeps what a peer sends in its trackers' catalogues, also when a tracker starts late or anew.
 *
 * @module
 */
import { TrackerError } from "../protocol/mod.ts";
import { type Engine, type EngineEvent, NoCatalogueError } from "../peer/mod.ts";
import type { Catalogues } from "./catalogues.ts";
import type { SentList } from "./sent_list.ts";

type Result = "taken" | "no catalogue" | { readonly problem: string };

/** Publishes torrents, and again whenever a tracker that could not be reached answers again. */
export class Publisher {
  readonly #engine: Engine;
  readonly #catalogues: Catalogues;
  readonly #token: string | undefined;
  readonly #sent: SentList;
  /** `info hash tracker`: not in that catalogue as far as is known. */
  readonly #due = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(
    engine: Engine,
    catalogues: Catalogues,
    { token, sent }: { token: string | undefined; sent: SentList },
  ) {
    this.#engine = engine;
    this.#catalogues = catalogues;
    this.#token = token;
    this.#sent = sent;
    // What was sent in an earlier session is not in a catalogue that has been lost meanwhile.
    for (const infoHash of sent.all) {
      for (const tracker of catalogues.trackers) this.#due.add(`${infoHash} ${tracker}`);
    }
  }

  /**
   * Puts a torrent into all catalogues: how many took it, and a sentence for each tracker that did
   * not. One of another make, which has no catalogue, is no problem: peers with the .torrent find
   * each other there.
   */
  async publish(infoHash: string): Promise<{ taken: number; problems: string[] }> {
    await this.#sent.add(infoHash);
    const results = await Promise.all(
      this.#catalogues.trackers.map((tracker) => this.#publishAt(tracker, infoHash)),
    );
    return {
      taken: results.filter((result) => result === "taken").length,
      problems: results.flatMap((result) => typeof result === "string" ? [] : [result.problem]),
    };
  }

  /** The trackers are others now: what was sent belongs into their catalogues, too. */
  trackersChanged(): void {
    for (const infoHash of this.#sent.all) {
      for (const tracker of this.#catalogues.trackers) {
        this.#track(this.#publishAt(tracker, infoHash));
      }
    }
  }

  /** Takes notice of what happens in the engine. */
  onEvent(event: EngineEvent): void {
    if (event.event === "torrent-removed") this.#track(this.#sent.delete(event.infoHash));
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

  #track(task: Promise<unknown>): void {
    this.#running.add(task);
    task.finally(() => this.#running.delete(task));
  }

  async #publishAt(tracker: string, infoHash: string): Promise<Result> {
    const key = `${infoHash} ${tracker}`;
    this.#due.delete(key);
    try {
      await this.#catalogues.client.publish(tracker, this.#engine.torrentBytes(infoHash), {
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
