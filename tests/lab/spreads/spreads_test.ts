import { judge } from "../../../lab/checks/judge.ts";
import { subjectOf } from "../../../lab/checks/wording.ts";
import { BUILT_IN, LONG } from "../../../lab/scenario/built_in/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { keptResults } from "./kept_results.ts";
import { builtIn, type Spread, SPREAD_SEEDS } from "./measure_spreads.ts";
import spreads from "./spreads.json" with { type: "json" };

Deno.test("every scenario that is played in virtual time alone has its spread, but the longest", () => {
  const virtual = [...BUILT_IN.keys()].filter((name) =>
    !LONG.has(name) &&
    [...builtIn(name).variants.values()].every(({ world }) => world === "virtual")
  );
  assertEquals(Object.keys(spreads).sort(), virtual.sort());
});

for (const [name, spread] of Object.entries(spreads as Readonly<Record<string, Spread>>)) {
  Deno.test(`${name}: no run of as many seeds comes over a limit, wherever it begins`, () => {
    const scenario = builtIn(name);
    assertEquals(Object.keys(spread), [...scenario.variants.keys()]);
    const [first, last] = scenario.seeds;
    for (let from = 0; from < SPREAD_SEEDS; from++) {
      const seeds = Array.from(
        { length: last - first + 1 },
        (_, index) => (from + index) % SPREAD_SEEDS + 1,
      );
      for (
        const { check, variant, verdict, value, limit } of judge(
          scenario,
          keptResults(spread, seeds, "virtual"),
        )
      ) {
        assert(
          verdict === "passed",
          `${
            subjectOf(check)
          } in "${variant}" with seeds ${seeds}: ${verdict}, ${value}, limit ${limit}`,
        );
      }
    }
  });
}
