import type { RunRecord } from "../../../lab/run/run_record.ts";
import type { PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";
import { EngineWorld } from "../../../lab/engines/engine_world.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import { CROWD_RULES, type CrowdRule } from "../../../peer/lab.ts";
import { assert } from "../../support/assert.ts";
import { memberOf, planOf, swarmOf } from "./plans.ts";

type Members = (policies: Partial<PlannedMember["policies"]>) => PlannedMember[];

/** A figure of a swarm that a rule is about: the smaller the better. */
interface Figure {
  readonly of: Members;
  readonly given: Partial<RunPlan>;
  readonly figure: (record: RunRecord) => number;
}

const PIECES_OF_64 = { content: { size: 16 << 20, pieceLength: 1 << 16 } };
const PIECES_OF_256 = { content: { size: 16 << 20, pieceLength: 1 << 18 } };

/** Seconds until the last one is complete. */
function makespan({ events }: RunRecord): number {
  return Math.max(...events.flatMap(({ what, t }) => what === "completed" ? [t / 1000] : []));
}

/** Share of the blocks that came twice. */
function twice({ events }: RunRecord): number {
  const blocks = events.filter((event) => event.what === "block");
  return blocks.filter(({ isDuplicate }) => isDuplicate).length / blocks.length;
}

/** Copies that the seed gave. */
function copies({ events, size }: RunRecord): number {
  const given = events.filter((event) => event.what === "block" && event.from === "seed");
  return given.reduce((sum, event) => sum + ("length" in event ? event.length : 0), 0) / size;
}

/** Pieces that were wrong. */
function wrong({ events }: RunRecord): number {
  return events.filter(({ what }) => what === "failed").length;
}

/** Seconds until each leech has a piece. */
function started({ events }: RunRecord): number {
  const first = new Map<string, number>();
  for (const event of events) {
    if (event.what !== "piece" || event.isStart || first.has(event.who)) continue;
    first.set(event.who, event.t / 1000);
  }
  return Math.max(...first.values());
}

/** Calls of the one that came late which found no place. */
function vain({ events }: RunRecord): number {
  const calls = events.filter((event) => event.what === "dialled" && event.who === "late");
  const taken = events.filter((event) => event.what === "connected" && event.who === "late");
  return calls.length - taken.length;
}

/** Twenty with the same uplink. */
const crowd: Members = (policies) => {
  const all = swarmOf(20, { policies });
  return all.map((one) => ({ ...one, policies: { ...one.policies, ...policies } }));
};

const FIGURES: Readonly<Record<CrowdRule, Figure>> = {
  "first-copies": { of: crowd, given: PIECES_OF_64, figure: copies },
  "piece-turns": { of: crowd, given: PIECES_OF_64, figure: makespan },
  "seed-sparing": { of: crowd, given: PIECES_OF_256, figure: makespan },
  "uplink-slots": { of: crowd, given: PIECES_OF_256, figure: makespan },
  "downlink-queue": {
    of: (policies) => crowd(policies).map((one) => ({ ...one, up: 300_000, down: 50_000 })),
    given: { content: { size: 8 << 20, pieceLength: 1 << 16 } },
    figure: twice,
  },
  "relief": {
    of: (policies) => crowd(policies).map((one) => ({ ...one, up: 300_000, down: 50_000 })),
    given: { content: { size: 8 << 20, pieceLength: 1 << 16 } },
    figure: twice,
  },
  "peer-trials": {
    of: (policies) => [
      ...crowd(policies),
      ...Array.from({ length: 6 }, (_, index) =>
        memberOf({
          id: `liar ${index + 1}`,
          haveAtStart: 1,
          policies: { ...policies, corrupt: 1 },
        })),
    ],
    given: PIECES_OF_64,
    figure: wrong,
  },
  "starters-first": {
    of: (policies) => [
      memberOf({ id: "seed", haveAtStart: 1, up: 4_000_000, policies: { ...policies, slots: 61 } }),
      ...swarmOf(100, { up: 60_000, down: 250_000, policies }).slice(1),
    ],
    given: {
      content: { size: 15 << 20, pieceLength: 1 << 16 },
      tracker: { interval: 60_000, numwant: 200 },
      limit: 60_000,
    },
    figure: started,
  },
  "caller-places": {
    of: (policies) => [
      ...swarmOf(150, { policies }),
      memberOf({ id: "late", arrivesAt: 10_000, policies }),
    ],
    given: { ...PIECES_OF_256, tracker: { interval: 60_000, numwant: 200 }, limit: 30_000 },
    figure: vain,
  },
};

for (const rule of Object.keys(CROWD_RULES) as CrowdRule[]) {
  Deno.test(`without ${rule} the figure that it is about is worse`, async () => {
    const { of, given, figure } = FIGURES[rule];
    const sum = async (policies: Partial<PlannedMember["policies"]>) => {
      let figures = 0;
      for (const seed of [1, 2, 3]) {
        figures += figure(await new VirtualWorld().run(planOf(of(policies), { ...given, seed })));
      }
      return figures;
    };
    const [withIt, withoutIt] = [await sum({}), await sum({ without: [rule] })];
    assert(withoutIt > withIt, `${withoutIt / 3} without, ${withIt / 3} with it`);
  });
}

Deno.test("a whole engine decides without a rule as well", async () => {
  // Of one small swarm a block more or less would decide.
  const play = async (without: readonly CrowdRule[]) => {
    let given = 0;
    for (const seed of [1, 2, 3]) {
      const plan = planOf(crowd({ without }).slice(0, 9), {
        ...{ depth: "engine", seed },
        content: { size: 2 << 20, pieceLength: 1 << 16 },
      });
      given += copies(await new EngineWorld().run(plan)) / 3;
    }
    return given;
  };
  const [all, greedy] = [await play([]), await play(["first-copies", "seed-sparing"])];
  assert(greedy > 1.2 * all, `${greedy} without, ${all} with`);
});
