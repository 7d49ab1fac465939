/**
 * Tells the tracker of this network what a peer does, for the swarm board.
 *
 * @module
 */
import type { Engine } from "../../peer/mod.ts";
import { catalogueUrl, classifyIp, parseIp } from "../../protocol/mod.ts";
import { makeReport } from "./report.ts";

/** How often, ms. */
const EVERY_MS = 500;
/** How long a tracker that wants no reports is left alone, ms. */
const PAUSE_MS = 30_000;
/** How long an answer may take, ms. */
const PATIENCE_MS = 2000;

/** Reports until it is disposed. */
export class Reporter implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #trackers: () => readonly string[];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stop = new AbortController();
  /** When each address is told again. */
  readonly #notBefore = new Map<string, number>();
  #telling: Promise<void> | undefined;

  /** @param trackers announce URLs; those outside of this network are told nothing */
  constructor(engine: Engine, trackers: () => readonly string[]) {
    this.#engine = engine;
    this.#trackers = trackers;
    this.#timer = setInterval(() => {
      this.#telling ??= this.#tell().catch((fault) => reportError(fault))
        .finally(() => this.#telling = undefined);
    }, EVERY_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#telling;
  }

  async #tell(): Promise<void> {
    const now = Date.now();
    const urls = new Set(this.#trackers().flatMap((tracker) => reportUrl(tracker) ?? []));
    const due = [...urls].filter((url) => now >= (this.#notBefore.get(url) ?? 0));
    if (due.length === 0) return;
    const body = JSON.stringify(makeReport(this.#engine.snapshot()));
    await Promise.all(due.map((url) => this.#post(url, body, now)));
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
      await response.body?.cancel();
      // Told too often is no refusal.
      if (!response.ok && response.status !== 429) this.#notBefore.set(url, now + PAUSE_MS);
    } catch {
      // Not there, or of another make.
      this.#notBefore.set(url, now + PAUSE_MS / 6);
    }
  }
}

/** Where a tracker takes reports; undefined for one outside of this machine and its networks. */
export function reportUrl(announce: string): string | undefined {
  const url = new URL("/api/v1/reports", catalogueUrl(announce));
  const ip = parseIp(url.hostname.replace(/^\[|\]$/g, ""));
  const isNear = ip === undefined
    ? url.hostname === "localhost"
    : ["loopback", "private", "link-local"].includes(classifyIp(ip));
  return isNear ? url.href : undefined;
}
