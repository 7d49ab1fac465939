/**
 * Plans of real runs for tests, short where nothing is said.
 *
 * @module
 */
import type { PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";

/** A member that wants everything, with 1 MB/s each way. */
export function member(id: string, more: Partial<PlannedMember> = {}): PlannedMember {
  return {
    ...{ id, name: id.replace(/ \d+$/, ""), up: 1_000_000, down: 4_000_000 },
    ...{ arrivesAt: 0, haveAtStart: 0, program: "vtorrent", strategy: "normal" },
    policies: {
      ...{ profile: "full", without: [], order: "rarest", isSuperSeed: false, blames: true },
      ...{ sources: ["tracker"], corrupt: 0 },
    },
    ...{
      stay: { until: "end" },
      lacks: [],
      stdin: [],
      isOptional: false,
      isMagnet: false,
      utp: "off" as const,
    },
    ...more,
  };
}

/** A member that has everything. */
export function seed(more: Partial<PlannedMember> = {}): PlannedMember {
  return member("seed", { haveAtStart: 1, ...more });
}

/** A run of these members. */
export function planOf(members: PlannedMember[], more: Partial<RunPlan> = {}): RunPlan {
  return {
    ...{ scenario: "test", variant: "", world: "real", depth: "decisions", seed: 1, limit: 60_000 },
    content: { size: 1_000_000, pieceLength: 65_536 },
    net: { latency: 5, jitter: 0, loss: 0 },
    tracker: { interval: 3000, numwant: 50 },
    ...{ members, events: [] },
    ...more,
  };
}
