/**
 * Asks: every measure that checks, predictions and figures of a scenario want of each run, so that a
 * run can be forgotten once they are computed.
 *
 * @module
 */
import { measure } from "../measures/measure.ts";
import type { RunRecord } from "../run/run_record.ts";
import type { MeasureName } from "../scenario/measure_names.ts";
import type { Check, Reference, Scenario } from "../scenario/scenario.ts";

/** One measure of named members. */
export interface Ask {
  readonly measure: MeasureName;
  readonly of?: readonly string[];
  readonly against?: readonly string[];
}

/** Measures that every report tells. */
const ALWAYS: readonly MeasureName[] = [
  "complete",
  "makespan",
  "bound_p2p",
  "bound_client_server",
  "given_copies",
  "wasted",
];

/** The key that a measured value is kept under. */
export function keyOf({ measure, of, against }: Ask): string {
  return JSON.stringify([measure, of ?? [], against ?? []]);
}

/** What a check compares with, as an ask of its own; undefined: a plain number. */
export function askOfLimit(check: Check): Ask & { variant?: string; times: number } | undefined {
  const { comparison } = check;
  if (!("limit" in comparison) || typeof comparison.limit === "number") return undefined;
  const { variant, times = 1, ...rest }: Reference = comparison.limit;
  return {
    measure: rest.measure ?? check.measure,
    ...askedOf(rest.of ?? check.of),
    ...(check.against === undefined ? {} : { against: check.against }),
    ...(variant === undefined ? {} : { variant }),
    times,
  };
}

/** What a check measures. */
export function askOf({ measure, of, against }: Check): Ask {
  return { measure, ...askedOf(of), ...(against === undefined ? {} : { against }) };
}

function askedOf(of: readonly string[] | undefined): { of?: readonly string[] } {
  return of === undefined ? {} : { of };
}

/** Everything that is asked of a run of this scenario. */
export function asksOf({ checks, draws, predict }: Scenario): Ask[] {
  const asks: Ask[] = ALWAYS.map((measure) => ({ measure }));
  for (const check of checks) {
    asks.push(askOf(check));
    const limit = askOfLimit(check);
    if (limit !== undefined) asks.push(limit);
  }
  for (const { measure, of } of draws) {
    if (measure !== undefined) asks.push({ measure, ...askedOf(of) });
  }
  if (predict !== undefined) asks.push({ measure: predict.measure, ...askedOf(predict.of) });
  return [...new Map(asks.map((ask) => [keyOf(ask), ask])).values()];
}

/** Answers them. */
export function answers(record: RunRecord, asks: readonly Ask[]): Map<string, number | undefined> {
  return new Map(asks.map((ask) => [keyOf(ask), measure(record, ask.measure, ask)]));
}
