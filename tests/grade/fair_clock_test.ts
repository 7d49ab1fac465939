import { FairClock } from "../../lab/grade/fair_clock.ts";
import { programOf, runSteps, type Step } from "../../lab/grade/mod.ts";
import type { Trial } from "../../lab/grade/trial.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** ms for which this program does nothing else, as on a machine that has no processor for it. */
const HELD_UP = 1500;

function holdUp(): void {
  const end = performance.now() + HELD_UP;
  while (performance.now() < end);
}

/** Waits until a clock has noticed. */
async function untilLost(clock: { readonly lost: number }): Promise<void> {
  while (clock.lost < HELD_UP / 2) await new Promise((resolve) => setTimeout(resolve, 10));
}

Deno.test("the clock of a probe stands still while nobody had a processor", async () => {
  using clock = new FairClock(() => undefined);
  while (clock.now === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = clock.now;
  holdUp();
  await untilLost(clock);
  assert(clock.now - before < HELD_UP / 2, `${clock.now - before} ms went by`);
});

/** Runs one probe that fails at first, and gives its verdict and how often it ran. */
async function judged(first: (trial: Trial) => Promise<void>): Promise<[string, number]> {
  await using folder = await TempFolder.make();
  let runs = 0;
  const probe = {
    id: "P1.1",
    title: "A probe",
    points: 1,
    run: async (trial: Trial) => {
      if (++runs > 1) return;
      await first(trial);
      trial.fail({ expected: "an answer", seen: "nothing", why: "It was asked" });
    },
  };
  const step: Step = { id: "P1", of: "peer", title: "A step", needs: [], probes: [probe] };
  const [outcome] = await runSteps([step], {
    program: programOf(["true"]),
    seed: 1,
    folder: folder.path,
    only: [],
    slow: false,
    all: false,
    stop: new AbortController().signal,
  });
  return [outcome!.verdict, runs];
}

Deno.test("a failure on a machine that was held up is not believed before another run", async () => {
  const heldUp = async (trial: Trial) => {
    holdUp();
    await untilLost({
      get lost() {
        return trial.lostTime;
      },
    });
  };
  assertEquals(await judged(heldUp), ["passed", 2]);
});
