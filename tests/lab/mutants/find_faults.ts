/**
 * Which checks of the built-in scenarios find a planted fault.
 *
 * @module
 */
import { runExperiment } from "../../../lab/experiment/experiment.ts";
import { subjectOf } from "../../../lab/checks/wording.ts";
import { BUILT_IN } from "../../../lab/scenario/built_in/mod.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import type { EngineMutant } from "./engine_mutants.ts";

/** Seeds of each scenario: enough for a median. */
const SEEDS = [1, 2, 3];

/** The scenarios, each with the variant that is about what our peer does, and what makes it cheap. */
export const SCENARIOS: Readonly<Record<string, { variant: string; settings?: string[] }>> = {
  "rarest-first": { variant: "rarest" },
  chokes: { variant: "fast seed" },
  strategies: { variant: "slow seed" },
  poisoner: { variant: "blame" },
  "flash-crowd": {
    variant: "64 KiB",
    settings: ["content.size=8MiB", "peers.leech.count=20"],
  },
  "tracker-dies": { variant: "" },
};

/** The checks of a scenario that do not pass, e.g. `chokes: clustering`. */
export async function failedChecks(name: string, mutant?: EngineMutant): Promise<string[]> {
  const { variant, settings = [] } = SCENARIOS[name]!;
  const scenario = readScenario(BUILT_IN.get(name)!, name, { didYouMean: () => "", settings });
  const never = () => Promise.reject(new Error(`${name} is played in another world`));
  const { judgements } = await runExperiment(scenario, {
    worlds: {
      virtual: () =>
        Promise.resolve(
          new VirtualWorld((behaviour, { strategy, policies }) =>
            // Those that are up to no good stay as they are.
            strategy === "normal" && policies.corrupt === 0
              ? mutant?.plant(behaviour) ?? behaviour
              : behaviour
          ),
        ),
      ...{ engines: never, real: never },
    },
    ...{ seeds: SEEDS, variants: [variant] },
  });
  return judgements.filter((one) => one.variant === variant && one.verdict !== "passed")
    .map(({ check }) => `${name}: ${subjectOf(check)}`);
}
