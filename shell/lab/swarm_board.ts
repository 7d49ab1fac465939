/**
 * Swarm board of a run: a tracker that nobody fetches from shows what members do. Real programs are
 * shown while they run, by what the wires read; what was played in virtual time afterwards, at a pace
 * that a person can follow, so that looking on changes nothing.
 *
 * @module
 */
import type { RunEvent, RunRecord } from "../../lab/run/run_record.ts";
import type { RunPlan } from "../../lab/scenario/run_plan.ts";
import { startTracker, type Tracker } from "../../tracker/mod.ts";
import { API } from "../dashboard/api_router.ts";
import type { Report } from "../dashboard/report.ts";
import { TrackerPages } from "../dashboard/tracker_page.ts";
import { LiveSeats } from "./live_seats.ts";

/** How often the board is told, ms. */
const EVERY_MS = 500;
/** Where members seem to listen: the swarm's list wants one port for each. */
const FIRST_PORT = 20_000;
/** Seconds in which a run in virtual time is shown, at most, where nobody asked for a pace. */
const SHOWN_SECONDS = 25;
/** ms over which a rate is taken, as the person who looks on counts them. */
const RATE_MS = 3000;
/** How often a run in virtual time goes on, ms. */
const STEP_MS = 50;

/** Serves the board until it is disposed. */
export class SwarmBoard implements AsyncDisposable {
  readonly #tracker: Tracker;
  readonly #pages: TrackerPages;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stop = new AbortController();
  readonly #announced = new Map<string, number>();
  /** Somebody has opened a page of it. */
  readonly #lookedAt: Promise<void>;
  #seats: LiveSeats | undefined;
  /** ms since the start of the run, and how many of them pass in one of ours. */
  #now = () => 0;
  #pace = 1;
  #telling: Promise<void> | undefined;

  private constructor(tracker: Tracker, pages: TrackerPages, lookedAt: Promise<void>) {
    this.#tracker = tracker;
    this.#pages = pages;
    this.#lookedAt = lookedAt;
    this.#timer = setInterval(() => void this.#tellSoon(), EVERY_MS);
  }

  static async start(): Promise<SwarmBoard> {
    const pages = new TrackerPages();
    const looked = Promise.withResolvers<void>();
    const tracker = await startTracker({
      ...{ host: "127.0.0.1", port: 0 },
      pages: (tracker) =>
        pages.routes(tracker, []).map((route) => ({
          ...route,
          respond: (request) => {
            if (route.method === "GET") looked.resolve();
            return route.respond(request);
          },
        })),
    });
    return new SwarmBoard(tracker, pages, looked.promise);
  }

  /** Where a browser finds it. */
  get url(): string {
    return `http://127.0.0.1:${this.#tracker.port}/#present`;
  }

  /** Another run with real programs begins. */
  begin(plan: RunPlan): void {
    this.#begin(plan, 1);
  }

  /** Something happened in it. */
  add(event: RunEvent): void {
    this.#seats?.add(event);
  }

  /**
   * Shows a run that was played in virtual time, from when somebody looks.
   *
   * @param how.pace virtual seconds a second; undefined: so that it takes 25 s at most
   * @param how.signal ends it early
   */
  async show(
    plan: RunPlan,
    { events, endedAt }: RunRecord,
    how: { readonly pace: number | undefined; readonly signal: AbortSignal },
  ): Promise<void> {
    const { pace = Math.max(1, endedAt / 1000 / SHOWN_SECONDS), signal } = how;
    await endedBy(signal, this.#lookedAt);
    this.#begin(plan, pace);
    let next = 0;
    while (next < events.length && !signal.aborted) {
      const now = this.#now();
      for (; next < events.length && events[next]!.t <= now; next++) this.add(events[next]!);
      await endedBy(signal, new Promise((resolve) => setTimeout(resolve, STEP_MS)));
    }
    // How it ended is told before anything else is.
    await this.#telling;
    await this.#tellSoon();
  }

  #begin(plan: RunPlan, pace: number): void {
    const started = performance.now();
    this.#seats = new LiveSeats(plan);
    this.#pace = pace;
    this.#now = () => pace * (performance.now() - started);
    this.#announced.clear();
  }

  #tellSoon(): Promise<void> {
    return this.#telling ??= this.#tell().catch((fault) => reportError(fault))
      .finally(() => this.#telling = undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#telling;
    this.#pages[Symbol.dispose]();
    await this.#tracker[Symbol.asyncDispose]();
  }

  async #tell(): Promise<void> {
    const reports = this.#seats?.reports(this.#now(), this.#pace * RATE_MS) ?? [];
    try {
      for (const report of reports) await this.#post(report);
    } catch (error) {
      // The run has ended meanwhile; a board that misses a turn shows the next one.
      if (!this.#stop.signal.aborted && !(error instanceof TypeError)) throw error;
    }
  }

  async #post(report: Report): Promise<void> {
    const { signal } = this.#stop;
    const at = `http://127.0.0.1:${this.#tracker.port}`;
    const [torrent] = report.torrents;
    const left = Math.round((1 - torrent!.progress) * torrent!.size);
    if (this.#announced.get(report.peer_id) !== left) {
      // The swarm's list and its counts come from announces.
      this.#announced.set(report.peer_id, left);
      const port = FIRST_PORT + [...this.#announced.keys()].indexOf(report.peer_id);
      const query = `info_hash=${escapedBytes(torrent!.info_hash)}&peer_id=` +
        `${escapedBytes(report.peer_id)}&port=${port}&left=${left}&uploaded=${torrent!.uploaded}` +
        `&downloaded=${torrent!.downloaded}&compact=1&numwant=0`;
      await (await fetch(`${at}/announce?${query}`, { signal })).body?.cancel();
    }
    const response = await fetch(`${at}${API}/reports`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      ...{ body: JSON.stringify(report), signal },
    });
    await response.body?.cancel();
  }
}

/** Waits for something, or until a signal says that nobody wants it any more. */
async function endedBy(signal: AbortSignal, waited: Promise<void>): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const end = () => ended.resolve();
  if (signal.aborted) return;
  signal.addEventListener("abort", end);
  await Promise.race([waited, ended.promise]);
  signal.removeEventListener("abort", end);
}

function escapedBytes(hex: string): string {
  return hex.replace(/../g, "%$&");
}
