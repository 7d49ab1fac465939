/**
 * Plans for tests of the virtual world, without a scenario file.
 *
 * @module
 */
import type { PlannedEvent, PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";

type Given = Partial<Omit<PlannedMember, "policies">> & {
  readonly id: string;
  readonly policies?: Partial<PlannedMember["policies"]>;
};

/** A member with everything that is not `given` as usual: 100 kB/s up, here from the start. */
export function memberOf(given: Given): PlannedMember {
  return {
    name: given.id.split(" ")[0]!,
    up: 100_000,
    arrivesAt: 0,
    haveAtStart: 0,
    program: "vtorrent",
    strategy: "normal",
    stay: { until: "end" },
    lacks: [],
    stdin: [],
    isOptional: false,
    isMagnet: false,
    utp: "off",
    ...given,
    policies: {
      ...{
        profile: "full",
        without: [],
        order: "rarest",
        isSuperSeed: false,
        blames: true,
        corrupt: 0,
      },
      sources: ["tracker"],
      ...given.policies,
    },
  };
}

/** A seed and `count` leeches. */
export function swarmOf(count: number, given: Partial<Given> = {}): PlannedMember[] {
  const leeches = Array.from(
    { length: count },
    (_, index) => memberOf({ ...given, id: `leech ${index + 1}` }),
  );
  return [memberOf({ id: "seed", haveAtStart: 1 }), ...leeches];
}

/** A plan of 2 MiB in pieces of 64 KiB, with everything that is not `given` as usual. */
export function planOf(
  members: readonly PlannedMember[],
  given: Partial<RunPlan> = {},
  events: readonly PlannedEvent[] = [],
): RunPlan {
  return {
    scenario: "test",
    variant: "",
    world: "virtual",
    depth: "decisions",
    seed: 1,
    limit: 1_800_000,
    content: { size: 2 << 20, pieceLength: 1 << 16 },
    net: { latency: 20, jitter: 0, loss: 0 },
    tracker: { interval: 5000, numwant: 50 },
    members,
    events,
    ...given,
  };
}
