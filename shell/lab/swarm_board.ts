/**
 * Swarm board of a run with real programs: a tracker that nobody fetches from shows what the wires read.
 *
 * @module
 */
import type { RunEvent } from "../../lab/run/run_record.ts";
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

/** Serves the board until it is disposed. */
export class SwarmBoard implements AsyncDisposable {
  readonly #tracker: Tracker;
  readonly #pages: TrackerPages;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stop = new AbortController();
  readonly #announced = new Map<string, number>();
  #seats: LiveSeats | undefined;
  #started = 0;
  #telling: Promise<void> | undefined;

  private constructor(tracker: Tracker, pages: TrackerPages) {
    this.#tracker = tracker;
    this.#pages = pages;
    this.#timer = setInterval(() => {
      this.#telling ??= this.#tell().catch((fault) => reportError(fault))
        .finally(() => this.#telling = undefined);
    }, EVERY_MS);
  }

  static async start(): Promise<SwarmBoard> {
    const pages = new TrackerPages();
    const tracker = await startTracker({
      ...{ host: "127.0.0.1", port: 0 },
      pages: (tracker) => pages.routes(tracker, []),
    });
    return new SwarmBoard(tracker, pages);
  }

  /** Where a browser finds it. */
  get url(): string {
    return `http://127.0.0.1:${this.#tracker.port}/#present`;
  }

  /** Another run begins. */
  begin(plan: RunPlan): void {
    this.#seats = new LiveSeats(plan);
    this.#started = performance.now();
    this.#announced.clear();
  }

  add(event: RunEvent): void {
    this.#seats?.add(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#telling;
    this.#pages[Symbol.dispose]();
    await this.#tracker[Symbol.asyncDispose]();
  }

  async #tell(): Promise<void> {
    const reports = this.#seats?.reports(performance.now() - this.#started) ?? [];
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

function escapedBytes(hex: string): string {
  return hex.replace(/../g, "%$&");
}
