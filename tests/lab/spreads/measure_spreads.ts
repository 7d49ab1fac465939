/**
 * Spreads: what the checks of the built-in scenarios measure with each of twenty seeds, by which their
 * limits are set.
 *
 * @module
 */
import { EngineWorld } from "../../../lab/engines/engine_world.ts";
import { runExperiment } from "../../../lab/experiment/experiment.ts";
import { askOf, askOfLimit, keyOf } from "../../../lab/checks/asks.ts";
import type { RunResult } from "../../../lab/checks/judge.ts";
import { BUILT_IN } from "../../../lab/scenario/built_in/mod.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import type { Scenario } from "../../../lab/scenario/scenario.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";

/** Seeds 1 to this. */
export const SPREAD_SEEDS = 20;

/** Variant → what is asked (`keyOf`) → its value with each seed, in their order. */
export type Spread = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** A built-in scenario as a file says it. */
export function builtIn(name: string): Scenario {
  return readScenario(BUILT_IN.get(name)!, name, { didYouMean: () => "" });
}

/** What the checks of a variant ask of it, and those that compare others with it. */
function askedOf(variant: string, { checks, variants }: Scenario): Set<string> {
  const keys = new Set<string>();
  for (const check of checks) {
    const judged = check.variants ?? [...variants.keys()];
    if (judged.includes(variant)) keys.add(keyOf(askOf(check)));
    const limit = askOfLimit(check);
    if (limit === undefined) continue;
    const isCompared = limit.variant === undefined
      ? judged.includes(variant)
      : limit.variant === variant;
    if (isCompared) keys.add(keyOf(limit));
  }
  return keys;
}

/** Plays a scenario of the virtual world. @throws {Error} where a seed has no value */
export async function measureSpread(name: string): Promise<Spread> {
  const scenario = builtIn(name);
  const { results } = await runExperiment(scenario, {
    worlds: {
      virtual: () => Promise.resolve(new VirtualWorld()),
      engines: () => Promise.resolve(new EngineWorld()),
      real: () => Promise.reject(new Error(`${name} is played in the real world`)),
    },
    seeds: Array.from({ length: SPREAD_SEEDS }, (_, index) => index + 1),
  });
  return spreadOf(scenario, results);
}

/** What the checks of a scenario asked of runs. @throws {Error} where one has no value */
export function spreadOf(scenario: Scenario, results: readonly RunResult[]): Spread {
  const spread: Record<string, Record<string, number[]>> = {};
  for (const { variant, seed, values } of results) {
    const measured = spread[variant] ??= {};
    for (const key of askedOf(variant, scenario)) {
      const value = values.get(key);
      if (value === undefined) {
        throw new Error(`${scenario.name}, ${variant}, seed ${seed}: no ${key}`);
      }
      // Five digits: more would be a record of the machine's arithmetic.
      (measured[key] ??= []).push(Number(value.toPrecision(5)));
    }
  }
  return spread;
}
