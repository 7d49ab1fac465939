/**
 * Keeps what a peer sends in its trackers' catalogues, also when a tracker starts late or anew.
 *
 * @module
 */
import { TrackerError } from "../protocol/mod.ts";
import { type Engine, type EngineEvent, NoCatalogueError } from "../peer/mod.ts";
import type { Catalogues } from "./catalogues.ts";

type Result = "taken" | "no catalogue" | { readonly problem: string };

/** Publishes torrents, and again whenever a tracker that could not be reached answers again. */
export class Publisher {
  readonly #engine: Engine;
  readonly #catalogues: Catalogues;
  readonly #token: string | undefined;
  /** Info hashes of what was sent. */
  readonly #sent = new Set<string>();
  /** `info hash tracker`: not in that catalogue as far as is known. */
  readonly #due = new Set<string>();
  readonly #running = new Set<Promise<void>>();

  constructor(engine: Engine, catalogues: Catalogues, token?: string) {
    this.#engine = engine;
    this.#catalogues = catalogues;
    this.#token = token;
  }

  /**
   * Puts a torrent into all catalogues: how many took it, and a sentence for each tracker that did
   * not. One of another make, which has no catalogue, is no problem: peers with the .torrent find
   * each other there.
   */
  async publish(infoHash: string): Promise<{ taken: number; problems: string[] }> {
    this.#sent.add(infoHash);
    const results = await Promise.all(
      this.#catalogues.trackers.map((tracker) => this.#publishAt(tracker, infoHash)),
    );
    return {
      taken: results.filter((result) => result === "taken").length,
      problems: results.flatMap((result) => typeof result === "string" ? [] : [result.problem]),
    };
  }

  /** Takes notice of what happens in the engine. */
  onEvent(event: EngineEvent): void {
    if (event.event === "torrent-removed") this.#sent.delete(event.infoHash);
    if (event.event !== "announced" && event.event !== "tracker-failed") return;
    if (!this.#sent.has(event.infoHash) || !this.#catalogues.trackers.includes(event.tracker)) {
      return;
    }
    const key = `${event.infoHash} ${event.tracker}`;
    if (event.event === "tracker-failed") this.#due.add(key);
    else if (this.#due.has(key)) {
      const task = this.#publishAt(event.tracker, event.infoHash).then(() => {});
      this.#running.add(task);
      task.finally(() => this.#running.delete(task));
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
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
