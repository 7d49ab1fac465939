/**
 * The largest of many swarms, for people to look at.
 *
 * @module
 */
import type { SwarmCounts } from "./swarm_store.ts";

/** The `limit` largest swarms, the largest first, without keeping all of them. */
export function largestOf(swarms: Iterable<SwarmCounts>, limit: number): SwarmCounts[] {
  const size = ({ seeders, leechers }: SwarmCounts): number => seeders + leechers;
  let kept: SwarmCounts[] = [];
  const cut = (): void => {
    kept = kept.sort((a, b) => size(b) - size(a)).slice(0, limit);
  };
  for (const swarm of swarms) if (kept.push(swarm) >= 2 * limit) cut();
  cut();
  return kept;
}
