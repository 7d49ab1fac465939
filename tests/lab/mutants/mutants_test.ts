/**
 * Planted faults: each makes exactly those checks of the built-in scenarios fail that are about it.
 *
 * The gate tries the two cheapest on their own scenarios. `LAB_MUTANTS=all` tries all on all of them,
 * and `LAB_MUTANTS=bans` those whose fault has this word.
 *
 * @module
 */
import { assertEquals } from "../../support/assert.ts";
import { MUTANTS } from "./engine_mutants.ts";
import { failedChecks, SCENARIOS } from "./find_faults.ts";

const chosen = Deno.env.get("LAB_MUTANTS");
/** Those that the gate tries. */
const CHEAP = ["it bans nobody", "it bans all who sent a block of a wrong piece"];

/** The scenario of a check as the table names it. */
function scenarioOf(check: string): string {
  return check.split(":")[0]!;
}

Deno.test({
  name: "without a fault every check passes",
  ignore: chosen === undefined,
  fn: async () => {
    for (const name of Object.keys(SCENARIOS)) assertEquals(await failedChecks(name), []);
  },
});

for (const mutant of MUTANTS) {
  const { fault, found, nearly = [] } = mutant;
  const isChosen = chosen === undefined
    ? CHEAP.includes(fault)
    : chosen === "all" || fault.includes(chosen);
  Deno.test({
    name: `the lab finds the fault: ${fault}`,
    ignore: !isChosen,
    fn: async () => {
      const names = chosen === undefined
        ? [...new Set(found.map(scenarioOf))]
        : Object.keys(SCENARIOS);
      const failed: string[] = [];
      for (const name of names) failed.push(...await failedChecks(name, mutant));
      assertEquals(failed.filter((check) => !nearly.includes(check)).sort(), [...found].sort());
    },
  });
}
