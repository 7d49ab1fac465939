/**
 * Which tracker to ask, when, and with which event (BEP 3, 12, 31).
 *
 * @module
 */
import { untilNextAnnounce, untilNextTry } from "./waits.ts";

/** One tracker of one torrent. */
export interface TrackerSnapshot {
  readonly url: string;
  readonly tier: number;
  readonly status: "idle" | "announcing" | "working" | "failing";
  /** The tracker's own words, or why it could not be asked. */
  readonly message: string | undefined;
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
  readonly completed: number | undefined;
  /** Seconds until it is asked again; undefined where nothing is planned. */
  readonly nextAnnounceIn: number | undefined;
}

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

/** Trackers of one torrent that are used: those of the first tiers. */
export const MAX_USED_TRACKERS = 50;

/**
 * BEP 12: trackers of a tier are tried in shuffled order; the first that answers moves to the front
 * and is the one we stay with; a lower tier is asked only when all above it fail.
 */
export class AnnouncePlan {
  readonly #tiers: PlannedTracker[][];
  #current: PlannedTracker | undefined;
  #announcing = false;

  readonly #wasComplete: boolean;
  /** Trackers that it was told, each once: more than {@linkcode MAX_USED_TRACKERS} are left out. */
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
    this.#wasComplete = wasComplete;
    this.named = new Set(tiers.flat()).size;
    this.#tiers = firstTrackers(tiers, MAX_USED_TRACKERS).map((tier, index) =>
      tier
        .map((url) => ({ url, key: random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ url }) => planned(url, index, wasComplete))
    );
  }

  /** One more tracker, in a tier of its own behind all others; nothing where it is known. */
  add(url: string): void {
    if (this.trackers.some((tracker) => tracker.url === url)) return;
    this.#tiers.push([planned(url, this.#tiers.length, this.#wasComplete)]);
  }

  get tierCount(): number {
    return this.#tiers.length;
  }

  get trackers(): PlannedTracker[] {
    return this.#tiers.flat();
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
    const tier = this.#tiers[tracker.tier]!;
    tier.splice(tier.indexOf(tracker), 1);
    tier.unshift(tracker);
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
    const above = current === undefined
      ? this.trackers
      : this.trackers.filter(({ tier }) => tier < current.tier);
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

/** The first `most` trackers, each once, in the tiers they are in. */
function firstTrackers(tiers: readonly (readonly string[])[], most: number): string[][] {
  const seen = new Set<string>();
  const first: string[][] = [];
  for (const tier of tiers) {
    const kept: string[] = [];
    for (const url of tier) {
      if (seen.size >= most) break;
      if (!seen.has(url)) kept.push(url);
      seen.add(url);
    }
    if (kept.length > 0) first.push(kept);
    if (seen.size >= most) break;
  }
  return first;
}

/** Tiers with the trackers of today in front; a private torrent keeps to its own (BEP 27). */
export function withMoreTrackers(
  tiers: readonly (readonly string[])[],
  more: readonly string[],
  isPrivate: boolean,
): readonly (readonly string[])[] {
  if (isPrivate && tiers.length > 0) return tiers;
  const known = new Set(tiers.flat());
  return [...more.filter((url) => !known.has(url)).map((url) => [url]), ...tiers];
}
