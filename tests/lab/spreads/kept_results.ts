/**
 * Kept spreads as what a lab would have measured.
 *
 * @module
 */
import type { RunResult } from "../../../lab/checks/judge.ts";
import type { Spread } from "./measure_spreads.ts";

/** The results of runs with these seeds (from 1). */
export function keptResults(
  spread: Spread,
  seeds: readonly number[],
  world: RunResult["world"],
): RunResult[] {
  return Object.entries(spread).flatMap(([variant, measured]) =>
    seeds.map((seed) => ({
      ...{ variant, seed, world, endedAt: 0, remarks: [] },
      values: new Map(Object.entries(measured).map(([key, values]) => [key, values[seed - 1]])),
    }))
  );
}
