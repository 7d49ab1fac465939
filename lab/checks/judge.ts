/**
 * Judging: what came out, against what must, over all seeds of a variant.
 *
 * @module
 */
import { mean, median } from "../measures/statistics.ts";
import type { MachineWatch } from "../run/run_record.ts";
import type { Check, Comparison, Scenario } from "../scenario/scenario.ts";
import { type Ask, askOf, askOfLimit, keyOf } from "./asks.ts";

export type Verdict = "passed" | "failed" | "cannot tell";

/** What is kept of one run. */
export interface RunResult {
  readonly variant: string;
  readonly seed: number;
  readonly world: "virtual" | "real";
  /** ms */
  readonly endedAt: number;
  readonly course?: string;
  readonly machine?: MachineWatch;
  readonly remarks: readonly string[];
  /** `keyOf` an ask → its answer */
  readonly values: ReadonlyMap<string, number | undefined>;
}

/** One check on one variant. */
export interface Judgement {
  readonly check: Check;
  readonly variant: string;
  readonly verdict: Verdict;
  /** what all seeds come to; undefined: nothing was measured */
  readonly value?: number;
  /** what it is compared with, where that is one number */
  readonly limit?: number;
  /** one for each seed, in their order */
  readonly values: readonly (number | undefined)[];
  /** seeds that pass by themselves */
  readonly passing: number;
  /** why it cannot be told */
  readonly because?: string;
}

/** Judges every check on every variant that was run. */
export function judge(scenario: Scenario, results: readonly RunResult[]): Judgement[] {
  const byVariant = Map.groupBy(results, ({ variant }) => variant);
  return scenario.checks.flatMap((check) => {
    const variants = check.variants ?? [...scenario.variants.keys()];
    return variants.filter((variant) => byVariant.has(variant))
      .map((variant) => judgeOne(check, variant, byVariant));
  });
}

/** The verdict over all: one failure fails, else one doubt leaves it open. */
export function verdictOf(judgements: readonly Judgement[]): Verdict {
  const verdicts = judgements.map(({ verdict }) => verdict);
  if (verdicts.includes("failed")) return "failed";
  return verdicts.includes("cannot tell") || verdicts.length === 0 ? "cannot tell" : "passed";
}

function judgeOne(
  check: Check,
  variant: string,
  byVariant: ReadonlyMap<string, readonly RunResult[]>,
): Judgement {
  const runs = byVariant.get(variant)!;
  const values = valuesOf(runs, askOf(check));
  const reference = askOfLimit(check);
  const others = reference === undefined ? runs : byVariant.get(reference.variant ?? variant);
  const base = { check, variant, values, passing: 0 };
  if (others === undefined) {
    return { ...base, verdict: "cannot tell", because: `"${reference!.variant}" was not run` };
  }
  const measured = values.filter((one) => one !== undefined);
  if (measured.length < values.length) {
    const because = measured.length === 0
      ? "nothing in the run says so"
      : `${values.length - measured.length} of ${values.length} runs say nothing about it`;
    return { ...base, verdict: "cannot tell", because };
  }
  const limits = limitsOf(check, reference, others, values.length);
  if (limits.some((one) => one === undefined)) {
    return { ...base, verdict: "cannot tell", because: "what it is compared with is missing" };
  }
  const known = limits as number[];
  const passing =
    measured.filter((value, seed) => holds(check.comparison, value, known[seed] ?? known.at(-1)!))
      .length;
  const combine = check.over === "mean" || check.measure === "swarms_complete" ? mean : median;
  const value = combine(measured)!;
  const limit = combine(known);
  const isRight = check.over === "every"
    ? passing === values.length
    : check.over === "three of four"
    ? passing >= 0.75 * values.length
    : holds(check.comparison, value, limit ?? NaN);
  const slow = [...runs, ...others].map(({ machine }) => machine?.tooSlow)
    .find((one) => one !== undefined);
  return {
    ...base,
    value,
    ...(limit === undefined ? {} : { limit }),
    passing,
    verdict: isRight ? "passed" : slow === undefined ? "failed" : "cannot tell",
    ...(isRight || slow === undefined ? {} : { because: slow }),
  };
}

function valuesOf(runs: readonly RunResult[], ask: Ask): (number | undefined)[] {
  const key = keyOf(ask);
  return runs.map(({ values }) => values.get(key));
}

/** The limit of each seed. */
function limitsOf(
  { comparison }: Check,
  reference: ReturnType<typeof askOfLimit>,
  others: readonly RunResult[],
  seeds: number,
): (number | undefined)[] {
  if (reference !== undefined) {
    return valuesOf(others, reference)
      .map((one) => one === undefined ? undefined : reference.times * one);
  }
  if (!("limit" in comparison)) return [];
  return Array<number>(seeds).fill(comparison.limit as number);
}

function holds(comparison: Comparison, value: number, limit: number): boolean {
  switch (comparison.by) {
    case "at_least":
      return value >= limit;
    case "at_most":
      return value <= limit;
    case "above":
      return value > limit;
    case "below":
      return value < limit;
    case "between":
      return value >= comparison.from && value <= comparison.to;
    case "is":
      return comparison.is ? value === 1 : value === 0;
  }
}
