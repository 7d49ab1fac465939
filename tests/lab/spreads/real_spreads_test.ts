/**
 * Limits of scenarios of real programs, against the runs from which they come.
 *
 * @module
 */
import { judge } from "../../../lab/checks/judge.ts";
import { subjectOf } from "../../../lab/checks/wording.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { keptResults } from "./kept_results.ts";
import { REAL_SPREAD_SEEDS } from "./measure_real_spreads.ts";
import { builtIn, type Spread } from "./measure_spreads.ts";
import spreads from "./real_spreads.json" with { type: "json" };

for (const [name, spread] of Object.entries(spreads as Readonly<Record<string, Spread>>)) {
  Deno.test(`${name}: none of the real runs that were kept comes over a limit`, () => {
    const scenario = builtIn(name);
    assertEquals(Object.keys(spread), [...scenario.variants.keys()]);
    for (let seed = 1; seed <= REAL_SPREAD_SEEDS; seed++) {
      for (
        const { check, verdict, value, limit } of judge(
          scenario,
          keptResults(spread, [seed], "real"),
        )
      ) {
        assert(
          verdict === "passed",
          `${subjectOf(check)} with seed ${seed}: ${verdict}, ${value}, limit ${limit}`,
        );
      }
    }
  });
}
