/**
 * Measure: one number about one run, by its name in the table.
 *
 * @module
 */
import type { RunRecord } from "../run/run_record.ts";
import { type MeasureName, MEASURES } from "../scenario/measure_names.ts";
import { membersOf } from "../scenario/scenario.ts";
import {
  clustering,
  foundBy,
  interest,
  optimisticGap,
  regularMost,
  retryGaps,
} from "./choosing.ts";
import {
  bannedBy,
  distinctShare,
  failedShare,
  givenCopies,
  honestBans,
  overheadOf,
  parallelOf,
  ratioOf,
  sameBytes,
  serviceEvenness,
  sourcesOf,
  uplinkUse,
  wastedShare,
} from "./giving.ts";
import { jain, median, slope, sum } from "./statistics.ts";
import { isLeecher, type MemberTally, type Tally, tallyOf } from "./tally.ts";
import {
  boundClientServer,
  boundMakespan,
  boundP2p,
  completionOf,
  completions,
  gaveUp,
  incompleteAt,
  makespan,
  transient,
  withinOf,
} from "./times.ts";

/** Of whom. */
export interface MeasureOptions {
  /** names of groups or members; default: the leechers, or the seeds for what seeds give */
  readonly of?: readonly string[];
  readonly against?: readonly string[];
}

/** What a function of the table below gets. */
interface Asked {
  readonly tally: Tally;
  readonly of: readonly MemberTally[];
  readonly against: readonly MemberTally[];
}

type Compute = (asked: Asked) => number | undefined;
type ComputeOne = (member: MemberTally, tally: Tally) => number | undefined;

/** Measures whose default is the seeds, not the leechers. */
const OF_SEEDS: readonly MeasureName[] = ["given_copies", "distinct_share", "seed_service_jain"];

/**
 * Computes a measure: Infinity where what is timed never came about, undefined where the run says
 * nothing about it.
 */
export function measure(
  record: RunRecord,
  name: MeasureName,
  { of, against = [] }: MeasureOptions = {},
): number | undefined {
  const tally = tallyOf(record);
  const all = [...tally.members.values()];
  const named = (names: readonly string[]) => {
    const ids = new Set(membersOf(record.members, names).map(({ id }) => id));
    return all.filter(({ member }) => ids.has(member.id));
  };
  const wantsSeeds = OF_SEEDS.includes(name);
  const chosen = of === undefined
    ? all.filter(({ member }) => isLeecher(member) !== wantsSeeds)
    : named(of);
  const asked = { tally, of: chosen, against: named(against) };
  const compute = COMPUTE[name];
  if (compute !== undefined) return compute(asked);
  const numbers = chosen.flatMap((one) => COMPUTE_ONE[name]!(one, tally) ?? []);
  if (numbers.length === 0) return undefined;
  switch (MEASURES[name].of) {
    case "sum":
      return sum(numbers);
    case "most":
      return Math.max(...numbers);
    default:
      return median(numbers);
  }
}

/** Measures of each member. */
const COMPUTE_ONE: Readonly<Partial<Record<MeasureName, ComputeOne>>> = {
  completion: (one) => gaveUp(one) ? undefined : completionOf(one),
  given: ({ given }) => given,
  taken: ({ taken }) => taken,
  ratio: ratioOf,
  sources: (one, tally) => sourcesOf(tally, one),
  parallel: parallelOf,
  "found_by_tracker": (one) => foundBy(one, "tracker"),
  "found_by_pex": (one) => foundBy(one, "pex"),
  "found_by_dht": (one) => foundBy(one, "dht"),
  "found_by_lsd": (one) => foundBy(one, "lsd"),
  "work_lost": ({ fetchedAgain }) => fetchedAgain,
  // Only there somebody watches: no rule that was seen to be broken elsewhere means nothing.
  "rule_breaks": ({ rulesBroken }, { record }) => record.world === "real" ? rulesBroken : undefined,
  "regular_most": (one, tally) => regularMost(tally, one),
  "optimistic_gap": (one, tally) => optimisticGap(tally, one),
};

/** Measures of the swarm, or of a group as a whole. */
const COMPUTE: Readonly<Partial<Record<MeasureName, Compute>>> = {
  complete: ({ of }) => of.length === 0 ? undefined : of.filter(isComplete).length / of.length,
  "swarms_complete": ({ of }) => {
    const staying = of.filter((one) => !gaveUp(one));
    return staying.length === 0 ? undefined : Number(staying.every(isComplete));
  },
  makespan: ({ of }) => makespan(of),
  p50: ({ of }) => withinOf(of, 0.5),
  p95: ({ of }) => withinOf(of, 0.95),
  "last_median": ({ of }) => over(withinOf(of, 1), withinOf(of, 0.5)),
  "bound_p2p": ({ tally }) => boundP2p(tally),
  "bound_client_server": ({ tally }) => boundClientServer(tally),
  "bound_makespan": ({ tally }) => boundMakespan(tally),
  "by_p2p": (asked) => over(makespan(asked.of), boundP2p(asked.tally)),
  "by_client_server": (asked) => over(makespan(asked.of), boundClientServer(asked.tally)),
  "by_makespan": (asked) => over(makespan(asked.of), boundMakespan(asked.tally)),
  efficiency: (asked) => over(boundP2p(asked.tally), makespan(asked.of)),
  "uplink_use": ({ tally }) => uplinkUse(tally),
  transient: ({ tally }) => transient(tally),
  "given_copies": ({ tally, of }) => givenCopies(tally, of),
  "distinct_share": ({ tally, of }) => distinctShare(tally, of),
  jain: ({ of }) => jain(of.map(({ given }) => given)),
  "seed_service_jain": ({ tally, of }) => serviceEvenness(tally, of),
  interest: ({ tally }) => interest(tally, 0.5),
  "interest_p20": ({ tally }) => interest(tally, 0.2),
  "interest_p80": ({ tally }) => interest(tally, 0.8),
  clustering: ({ tally }) => clustering(tally),
  penalty: ({ tally, of }) => {
    const others = [...tally.members.values()].filter((one) => !of.includes(one));
    return over(median(completions(of)), median(completions(others)));
  },
  slowdown: ({ of, against }) => over(median(completions(of)), median(completions(against))),
  wasted: ({ of }) => wastedShare(of),
  overhead: ({ tally, of }) => overheadOf(tally, of),
  "failed_share": ({ tally, of }) => failedShare(tally, of),
  "banned_by": ({ tally, of }) => bannedBy(tally, of),
  "honest_bans": ({ tally }) => honestBans(tally),
  "same_bytes": ({ tally, of }) => sameBytes(tally, of),
  growth: ({ tally, of }) => {
    const { endedAt } = tally.record;
    return over(incompleteAt(of, endedAt - 1), incompleteAt(of, endedAt / 3));
  },
  "population_trend": ({ tally, of }) => {
    const seconds = Array.from({ length: Math.floor(tally.record.endedAt / 1000) }, (_, i) => i);
    const perSecond = slope(seconds.map((at) => [at, incompleteAt(of, 1000 * at)]));
    return perSecond === undefined ? undefined : 60 * perSecond;
  },
  "retry_gaps": ({ of }) => {
    const gaps = of.flatMap((one) => retryGaps(one) ?? []);
    return gaps.length === 0 ? undefined : Math.min(...gaps);
  },
};

/** Owns every piece, from the start or since some time. */
function isComplete({ member, completedAt }: MemberTally): boolean {
  return completedAt !== undefined || !isLeecher(member);
}

function over(value: number | undefined, by: number | undefined): number | undefined {
  const quotient = (value ?? NaN) / (by ?? NaN);
  return Number.isNaN(quotient) || by === 0 ? undefined : quotient;
}
