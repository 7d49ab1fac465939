import { keyOf } from "../../lab/checks/asks.ts";
import { judge, type Judgement, type RunResult, verdictOf } from "../../lab/checks/judge.ts";
import { limitWords, subjectOf, valueWords } from "../../lab/checks/wording.ts";
import type { MeasureName } from "../../lab/scenario/measure_names.ts";
import { readScenario } from "../../lab/scenario/read_scenario.ts";
import { assertEquals } from "../support/assert.ts";

/** A scenario with the variants a and b, and one check. */
function scenarioWith(check: Record<string, unknown>) {
  return readScenario(
    JSON.stringify({
      ...{ lab: 1, name: "s", question: "?", hypothesis: "!" },
      content: { size: "1 MiB", "piece_length": "64 KiB" },
      peers: [{ as: "seed", have: 1 }, { as: "leech" }],
      variants: { a: {}, b: {} },
      check: [{ why: "so", ...check }],
    }),
    "s",
    { didYouMean: () => "" },
  );
}

function results(
  measure: MeasureName,
  values: Record<string, (number | undefined)[]>,
  more: Partial<RunResult> = {},
): RunResult[] {
  return Object.entries(values).flatMap(([variant, list]) =>
    list.map((value, index): RunResult => ({
      ...{ variant, seed: index + 1, world: "virtual", endedAt: 1000, remarks: [] },
      values: new Map([[keyOf({ measure }), value]]),
      ...more,
    }))
  );
}

function verdicts(check: Record<string, unknown>, runs: readonly RunResult[]): string[] {
  return judge(scenarioWith(check), runs).map(({ verdict }) => verdict);
}

Deno.test("the median of all seeds is compared, unless every seed has to pass", () => {
  const runs = results("ratio", { a: [0.5, 2, 3] });
  assertEquals(verdicts({ measure: "ratio", variant: "a", "at_least": 2 }, runs), ["passed"]);
  assertEquals(verdicts({ measure: "ratio", variant: "a", above: 2 }, runs), ["failed"]);
  const every = { measure: "ratio", variant: "a", "at_least": 1, over: "every" };
  assertEquals(verdicts(every, runs), ["failed"]);
  assertEquals(verdicts({ ...every, over: "mean", "at_most": undefined }, runs), ["passed"]);
  assertEquals(verdicts({ ...every, "at_least": 0.5 }, runs), ["passed"]);
});

Deno.test("three of four seeds are enough where direction is all that a paper says", () => {
  const check = {
    ...{ measure: "ratio", variant: "a", below: { variant: "b" }, over: "three of four" },
  };
  const runs = (a: number[]) => results("ratio", { a, b: [2, 2, 2, 2] });
  assertEquals(verdicts(check, runs([1, 1, 1, 3])), ["passed"]);
  assertEquals(verdicts(check, runs([1, 1, 3, 3])), ["failed"]);
});

Deno.test("a check without a variant is made in each", () => {
  const runs = results("ratio", { a: [1], b: [3] });
  assertEquals(verdicts({ measure: "ratio", between: [2, 4] }, runs), ["failed", "passed"]);
});

Deno.test("what was not measured, not run, or measured by a slow machine cannot be told", () => {
  const check = { measure: "ratio", variant: "a", "at_least": 2 };
  assertEquals(verdicts(check, results("ratio", { a: [undefined] })), ["cannot tell"]);
  assertEquals(verdicts(check, results("ratio", { a: [3, undefined] })), ["cannot tell"]);
  const against = { ...check, "at_least": { variant: "b" } };
  assertEquals(verdicts(against, results("ratio", { a: [3] })), ["cannot tell"]);
  const machine = { timerLag: 50, cpu: 1, wireLag: 50, tooSlow: "it was busy" };
  const [slow] = judge(scenarioWith(check), results("ratio", { a: [1] }, { machine }));
  assertEquals([slow!.verdict, slow!.because], ["cannot tell", "it was busy"]);
  // What came out right in spite of it did come out right.
  assertEquals(verdicts(check, results("ratio", { a: [2] }, { machine })), ["passed"]);
});

Deno.test("what never came about is no number: it fails a limit from above, not from below", () => {
  const runs = results("makespan", { a: [Infinity] });
  assertEquals(verdicts({ measure: "makespan", variant: "a", "at_most": "90s" }, runs), ["failed"]);
  assertEquals(verdicts({ measure: "makespan", variant: "a", above: "90s" }, runs), ["passed"]);
});

Deno.test("one failure fails all, one doubt leaves it open, and no check decides nothing", () => {
  const of = (...verdicts: string[]) =>
    verdictOf(verdicts.map((verdict) => ({ verdict })) as unknown as Judgement[]);
  assertEquals(of("passed", "passed"), "passed");
  assertEquals(of("passed", "cannot tell", "failed"), "failed");
  assertEquals(of("passed", "cannot tell"), "cannot tell");
  assertEquals(of(), "cannot tell");
});

Deno.test("a judgement in words", () => {
  const words = (check: Record<string, unknown>, a: (number | undefined)[], b: number[] = []) => {
    const measure = check.measure as MeasureName;
    const [one] = judge(scenarioWith({ variant: "a", ...check }), results(measure, { a, b }));
    return `${subjectOf(one!.check)}: ${valueWords(one!)}; ${limitWords(one!)}`;
  };
  assertEquals(
    words({ measure: "makespan", "at_most": "90s" }, [61_230]),
    "makespan: 61.2 s; at most 90 s",
  );
  assertEquals(
    words({ measure: "complete", below: { variant: "b" } }, [0, 0.5], [1, 1]),
    'complete: 25 % (median of 2 runs); less than in "b" (100 %)',
  );
  assertEquals(
    words({ measure: "by_p2p", "at_least": { variant: "b", times: 3 }, over: "every" }, [4, 5], [
      1,
      2,
    ]),
    'by P2P: 4.5, right in 1 of 2 runs; at least 3 × in "b" (4.5)',
  );
  assertEquals(words({ measure: "complete", is: true }, [1]), "complete: yes; yes");
  assertEquals(
    words({ measure: "rule_breaks", "at_most": 0 }, [undefined]),
    "rule breaks: not measured; at most 0",
  );
});
