/**
 * Spreads of real runs: what the checks of a scenario of real programs measured with each of
 * twelve seeds, on a machine that kept up. Another machine measures something else, so these are kept for
 * where limits come from, and nothing is played again to compare.
 *
 * @module
 */
import { runExperiment } from "../../../lab/experiment/experiment.ts";
import type { RunResult } from "../../../lab/checks/judge.ts";
import { judgeMachine } from "../../../lab/real/machine_load.ts";
import { RealWorld } from "../../../lab/real/real_world.ts";
import type { Scenario } from "../../../lab/scenario/scenario.ts";
import { builtIn, type Spread, spreadOf } from "./measure_spreads.ts";

/** Seeds 1 to this: each takes as long as it says. */
export const REAL_SPREAD_SEEDS = 12;
/** Times that a seed is played until the machine keeps up. */
const TRIES = 10;

const NEVER = () => Promise.reject(new Error("only real programs are played here"));

/** Plays a scenario of the real world. @throws {Error} where the machine is too busy */
export async function measureRealSpread(name: string): Promise<Spread> {
  const scenario = builtIn(name);
  const results: RunResult[] = [];
  for (let seed = 1; seed <= REAL_SPREAD_SEEDS; seed++) results.push(...await kept(scenario, seed));
  return spreadOf(scenario, results);
}

async function kept(scenario: Scenario, seed: number): Promise<readonly RunResult[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { results } = await runExperiment(scenario, {
      worlds: { virtual: NEVER, engines: NEVER, real: () => Promise.resolve(new RealWorld()) },
      seeds: [seed],
    });
    if (results.every(wasInTime)) return results;
  }
  throw new Error(`${scenario.name}, seed ${seed}: the machine was too busy, ${TRIES} times`);
}

/** Whether timers and wires were: what else the processors did then does not matter. */
function wasInTime({ machine }: RunResult): boolean {
  return machine !== undefined && judgeMachine({ ...machine, cpu: 0 }, 1).tooSlow === undefined;
}
