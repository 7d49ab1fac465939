/**
 * Announce schedule: which tracker is asked next and when, and which event it is owed.
 *
 * @module
 */
import { Tiers } from "./tiers.ts";
import type { TrackerSnapshot } from "../snapshot.ts";
import { untilNextAnnounce, untilNextTry } from "../rate/server_backoff.ts";

/** The facts of a tracker's reply that matter for the plan. */
export interface PlanReply {
  readonly interval: number;
  readonly minInterval?: number;
  readonly seeders?: number;
  readonly leechers?: number;
  readonly completed?: number;
  readonly trackerId?: string;
  readonly warning?: string;
}

/** One tracker of one tier. Times in ms. */
export interface PlannedTracker {
  readonly url: string;
  readonly tier: number;
  failures: number;
  nextAt: number;
  status: TrackerSnapshot["status"];
  message: string | undefined;
  /** It knows us: `started` was accepted and `stopped` is owed. */
  started: boolean;
  /** It was told that we completed, or knew us complete from the start. */
  completed: boolean;
  /** BEP 3: to be sent back with each further announce. */
  trackerId: string | undefined;
  reply: PlanReply | undefined;
}

/** What to announce. */
export interface DueAnnounce {
  readonly tracker: PlannedTracker;
  readonly event: "started" | "completed" | "none";
}

/** Seconds to wait after the n-th failure in a row of all trackers. */
const BACK_OFF = [5, 10, 20, 40, 60, 120, 300, 600, 1800] as const;

/** When each tracker of one torrent is announced to, one at a time, tier by tier. */
export class AnnounceSchedule {
  readonly #tiers: Tiers<PlannedTracker>;
  #current: PlannedTracker | undefined;
  #announcing = false;

  /** Trackers that it was told, each once: more than `MAX_USED_TRACKERS` are left out. */
  readonly named: number;

  /**
   * @param random uniform in [0, 1)
   * @param wasComplete it was complete in an earlier session: `completed` was said then, and is said
   * once only
   */
  constructor(
    tiers: readonly (readonly string[])[],
    random: () => number,
    wasComplete = false,
  ) {
    this.named = new Set(tiers.flat()).size;
    this.#tiers = new Tiers(tiers, random, (url, tier) => planned(url, tier, wasComplete));
  }

  /** Trackers that knew us by `other` know us still: `started` and `completed` are not said again. */
  inherit(other: AnnounceSchedule, complete: boolean): void {
    const known = new Map(other.trackers.map((tracker) => [tracker.url, tracker]));
    for (const tracker of this.trackers) {
      const before = known.get(tracker.url);
      if (!before?.started) continue;
      tracker.started = true;
      tracker.completed ||= complete;
      tracker.trackerId = before.trackerId;
    }
  }

  /** One more tracker, in a tier of its own behind all others; nothing where it is known. */
  add(url: string): void {
    this.#tiers.add(url);
  }

  get tierCount(): number {
    return this.#tiers.count;
  }

  get trackers(): PlannedTracker[] {
    return this.#tiers.trackers;
  }

  /** The announce that is due, marked as under way: exactly one at a time. */
  next(now: number, complete: boolean): DueAnnounce | undefined {
    if (this.#announcing) return undefined;
    const tracker = this.#choose(now);
    if (tracker === undefined) return undefined;
    const owesCompleted = complete && tracker.started && !tracker.completed;
    if (!owesCompleted && now < tracker.nextAt) return undefined;
    this.#announcing = true;
    tracker.status = "announcing";
    return {
      tracker,
      event: !tracker.started ? "started" : owesCompleted ? "completed" : "none",
    };
  }

  succeeded(due: DueAnnounce, reply: PlanReply, facts: { now: number; complete: boolean }): void {
    const { tracker } = due;
    this.#announcing = false;
    this.#current = tracker;
    tracker.status = "working";
    tracker.failures = 0;
    tracker.message = reply.warning;
    tracker.reply = reply;
    tracker.trackerId = reply.trackerId ?? tracker.trackerId;
    tracker.started = true;
    // BEP 3: no "completed" from a peer that was complete when it started.
    if (due.event === "completed" || (due.event === "started" && facts.complete)) {
      tracker.completed = true;
    }
    tracker.nextAt = facts.now + untilNextAnnounce(reply) * 1000;
    this.#tiers.promote(tracker);
  }

  /**
   * It did not answer, or refused. The next tracker is due at once; when all have failed, each
   * waits longer from round to round, with jitter so that a swarm does not come back as one.
   *
   * @returns seconds until this one is tried again; undefined for never
   */
  failed(
    due: DueAnnounce,
    error: {
      message: string;
      /** BEP 31: minutes. */
      retryIn?: number | "never" | undefined;
      /** Seconds. */
      minInterval?: number | undefined;
    },
    facts: { now: number; random: () => number },
  ): number | undefined {
    const { tracker } = due;
    this.#announcing = false;
    if (this.#current === tracker) this.#current = undefined;
    tracker.status = "failing";
    tracker.message = error.message;
    tracker.failures++;
    if (error.retryIn === "never") {
      tracker.nextAt = Infinity;
      return undefined;
    }
    const backOff = BACK_OFF[Math.min(tracker.failures, BACK_OFF.length) - 1]!;
    const wish = Math.max((error.retryIn ?? 0) * 60, error.minInterval ?? 0);
    const wait = untilNextTry(backOff, wish, facts.random());
    tracker.nextAt = facts.now + wait * 1000;
    return wait;
  }

  /** Something changed that the tracker should know, or the user asks: announce at once. */
  hurry(now: number): void {
    for (const tracker of this.trackers) {
      if (tracker.nextAt !== Infinity) tracker.nextAt = Math.min(tracker.nextAt, now);
    }
  }

  /** Trackers that are owed `stopped`; afterwards none knows us. */
  takeStopped(): PlannedTracker[] {
    const owed = this.trackers.filter((tracker) => tracker.started);
    for (const tracker of owed) {
      tracker.started = false;
      tracker.status = "idle";
      tracker.nextAt = 0;
    }
    this.#current = undefined;
    return owed;
  }

  snapshot(now: number): TrackerSnapshot[] {
    return this.trackers.map((tracker) => ({
      url: tracker.url,
      tier: tracker.tier,
      status: tracker.status,
      message: tracker.message,
      seeders: tracker.reply?.seeders,
      leechers: tracker.reply?.leechers,
      completed: tracker.reply?.completed,
      nextAnnounceIn: tracker.nextAt === Infinity || tracker.nextAt === 0
        ? undefined
        : Math.max(0, (tracker.nextAt - now) / 1000),
    }));
  }

  #choose(now: number): PlannedTracker | undefined {
    const current = this.#current;
    if (current !== undefined && now < current.nextAt) return current;
    // BEP 12: each round begins with the tiers above, as soon as they may answer again.
    const above = current === undefined ? this.trackers : this.#tiers.above(current);
    return above.find(({ nextAt }) => nextAt <= now) ?? current;
  }
}

function planned(url: string, tier: number, completed: boolean): PlannedTracker {
  return {
    url,
    tier,
    failures: 0,
    nextAt: 0,
    status: "idle",
    message: undefined,
    started: false,
    completed,
    trackerId: undefined,
    reply: undefined,
  };
}
