import { join } from "@std/path";
import { type Outcome, programOf, runSteps, STEPS } from "../../lab/grade/mod.ts";
import { Guardian } from "../../lab/programs/guardian.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { pythonPath } from "../support/python.ts";
import { type Language, type Mutant, PEER_MUTANTS } from "./mutants.ts";
import { isChosen, judgeEach, WHOLE } from "./planted_mistakes.ts";

const PYTHON = await pythonPath();
/** ms: a busy machine takes seconds to start a program. */
const PATIENCE = 12_000;
const SEED = 7;

/** How each right peer is started. */
const COMMANDS: Readonly<Record<Language, readonly string[]>> = {
  python: [PYTHON ?? "python3", "-S", join(import.meta.dirname!, "right_peer.py")],
  typescript: [
    Deno.execPath(),
    ...["run", "--no-config", "--no-lock", "--no-check", "--allow-all"],
    join(import.meta.dirname!, "right_peer.ts"),
  ],
};

async function grade(command: readonly string[], only: readonly string[]): Promise<Outcome[]> {
  await using guardian = await Guardian.start();
  return await runSteps(STEPS.peer, {
    program: { ...programOf(command), patience: PATIENCE },
    seed: SEED,
    folder: guardian.folder,
    guardian,
    only,
    slow: true,
    all: false,
    stop: new AbortController().signal,
  });
}

const failedIn = (outcomes: readonly Outcome[]) =>
  outcomes.filter(({ verdict }) => verdict !== "passed" && verdict !== "not reached");

/** The step's plain probe and the mutant's own one, or the whole step where all is run. */
function probesFor({ probe }: Mutant): string[] {
  const step = stepOf(probe);
  return WHOLE ? [step, probe] : [`${step}.1`, probe];
}

function stepOf(probe: string): string {
  return probe.split(".")[0]!;
}

/** A sentence in which `…` stands for what differs from run to run. */
function asPattern(sentence: string): RegExp {
  const parts = sentence.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

/** Its own probe fails, and says what it is; of the step's others, those fail that cannot pass. */
function judge(mutant: Mutant, outcomes: readonly Outcome[]): void {
  const { bug, probe, also = [], perhaps = [], says, wrong } = mutant;
  const failed = failedIn(outcomes).filter(({ probe }) => !perhaps.includes(probe.id));
  const told = failed.map(({ probe, verdict, finding, reason }) =>
    `${probe.id} ${verdict}: ${finding?.seen ?? reason}`
  ).join("\n");
  const expected = WHOLE
    ? [probe, ...also.filter((id) => stepOf(id) === stepOf(probe))].sort(byNumber)
    : [probe];
  assertEquals(failed.map(({ probe }) => probe.id), expected, `${bug}: ${told}`);
  const { finding, verdict } = outcomes.find((outcome) => outcome.probe.id === probe)!;
  assertEquals(verdict, "failed", `${bug}: ${told}`);
  assertMatch(finding!.seen, asPattern(says), bug);
  const marked = finding!.marked?.wrong &&
    finding!.marked.bytes.slice(...finding!.marked.wrong).toHex();
  if (wrong !== undefined) assertMatch(marked ?? "", asPattern(wrong), bug);
}

function byNumber(a: string, b: string): number {
  return Number(a.split(".")[1]) - Number(b.split(".")[1]);
}

for (const [language, command] of Object.entries(COMMANDS) as [Language, readonly string[]][]) {
  const ignore = Deno.build.os === "windows" || (language === "python" && PYTHON === undefined);
  const only = WHOLE ? [] : ["P2.1", "P3.1", "P4.1", "P5.1", "P5.4", "P6.1", "P7.1", "P9.1"];

  Deno.test({ name: `the right peer in ${language} passes what is right`, ignore }, async () => {
    const outcomes = await grade(command, only);
    assertEquals(failedIn(outcomes).map(({ probe, finding }) => ({ id: probe.id, finding })), []);
    assert(outcomes.length >= 8);
  });

  for (const { id: step, title } of STEPS.peer) {
    const chosen = PEER_MUTANTS.filter(({ bug, probe, gate, languages = ["python"] }) =>
      languages.includes(language) && stepOf(probe) === step &&
      isChosen(bug, step, gate === language)
    );
    if (chosen.length === 0) continue;
    const names = chosen.map(({ bug }) => bug).join(", ");
    const name = `${step} ${title} (${language}): each mistake is found, and told: ${names}`;
    Deno.test({ name, ignore }, () =>
      judgeEach(
        chosen,
        async (mutant) =>
          judge(mutant, await grade([...command, "--bug", mutant.bug], probesFor(mutant))),
      ));
  }
}
