/**
 * Tells trackers what a peer does, for the swarm board on their page: those of this machine that take
 * its announces, and, where a person asks for it, those of its networks.
 *
 * @module
 */
import type { Engine, TorrentSnapshot } from "../../peer/mod.ts";
import { replyText } from "../base/reply_text.ts";
import { type Earlier, makeReport } from "./report.ts";
import { type Reach, reportUrl } from "./report_url.ts";

/** How often, ms, unless the tracker wants it less often. */
const EVERY_MS = 500;
/** The longest that a tracker may ask to wait, ms. */
const SLOWEST_MS = 4000;
/** How long a tracker that wants no reports is left alone, ms. */
const PAUSE_MS = 30_000;
/** The same of one that nobody asked to report to: a tracker of another make has no board. */
const LONG_PAUSE_MS = 600_000;
/** How long one that does not answer is left alone, ms: less at first, since it may only be busy. */
const RETRY_MS = 1000;
const SILENT_MS = 5000;
/** Times in a row that a tracker may be only busy. */
const BUSY_TIMES = 3;
/** How long an answer may take, ms. */
const PATIENCE_MS = 2000;
/** The longest answer that is read, bytes: it says when to report again. */
const MAX_REPLY = 4096;

/**
 * Reports until it is disposed. A tracker that nobody asked to report to is told only once it has
 * taken an announce: no other program that listens there hears anything.
 */
export class Reporter implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #trackers: () => readonly string[];
  readonly #reach: Reach;
  readonly #since = Date.now();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #subscription: Disposable;
  readonly #stop = new AbortController();
  /** Announce URLs that took an announce. */
  readonly #working = new Set<string>();
  /** How often in a row an address did not answer. */
  readonly #silent = new Map<string, number>();
  /** When each address is told again. */
  readonly #notBefore = new Map<string, number>();
  /** What torrents of earlier runs had taken and given when they were back. */
  readonly #earlier = new Map<string, Earlier>();
  #telling: Promise<void> | undefined;

  /** @param trackers announce URLs; those out of `reach` are told nothing */
  constructor(engine: Engine, trackers: () => readonly string[], reach: Reach = "network") {
    this.#engine = engine;
    this.#trackers = trackers;
    this.#reach = reach;
    this.#subscription = engine.subscribe((event) => {
      if (event.event === "announced") this.#heard(event.tracker);
    });
    // Torrents of last time may have announced already.
    for (const { trackers } of engine.snapshot().torrents) {
      for (const { url, status } of trackers) if (status === "working") this.#heard(url);
    }
    this.#timer = setInterval(() => {
      this.#telling ??= this.#tell().catch((fault) => reportError(fault))
        .finally(() => this.#telling = undefined);
    }, EVERY_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription[Symbol.dispose]();
    this.#stop.abort();
    await this.#telling;
  }

  /** A tracker took an announce. Torrents name trackers of their own, which are told nothing. */
  #heard(tracker: string): void {
    if (this.#trackers().includes(tracker)) this.#working.add(tracker);
  }

  async #tell(): Promise<void> {
    const now = Date.now();
    const isAsked = this.#reach === "network";
    const told = this.#trackers().filter((tracker) => isAsked || this.#working.has(tracker));
    const urls = new Set(told.flatMap((tracker) => reportUrl(tracker, this.#reach) ?? []));
    const due = [...urls].filter((url) => now >= (this.#notBefore.get(url) ?? 0));
    if (due.length === 0) return;
    const snapshot = this.#engine.snapshot();
    this.#noteEarlier(snapshot.torrents);
    const body = JSON.stringify(makeReport(snapshot, this.#earlier));
    await Promise.all(due.map((url) => this.#post(url, body, now)));
  }

  #noteEarlier(torrents: readonly TorrentSnapshot[]): void {
    if (this.#earlier.size > 2 * torrents.length) {
      const here = new Set(torrents.map(({ infoHash }) => infoHash));
      for (const infoHash of this.#earlier.keys()) {
        if (!here.has(infoHash)) this.#earlier.delete(infoHash);
      }
    }
    for (const { infoHash, addedAt, downloaded, uploaded } of torrents) {
      if (this.#earlier.has(infoHash)) continue;
      const isOld = addedAt < this.#since;
      this.#earlier.set(infoHash, isOld ? { downloaded, uploaded } : NOTHING);
    }
  }

  async #post(url: string, body: string, now: number): Promise<void> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        redirect: "error",
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      this.#silent.delete(url);
      if (response.ok) {
        this.#notBefore.set(url, now + againIn(await replyText(response, MAX_REPLY)));
        return;
      }
      await response.body?.cancel();
      // Told too often is no refusal.
      if (response.status === 429) return;
      this.#notBefore.set(url, now + (this.#reach === "network" ? PAUSE_MS : LONG_PAUSE_MS));
    } catch {
      const times = (this.#silent.get(url) ?? 0) + 1;
      this.#silent.set(url, times);
      this.#notBefore.set(url, Date.now() + (times <= BUSY_TIMES ? RETRY_MS : SILENT_MS));
    }
  }
}

const NOTHING: Earlier = { downloaded: 0, uploaded: 0 };

/** ms until a tracker wants to hear again, by its answer. */
function againIn(answer: string): number {
  const wanted = Number(/"again_in":\s*(\d{1,6})\b/.exec(answer)?.[1] ?? EVERY_MS);
  // A timer that comes a little early must not skip a turn.
  return Math.min(SLOWEST_MS, wanted) - EVERY_MS / 2;
}
