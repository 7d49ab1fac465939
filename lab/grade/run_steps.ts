/**
 * Runs the probes of some steps, one after the other, and says how each ended.
 *
 * @module
 */
import { join } from "@std/path";
import { type Capture, NO_CAPTURE } from "./capture.ts";
import type { StudentProgram } from "./program.ts";
import { seedOf } from "./random.ts";
import {
  CannotTell,
  Failure,
  NotOffered,
  type Outcome,
  type Probe,
  type ProgramState,
  type Step,
} from "./step.ts";
import type { Guardian } from "../programs/guardian.ts";
import { Trial } from "./trial.ts";

/** Which probes run, and how. */
export interface RunOptions {
  readonly program: StudentProgram;
  readonly seed: number;
  /** An empty folder for all that the probes write. */
  readonly folder: string;
  /** IDs of steps and probes, `P5` or `P6.2`; empty: all. */
  readonly only: readonly string[];
  /** The step or probe that is run first, without looking at those before it. */
  readonly from?: string;
  /** Runs slow probes, too. */
  readonly slow: boolean;
  /** Runs what lies above a failed step, too. */
  readonly all: boolean;
  readonly stop: AbortSignal;
  /** Ends what runs where this program itself is killed. */
  readonly guardian?: Pick<Guardian, "watch" | "forget">;
  /** Opens the packet capture of a probe; what it gives back closes it and names the file. */
  readonly capture?: (probe: Probe) => { capture: Capture; close(): string | undefined };
  /** Called before a probe runs. */
  readonly onStart?: (probe: Probe, step: Step) => void;
  /** Called with each outcome, in the order of the table. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** How often a timed probe that failed runs more. */
const MORE_RUNS = 2;

/** The probes that `options` ask for, in the order of the table. */
export function chosenProbes(
  steps: readonly Step[],
  { only, from, slow }: Pick<RunOptions, "only" | "from" | "slow">,
): { step: Step; probe: Probe }[] {
  const all = steps.flatMap((step) => step.probes.map((probe) => ({ step, probe })));
  const start = from === undefined
    ? 0
    : all.findIndex(({ step, probe }) => step.id === from || probe.id === from);
  return all.slice(Math.max(0, start)).filter(({ step, probe }) =>
    only.length > 0
      ? only.includes(step.id) || only.includes(probe.id)
      : slow || probe.slow !== true
  );
}

/** Runs them all. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const failed = new Set<string>();
  /** Step → why its plain case was left out, and with it the rest. */
  const leftOut = new Map<string, string>();
  for (const { step, probe } of chosenProbes(steps, options)) {
    options.stop.throwIfAborted();
    const reason = hindrance(step, probe, failed, options);
    const missing = probe.demanded ? undefined : leftOut.get(step.id);
    let outcome: Outcome;
    if (reason === undefined && missing !== undefined) {
      outcome = { ...leftOutOf(probe, missing), step, took: 0, remarks: [] };
    } else if (reason !== undefined) {
      outcome = { probe, step, verdict: "not reached", score: 0, took: 0, reason, remarks: [] };
      // What rests on a step that was not reached is not reached, either.
      if (probe.plain && !isMissing(probe, options)) failed.add(step.id);
    } else {
      options.onStart?.(probe, step);
      outcome = await judge(step, probe, options);
      if (probe.plain && outcome.verdict === "left out") leftOut.set(step.id, outcome.reason ?? "");
      else if (probe.plain && outcome.verdict !== "passed" && outcome.verdict !== "flaky") {
        failed.add(step.id);
      }
    }
    outcomes.push(outcome);
    options.onOutcome?.(outcome);
  }
  return outcomes;
}

/** A probe that counts for nothing. */
function leftOutOf(probe: Probe, reason: string) {
  return { probe: { ...probe, points: 0 }, verdict: "left out", score: 0, reason } as const;
}

/** Whether a probe starts the program by a word that the rubric does not have. */
function isMissing(probe: Probe, { program }: RunOptions): boolean {
  return probe.uses?.some((word) => program.forms[word] === undefined) ?? false;
}

/** Why a probe cannot be run, in a sentence. */
function hindrance(
  step: Step,
  probe: Probe,
  failed: ReadonlySet<string>,
  { all, program }: RunOptions,
): string | undefined {
  const missing = probe.uses?.find((word) => program.forms[word] === undefined);
  if (missing !== undefined) return `the rubric has no command "${missing}"`;
  if (all) return undefined;
  if (failed.has(step.id)) return `the plain case of ${step.id} comes first`;
  const needed = step.needs.find((id) => failed.has(id));
  return needed === undefined ? undefined : `it needs ${needed}`;
}

async function judge(step: Step, probe: Probe, options: RunOptions): Promise<Outcome> {
  const first = await attempt(step, probe, options);
  if (first.verdict !== "failed" || !probe.timed) return first;
  let passed = 0;
  for (let run = 0; run < MORE_RUNS; run++) {
    const again = await attempt(step, probe, options);
    if (again.verdict === "passed") passed++;
  }
  if (passed === 0) return first;
  const runs = MORE_RUNS + 1;
  return {
    ...first,
    verdict: "flaky",
    score: probe.points * passed / runs,
    reason: `it passed in ${passed} of ${runs} runs`,
  };
}

/** One run of a probe. */
async function attempt(step: Step, probe: Probe, options: RunOptions): Promise<Outcome> {
  const folder = join(options.folder, `${probe.id}-${crypto.randomUUID().slice(0, 8)}`);
  await Deno.mkdir(folder, { recursive: true });
  const opened = options.capture?.(probe);
  const started = performance.now();
  const trial = new Trial({
    program: options.program,
    seed: seedOf(options.seed, probe.id),
    folder,
    capture: opened?.capture ?? NO_CAPTURE,
    stop: options.stop,
    guardian: options.guardian,
  });
  let ending: Pick<Outcome, "verdict"> & Partial<Pick<Outcome, "probe" | "finding" | "reason">>;
  let program: ProgramState | undefined;
  try {
    await probe.run(trial);
    ending = { verdict: "passed" };
  } catch (error) {
    if (error instanceof Failure) ending = { verdict: "failed", finding: error.finding };
    else if (error instanceof NotOffered) {
      ending = probe.demanded && error.finding !== undefined
        ? { verdict: "failed", finding: error.finding }
        : leftOutOf(probe, error.message);
    } else if (error instanceof CannotTell) {
      ending = { verdict: "cannot tell", reason: error.message };
    } else throw error;
  } finally {
    program = trial.state();
    await trial[Symbol.asyncDispose]();
  }
  const packets = opened?.close();
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  return {
    probe,
    step,
    ...ending,
    score: ending.verdict === "passed" ? probe.points : 0,
    took: performance.now() - started,
    remarks: trial.remarks,
    ...(program === undefined ? {} : { program }),
    ...(packets === undefined ? {} : { packets }),
  };
}
