import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { judgeMachine, MachineLoad } from "../../../lab/real/machine_load.ts";

/** A machine that has just kept up. */
const KEPT_UP = { timerLag: 19.9, cpu: 0.79, wireLag: 9.9 };

Deno.test("a machine that just kept up leaves the verdict to the checks", () => {
  assertEquals(judgeMachine(KEPT_UP, 8), KEPT_UP);
});

for (
  const [late, says] of [
    [{ timerLag: 20 }, "timers were 20 ms late"],
    [{ cpu: 0.8 }, "its processors were 80 % busy"],
    [{ wireLag: 10 }, "wires were 10 ms late"],
  ] as const
) {
  Deno.test(`where ${says}, the run says nothing about the programs`, () => {
    const { tooSlow = "" } = judgeMachine({ ...KEPT_UP, ...late }, 2);
    assertStringIncludes(tooSlow, `The machine was too busy to tell: ${says}. Run it again`);
    assert(!tooSlow.includes("--peers"), tooSlow);
  });
}

Deno.test("a run of many members is told to try with half of them", () => {
  const { tooSlow = "" } = judgeMachine({ ...KEPT_UP, cpu: 1 }, 9);
  assertStringIncludes(tooSlow, "or with --peers 5");
});

Deno.test("one wire of a hundred may be late, two may not", () => {
  const lagOf = (late: number) => {
    const load = new MachineLoad();
    for (let i = 0; i < 100; i++) load.wireLate(i < late ? 500 : 1);
    return load.end(2).wireLag;
  };
  assertEquals([lagOf(1), lagOf(2)], [1, 500]);
});
