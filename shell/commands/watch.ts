/**
 * `status --watch`: how everything gets on, with a torrent to choose, look into, pause and resume.
 *
 * @module
 */
import type { Engine, EngineSnapshot } from "../../peer/mod.ts";
import { detailFrame, isSettled, liveFrame } from "../view/live_view.ts";
import type { TerminalStyle } from "../view/view.ts";
import type { Call } from "./verb.ts";
import type { Row } from "../view/view.ts";

/**
 * Shows it until a key is pressed that means nothing else, or, where nobody can press one, nothing is
 * on its way any more.
 */
export async function watch(engine: Engine, call: Call, facts: () => Row[]): Promise<void> {
  const { keys } = call;
  const watching = new Watching(engine);
  using progress = call.progress("status", {
    line: (look) => watching.frame(look, keys !== undefined),
    facts: () => ({ torrents: facts() }),
  });
  if (keys === undefined) return await untilSettled(engine, call.signal);
  for await (const key of keys()) {
    if (!watching.press(key)) return;
    progress.refresh();
  }
}

/** What is in view. */
class Watching {
  readonly #engine: Engine;
  /** Info hash of the torrent that is chosen. */
  #chosen: string | undefined;
  #hasDetails = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  frame(look: TerminalStyle, hasKeys: boolean): string {
    const engine = this.#engine.snapshot();
    const torrent = engine.torrents[this.#index(engine)];
    if (torrent !== undefined && this.#hasDetails) return detailFrame(torrent, look);
    return liveFrame(engine, look, { chosen: torrent?.infoHash, hasKeys });
  }

  /** Whether to go on. */
  press(key: string): boolean {
    const engine = this.#engine.snapshot();
    const { torrents } = engine;
    const at = this.#index(engine);
    // Whoever acts without having chosen sees first what it would be about.
    const acts = key === "return" || key === "p";
    if (acts && at < 0) key = "down";
    switch (key) {
      case "up":
      case "down": {
        const next = at < 0 ? 0 : at + (key === "up" ? -1 : 1);
        this.#chosen = torrents[Math.max(0, Math.min(torrents.length - 1, next))]?.infoHash;
        return torrents.length > 0;
      }
      case "return":
        this.#hasDetails = !this.#hasDetails;
        return true;
      case "p":
        this.#toggle(torrents[at]!);
        return true;
      default: {
        const goesBack = this.#hasDetails;
        this.#hasDetails = false;
        return goesBack;
      }
    }
  }

  #toggle({ infoHash, state }: EngineSnapshot["torrents"][number]): void {
    const rests = state === "paused" || state === "stopped" || state === "error";
    if (rests) this.#engine.resume(infoHash);
    else this.#engine.pause(infoHash);
  }

  #index({ torrents }: EngineSnapshot): number {
    return torrents.findIndex(({ infoHash }) => infoHash === this.#chosen);
  }
}

async function untilSettled(engine: Engine, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => isSettled(engine.snapshot()) && resolve();
  using _subscription = engine.subscribe(({ event }) => {
    if (SETTLING.has(event)) look();
  });
  const stop = () => resolve();
  signal.addEventListener("abort", stop);
  look();
  await promise;
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
}

const SETTLING: ReadonlySet<string> = new Set([
  "torrent-completed",
  "torrent-removed",
  "torrent-state",
]);
