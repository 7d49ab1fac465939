/**
 * Seed goal: the ratio or time after which a torrent has been seeded enough.
 *
 * @module
 */
import type { SeedGoal } from "../options.ts";

/** What was given so far. */
export interface SeedFacts {
  /** Bytes, over the torrent's life. */
  readonly uploaded: number;
  /** Bytes of what is wanted. */
  readonly size: number;
  /** Seconds spent seeding, over the torrent's life. */
  readonly seeded: number;
}

/** Why it is enough, in words; undefined while it is not. */
export function goalReached(goal: SeedGoal, facts: SeedFacts): string | undefined {
  const { ratio, time } = goal;
  if (ratio !== undefined && facts.size > 0 && facts.uploaded >= ratio * facts.size) {
    return `it has given ${(facts.uploaded / facts.size).toFixed(2)} times its size`;
  }
  if (time !== undefined && facts.seeded >= time) {
    return `it has been seeding for ${Math.floor(facts.seeded)} s`;
  }
  return undefined;
}
