/**
 * Seeding time: how long a torrent has been seeded, and whether that is enough.
 *
 * @module
 */
import type { SeedGoal } from "../options.ts";
import { goalReached } from "./seed_goal.ts";

/** One torrent's time as a seed, over its life. */
export class Seeding {
  /** Seconds. */
  seeded: number;
  /** It was resumed after it had been seeded enough: nobody stops it again. */
  isEndless = false;
  #lastTick = Infinity;

  constructor(seeded: number) {
    this.seeded = seeded;
  }

  /** A second has passed, seeding or not. */
  tick(now: number, isSeeding: boolean): void {
    if (isSeeding) this.seeded += Math.max(0, now - this.#lastTick) / 1000;
    this.#lastTick = now;
  }

  /** Why it is enough, where it is. Amounts in bytes. */
  enough(goal: SeedGoal, facts: { uploaded: number; size: number }): string | undefined {
    if (this.isEndless) return undefined;
    return goalReached(goal, { ...facts, seeded: this.seeded });
  }
}
