/**
 * A swarm to which many come, as its cost is measured: 16 MiB, a quarter of an hour of arrivals, all of
 * them stay, each with the engine's usual connections.
 *
 * @module
 */
import type { RunPlan } from "../../../lab/scenario/run_plan.ts";
import { memberOf, planOf } from "./plans.ts";

/** ms in which all arrive; the run ends after 20 minutes. */
const ARRIVALS = 900_000;
const LIMIT = 1_200_000;

/** One seed and so many others. @param size bytes of the content */
export function manyPeers(count: number, size: number = 16 << 20): RunPlan {
  const seed = memberOf({ id: "seed", haveAtStart: 1, up: 400_000 });
  const others = Array.from({ length: count }, (_, index) =>
    memberOf({
      id: `leech ${index + 1}`,
      down: 800_000,
      arrivesAt: Math.round(ARRIVALS * index / count),
    }));
  return planOf([seed, ...others], {
    limit: LIMIT,
    content: { size, pieceLength: 1 << 16 },
    tracker: { interval: 120_000, numwant: 50 },
  });
}
