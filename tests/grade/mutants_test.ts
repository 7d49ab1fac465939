import { join } from "@std/path";
import { type Outcome, programOf, runSteps, STEPS } from "../../lab/grade/mod.ts";
import { Guardian } from "../../lab/programs/guardian.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { leaveOut } from "../support/left_out.ts";
import { type Language, type Mutant, PEER_MUTANTS } from "./mutants.ts";

/** Every mutant with all probes of its step; without it the gate's few, each with its own probe. */
const WHOLE = Deno.env.get("GRADE_ALL") !== undefined;
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

/** The interpreter itself: what a version manager puts in its place takes long to start. */
async function pythonPath(): Promise<string | undefined> {
  const ask = new Deno.Command("python3", { args: ["-c", "import sys; print(sys.executable)"] });
  const answer = await ask.output().catch(() => undefined);
  if (!answer?.success) return leaveOut("needs python3") || undefined;
  return new TextDecoder().decode(answer.stdout).trim();
}

async function grade(command: readonly string[], only: readonly string[]): Promise<Outcome[]> {
  await using guardian = await Guardian.start();
  return await runSteps(STEPS.peer, {
    program: { ...programOf(command), patience: PATIENCE },
    seed: SEED,
    folder: guardian.folder,
    guardian,
    only,
    slow: only.some((id) => id.includes(".")),
    all: false,
    stop: new AbortController().signal,
  });
}

const failedIn = (outcomes: readonly Outcome[]) =>
  outcomes.filter(({ verdict }) => verdict !== "passed" && verdict !== "not reached");

/** The step's plain probe and the mutant's own one, or the whole step where all is run. */
function probesFor({ probe }: Mutant): string[] {
  const [step] = probe.split(".");
  return WHOLE ? [step!, probe] : [`${step}.1`, probe];
}

/** A sentence in which `…` stands for what differs from run to run. */
function asPattern(sentence: string): RegExp {
  const parts = sentence.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

for (const [language, command] of Object.entries(COMMANDS) as [Language, readonly string[]][]) {
  const ignore = Deno.build.os === "windows" || (language === "python" && PYTHON === undefined);
  const only = WHOLE ? [] : ["P2.1", "P3.1", "P4.1", "P5.1", "P5.4", "P6.1", "P7.1", "P9.1"];

  Deno.test({ name: `the right peer in ${language} passes what is right`, ignore }, async () => {
    const outcomes = await grade(command, only);
    assertEquals(failedIn(outcomes).map(({ probe, finding }) => ({ id: probe.id, finding })), []);
    assert(outcomes.length >= 8);
  });

  for (const mutant of PEER_MUTANTS) {
    const { bug, probe, also = [], says, wrong, gate, languages = ["python"] } = mutant;
    if (!languages.includes(language) || (!WHOLE && gate !== language)) continue;
    const name = `${bug} (${language}): ${probe} finds it, and says what it is`;
    Deno.test({ name, ignore }, async () => {
      const outcomes = await grade([...command, "--bug", bug], probesFor(mutant));
      const ids = failedIn(outcomes).map(({ probe }) => probe.id);
      const step = STEPS.peer.find(({ id }) => probe.startsWith(`${id}.`))!;
      const expected = WHOLE
        ? [probe, ...also.filter((id) => id.startsWith(`${step.id}.`))].sort(byNumber)
        : [probe];
      assertEquals(ids, expected);
      const { finding, verdict } = outcomes.find((outcome) => outcome.probe.id === probe)!;
      assertEquals(verdict, "failed");
      assertMatch(finding!.seen, asPattern(says));
      const marked = finding!.marked?.wrong &&
        finding!.marked.bytes.slice(...finding!.marked.wrong).toHex();
      if (wrong !== undefined) assertMatch(marked ?? "", asPattern(wrong));
    });
  }
}

function byNumber(a: string, b: string): number {
  return Number(a.split(".")[1]) - Number(b.split(".")[1]);
}
