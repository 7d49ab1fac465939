/**
 * Exit condition of a command that seeds: `--exit-when`, `--seed-ratio`, `--seed-time`.
 *
 * @module
 */
import { COMMAND_REMEDIES, withRemedy } from "../base/remedies.ts";
import type { Engine, TorrentSnapshot } from "../../peer/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";

const CHOICES = ["done", "ratio", "all-peers-done"] as const;

/** When to leave; undefined for never. */
export type ExitWhen = (typeof CHOICES)[number] | undefined;

/** Whom the trackers are asked about those that nobody is connected with, at most so often (ms). */
const ASK_MS = 5000;

/**
 * What the flags say. Rules for seeding alone mean: until they are met.
 *
 * @throws {UsageError}
 */
export function exitWhen(flags: FlagValues, otherwise: ExitWhen): ExitWhen {
  const text = flags["exit-when"];
  const hasRule = flags["seed-ratio"] !== undefined || flags["seed-time"] !== undefined;
  if (text === undefined) return hasRule ? "ratio" : otherwise;
  const found = CHOICES.find((choice) => choice === text);
  if (found === undefined) {
    throw new UsageError(`--exit-when is "${text}": give ${CHOICES.join(", ")}`);
  }
  if (found === "ratio" && !hasRule) {
    throw new UsageError("--exit-when ratio wants --seed-ratio or --seed-time");
  }
  return found;
}

/**
 * Resolves when a complete torrent was seeded as long as it should be, or on `stop`.
 *
 * @throws {CommandError} where a bug has ended it
 */
export async function untilSeeded(
  engine: Engine,
  infoHash: string,
  options: { readonly when: ExitWhen; readonly stop: AbortSignal },
): Promise<void> {
  const { when, stop } = options;
  if (when === "done" || stop.aborted) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using others = new Others(engine, infoHash);
  const look = () => {
    const torrent = snapshotOf(engine, infoHash);
    if (torrent === undefined || torrent.state === "stopped") return resolve();
    // Nobody is there to resume it, and it will not go on by itself.
    if (torrent.errorKind === "fault") {
      const why = withRemedy(torrent.error!, torrent.remedy, COMMAND_REMEDIES);
      return reject(new CommandError("failed", why));
    }
    if (when === "all-peers-done" && others.areDone(torrent)) resolve();
  };
  const timer = setInterval(look, 500);
  const end = () => resolve();
  stop.addEventListener("abort", end);
  try {
    look();
    await promise;
  } finally {
    clearInterval(timer);
    stop.removeEventListener("abort", end);
    await others.settled;
  }
}

/** Whether anybody in the swarm still lacks something. */
class Others implements Disposable {
  readonly #engine: Engine;
  readonly #infoHash: string;
  readonly #subscription: Disposable;
  #hasSeenAny = false;
  #leechers: number | undefined;
  #askedAt = -Infinity;
  settled: Promise<void> = Promise.resolve();

  constructor(engine: Engine, infoHash: string) {
    this.#engine = engine;
    this.#infoHash = infoHash;
    this.#subscription = engine.subscribe((event) => {
      if (event.event === "peer-connected" && event.infoHash === infoHash) this.#hasSeenAny = true;
    });
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  /** No connected peer lacks anything, there has been one, and the tracker knows of no other. */
  areDone({ state, peers, trackers }: TorrentSnapshot): boolean {
    this.#hasSeenAny ||= peers.length > 0;
    if (state !== "seeding" || !this.#hasSeenAny) return false;
    if (peers.some((peer) => peer.progress < 1)) {
      this.#leechers = undefined;
      return false;
    }
    if (trackers.length === 0) return true;
    if (this.#leechers === undefined || this.#leechers > 0) this.#ask();
    return this.#leechers === 0;
  }

  #ask(): void {
    const now = performance.now();
    if (now - this.#askedAt < ASK_MS) return;
    this.#askedAt = now;
    this.settled = this.#engine.scrape(this.#infoHash).then(
      ({ leechers }) => this.#leechers = leechers,
      // Without an answer those who are connected are all that is known.
      () => this.#leechers = 0,
    ).then(() => {});
  }
}
