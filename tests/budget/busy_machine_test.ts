/**
 * A real run while other programs take all processors: it passes, or it says that it cannot tell; it
 * never fails. Beside the budgets, since nothing else could be measured meanwhile.
 *
 * @module
 */
import { join } from "@std/path";
import { verdictOf } from "../../lab/checks/judge.ts";
import { runExperiment } from "../../lab/experiment/experiment.ts";
import type { RealWorldOptions } from "../../lab/real/real_options.ts";
import { RealWorld } from "../../lab/real/real_world.ts";
import { readScenario } from "../../lab/scenario/read_scenario.ts";
import { assert } from "../support/assert.ts";

const MAIN = join(import.meta.dirname!, "../../main.ts");
const VTORRENT = [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all", MAIN];

/** s after which a program that takes a processor ends by itself, whatever becomes of the test. */
const MOST_LOAD = 120;
/** Says that it has begun, and stops for nothing. */
const BUSY =
  `console.log("busy"); const end = Date.now() + ${MOST_LOAD}000; while (Date.now() < end);`;

/** One program that does nothing but take a processor. */
class BusyProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it is at it. */
  static async start(): Promise<BusyProgram> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", BUSY],
      ...{ stdin: "null", stdout: "piped", stderr: "null" },
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return new BusyProgram(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // Its time was over.
    }
    await this.#child.status;
  }
}

/** Checks that only a machine which keeps up can be held to. */
const SCENARIO = readScenario(
  `{
    "lab": 1, "name": "busy", "world": "real", "limit": "40s",
    "question": "What if the machine has other things to do?", "hypothesis": "Then it says so.",
    "content": { "size": "512 KiB", "piece_length": "32 KiB" },
    "net": { "latency": "10ms" }, "tracker": { "interval": "3s" },
    "peers": [
      { "as": "seed", "have": 1, "up": "400k" },
      { "as": "leech", "count": 3, "up": "400k", "down": "2M" }
    ],
    "draw": [{ "figure": "completion" }],
    "check": [
      { "measure": "complete", "is": true, "why": "the seed stays" },
      { "measure": "same_bytes", "of": "all", "is": true, "why": "each piece has a hash" },
      { "measure": "rule_breaks", "of": "all", "at_most": 0, "why": "BEP 3, 6 and 10" },
      { "measure": "by_p2p", "at_most": 1.1, "why": "no machine that is busy does it" }
    ]
  }`,
  "busy.jsonc",
  { didYouMean: () => "" },
);

for (
  const [what, options] of [
    ["of peers in one process", {}],
    ["of processes", { vtorrent: VTORRENT, processes: true }],
  ] as const satisfies [string, RealWorldOptions][]
) {
  Deno.test(`while all processors are taken, a real run ${what} does not fail`, async () => {
    await using load = new AsyncDisposableStack();
    for (let i = 0; i < navigator.hardwareConcurrency; i++) load.use(await BusyProgram.start());
    const never = () => Promise.reject(new Error("nothing is virtual here"));
    const { results, judgements } = await runExperiment(SCENARIO, {
      worlds: {
        ...{ virtual: never, engines: never },
        real: () => Promise.resolve(new RealWorld(options)),
      },
      seeds: [1],
    });
    const told = judgements.map(({ check, verdict, value, because }) =>
      `${check.measure} ${value}: ${verdict}${because === undefined ? "" : `, ${because}`}`
    );
    assert(verdictOf(judgements) !== "failed", told.join("\n"));
    // It was not luck: the watch has seen what kept it.
    const { machine } = results[0]!;
    assert(machine?.tooSlow?.includes("processors were"), JSON.stringify(machine));
  });
}
