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

/** The scenarios, each with the variants that are about what our peer does, and what makes it cheap. */
export const SCENARIOS: Readonly<Record<string, { variants: string[]; settings?: string[] }>> = {
  "rarest-first": { variants: ["rarest"] },
  chokes: { variants: ["fast seed"] },
  strategies: { variants: ["slow seed"] },
  poisoner: { variants: ["blame", "four liars"] },
  "flash-crowd": {
    variants: ["64 KiB", "slow uplinks", "slow downlinks"],
    settings: ["content.size=16MiB", "peers.leech.count=20"],
  },
  "tracker-dies": { variants: [""] },
};

/** The checks of a scenario that do not pass, e.g. `chokes: clustering`. */
export async function failedChecks(name: string, mutant?: EngineMutant): Promise<string[]> {
  const { variants, settings = [] } = SCENARIOS[name]!;
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
    ...{ seeds: SEEDS, variants },
  });
  const failed = judgements.filter(({ verdict }) => verdict !== "passed");
  return [
    ...new Set(failed.map(({ check }) => {
      const [variant, ...more] = check.variants ?? [];
      // Several are about the same of different swarms.
      const isOfAnother = more.length === 0 && variants.indexOf(variant!) > 0;
      return `${name}: ${subjectOf(check)}${isOfAnother ? ` in ${variant}` : ""}`;
    })),
  ];
}
