/**
 * Runs the probes of some steps, those of one step in twos, and says how each ended.
 *
 * @module
 */
import { join } from "@std/path";
import { type Capture, NO_CAPTURE } from "./capture.ts";
import { expectLog } from "./expect_log.ts";
import type { StudentProgram } from "./program.ts";
import { seedOf } from "./random.ts";
import {
  CannotTell,
  Failure,
  type Finding,
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
  /** Probes of one step that run at the same time; by default two. */
  readonly atOnce?: number;
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
/** ms without a processor that a failure is not believed for. */
const MOST_LOST = 1000;
/** Probes at a time, where a program's starts have nothing in common. */
const AT_ONCE = 2;
/** What systems and languages say of a port that somebody has. */
const PORT_TAKEN = /address (?:is )?already in use|EADDRINUSE|AddrInUse|only one usage/i;

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
  for (const group of groupsOf(chosenProbes(steps, options))) {
    for await (const outcome of runGroup(group, { failed, leftOut }, options)) {
      const { step, probe, verdict } = outcome;
      const isReached = verdict !== "not reached" || !isMissing(probe, options);
      // What a rubric leaves out says nothing of the rest of its step.
      const isTelling = probe.plain && probe.leftOut === undefined;
      if (isTelling && verdict === "left out") leftOut.set(step.id, outcome.reason ?? "");
      // What rests on a step that was not reached is not reached, either.
      else if (isTelling && isReached && verdict !== "passed" && verdict !== "flaky") {
        failed.add(step.id);
      }
      outcomes.push(outcome);
      options.onOutcome?.(outcome);
    }
  }
  return outcomes;
}

/** A probe that failed, with the rubric's reason where it has one. */
function failedAs({ known }: Probe, finding: Finding) {
  return { verdict: "failed", finding, ...(known === undefined ? {} : { reason: known }) } as const;
}

/** A probe that counts for nothing. */
function leftOutOf(probe: Probe, reason: string) {
  return { probe: { ...probe, points: 0 }, verdict: "left out", score: 0, reason } as const;
}

interface Chosen {
  readonly step: Step;
  readonly probe: Probe;
}

/** What became of the plain cases so far. */
interface Plain {
  readonly failed: ReadonlySet<string>;
  readonly leftOut: ReadonlyMap<string, string>;
}

/** The plain probe of each step by itself, since others depend on it, and the rest of the step. */
function groupsOf(chosen: readonly Chosen[]): Chosen[][] {
  const groups: Chosen[][] = [];
  for (const one of chosen) {
    const last = groups.at(-1)?.at(-1);
    if (last === undefined || last.step !== one.step || last.probe.plain) groups.push([one]);
    else groups.at(-1)!.push(one);
  }
  return groups;
}

/** Runs probes that do not depend on each other, some at a time; outcomes in their order. */
async function* runGroup(
  group: readonly Chosen[],
  plain: Plain,
  options: RunOptions,
): AsyncGenerator<Outcome> {
  // Starts in one folder may meet each other's files, and trackers each other's ports.
  const isAlone = options.program.folder !== undefined || group[0]?.step.of === "tracker";
  const most = isAlone ? 1 : AT_ONCE;
  const width = Math.min(options.atOnce ?? most, group.length);
  const results = group.map(() => Promise.withResolvers<Outcome>());
  // Whoever reads them may have left by then.
  for (const { promise } of results) promise.catch(() => {});
  let next = 0;
  let left = false;
  const work = async () => {
    while (next < group.length && !left) {
      const index = next++;
      const { resolve } = results[index]!;
      await runOnce(group[index]!, plain, options).then(resolve, (error) => {
        left = true;
        for (const { reject } of results) reject(error);
      });
    }
  };
  const working = Promise.all(Array.from({ length: width }, work));
  try {
    for (const { promise } of results) {
      const outcome = await promise;
      if (!mayBeByChance(outcome, width)) yield outcome;
      else {
        await working;
        yield await judgeAgain(outcome, width > 1, options);
      }
    }
  } finally {
    left = true;
    await working;
  }
}

/** One probe, unless something keeps it from being run. */
async function runOnce(
  { step, probe }: Chosen,
  { failed, leftOut }: Plain,
  options: RunOptions,
): Promise<Outcome> {
  options.stop.throwIfAborted();
  if (probe.leftOut !== undefined) {
    return { ...leftOutOf(probe, probe.leftOut), step, took: 0, remarks: [] };
  }
  const reason = hindrance(step, probe, failed, options);
  if (reason !== undefined) {
    return { probe, step, verdict: "not reached", score: 0, took: 0, reason, remarks: [] };
  }
  const missing = probe.demanded ? undefined : leftOut.get(step.id);
  if (missing !== undefined) {
    return { ...leftOutOf(probe, missing), step, took: 0, remarks: [] };
  }
  options.onStart?.(probe, step);
  return await attempt(step, probe, options);
}

/**
 * Whether a probe failed for a reason that another run may not have: the time, a taken port, or a
 * machine that had no time for it.
 */
function mayBeByChance(outcome: Outcome, width: number): boolean {
  const { verdict, probe, program } = outcome;
  if (verdict !== "failed") return false;
  const text = program?.lastLines.join("\n") ?? "";
  return isTimed(probe) || wasHeldUp(outcome) || (width > 1 && PORT_TAKEN.test(text));
}

/** Whether the machine had other things to do for long. */
function wasHeldUp({ probe, lost = 0, took }: Outcome): boolean {
  return probe.known === undefined && lost >= MOST_LOST && lost >= took / 4;
}

/** Whether it may come out otherwise another time. */
function isTimed({ timed, known }: Probe): boolean {
  return timed === true && known === undefined;
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

/** More runs of a probe that failed, nothing else of this run beside it. */
async function judgeAgain(
  failed: Outcome,
  hadCompany: boolean,
  options: RunOptions,
): Promise<Outcome> {
  const { step, probe } = failed;
  const isAsked = hadCompany || wasHeldUp(failed);
  const first = isAsked ? await attempt(step, probe, options) : failed;
  if (first.verdict !== "failed" || !isTimed(probe)) return first;
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
    await expectLog(trial, step.id, probe.id);
    if (probe.known !== undefined) {
      trial.remark(`it passes; the rubric says that it fails: ${probe.known}`);
    }
    ending = { verdict: "passed" };
  } catch (error) {
    if (error instanceof Failure) ending = failedAs(probe, error.finding);
    else if (error instanceof NotOffered) {
      ending = probe.demanded && error.finding !== undefined
        ? failedAs(probe, error.finding)
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
    lost: trial.lostTime,
    remarks: trial.remarks,
    ...(program === undefined ? {} : { program }),
    ...(packets === undefined ? {} : { packets }),
  };
}
