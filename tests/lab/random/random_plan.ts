/**
 * Random plans for the virtual world: small swarms to which everything happens that a scenario can
 * name. One seed, one plan.
 *
 * @module
 */
import type { PlannedEvent, PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";
import { seededRandom } from "../../../lab/virtual/seeded_random.ts";
import { memberOf } from "../virtual/plans.ts";

/** Draws of one plan. */
class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  is(share: number): boolean {
    return this.#random() < share;
  }

  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  /** A whole number. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }
}

const RATES = [20_000, 50_000, 100_000, 200_000, 1_000_000];
const DOWN_RATES = [20_000, 50_000, 200_000, 400_000, 1_000_000];
/** Those of before, by which plans that once failed are still named. */
export const FAST_DOWN_RATES = [200_000, 400_000, 1_000_000];

/** A member that may do as it likes, as long as others can complete without it. */
function odd(draw: Draw, index: number): PlannedMember {
  const id = `odd ${index}`;
  const up = draw.one(RATES);
  const arrivesAt = draw.between(0, 30_000);
  switch (draw.between(0, 7)) {
    case 0:
      return memberOf({ id, up, arrivesAt, haveAtStart: 1, policies: { corrupt: 0.3 } });
    case 1:
      return memberOf({ id, up, arrivesAt, haveAtStart: 1, policies: { corrupt: 0.02 } });
    case 2:
      return memberOf({ id, up, arrivesAt, strategy: "free rider" });
    case 3:
      return memberOf({ id, up, arrivesAt, haveAtStart: 1, strategy: "silent" });
    case 4:
      return memberOf({ id, up, arrivesAt, haveAtStart: 1, strategy: "slow last block" });
    case 5:
      return memberOf({ id, up, arrivesAt, strategy: draw.one(["tyrant", "prop share"]) });
    case 6:
      return memberOf({ id, up, arrivesAt, policies: { profile: "textbook", order: "random" } });
    default: {
      const stay = { until: "time", ms: draw.between(5000, 60_000) } as const;
      return memberOf({ id, up, arrivesAt, haveAtStart: draw.one([0, 0.5, 1]), stay });
    }
  }
}

/** What happens to members; nothing of it lasts. */
function trouble(draw: Draw, ids: readonly string[]): PlannedEvent[] {
  const at = draw.between(3000, 60_000);
  const later = at + draw.between(1000, 40_000);
  const who = [draw.one(ids)];
  switch (draw.between(0, 4)) {
    case 0:
      return [{ do: "kill", who, at }, { do: "start", who, at: later }];
    case 1:
      return [{ do: "pause", who, at }, { do: "resume", who, at: later }];
    case 2:
      return [{ do: "tracker down", at }, { do: "tracker up", at: later }];
    case 3: {
      const from = ids.filter((id) => !who.includes(id) && draw.is(0.5));
      return [{ do: "cut", who, from, at }, { do: "join", who, from, at: later }];
    }
    default:
      return [{ do: "set", who, up: draw.one(RATES), at }];
  }
}

/** Members of a random plan that lie on purpose. */
export const isLiar = ({ policies }: PlannedMember): boolean => policies.corrupt > 0;

/** A plan in which all that stay can complete: one honest seed is there to the end. */
export function randomPlan(seed: number, downRates: readonly number[] = DOWN_RATES): RunPlan {
  const draw = new Draw(seed);
  const pieceLength = draw.one([1 << 14, 1 << 15, 1 << 16, 1 << 18]);
  const size = pieceLength * draw.between(8, 48) - draw.one([0, 1, 5000, 16_383]);
  const seedOf = { id: "seed", haveAtStart: 1, up: draw.one(RATES) };
  const members = [
    memberOf({ ...seedOf, policies: { isSuperSeed: draw.is(0.15) } }),
    ...Array.from({ length: draw.between(1, 10) }, (_, index) =>
      memberOf({
        id: `leech ${index + 1}`,
        up: draw.one(RATES),
        ...draw.is(0.3) ? { down: draw.one(downRates) } : {},
        arrivesAt: draw.is(0.5) ? 0 : draw.between(0, 40_000),
        policies: {
          ...draw.is(0.2) ? { order: "sequential" as const } : {},
          ...draw.is(0.3) ? { slots: draw.between(2, 6) } : {},
        },
      })),
    ...Array.from({ length: draw.between(0, 4) }, (_, index) => odd(draw, index + 1)),
  ];
  const ids = members.map(({ id }) => id);
  const events = Array.from({ length: draw.between(0, 3) }, () => trouble(draw, ids)).flat();
  return {
    scenario: "random",
    ...{ variant: "", world: "virtual", depth: "decisions", seed, limit: 7_200_000 },
    content: { size, pieceLength },
    net: {
      latency: draw.one([1, 20, 150]),
      jitter: draw.one([0, 0, 10]),
      loss: draw.one([0, 0, 0.001, 0.01]),
    },
    tracker: { interval: draw.one([5000, 30_000]), numwant: 50 },
    members,
    events: events.toSorted((a, b) => ("at" in a ? a.at : 0) - ("at" in b ? b.at : 0)),
  };
}
