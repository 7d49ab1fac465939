/**
 * One run of `vtorrent grade`: flags in, probes run, report out.
 *
 * @module
 */
import { join, resolve } from "@std/path";
import {
  chosenProbes,
  Guardian,
  isKnown,
  lessonsOf,
  type Outcome,
  type Probe,
  quoted,
  rounded,
  runSteps,
  scoresOf,
  totalOf,
} from "../../lab/grade/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import { PcapTap } from "../explain/pcap_tap.ts";
import type { FlagValues } from "../flags/flags.ts";
import { prepareReportFolder } from "../base/report_folder.ts";
import { formatCount } from "../base/format.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";
import { againCommand } from "./again_command.ts";
import { exists, type GradeCall, readGradeCall, requireProgram } from "./grade_call.ts";
import { listSteps } from "./list_steps.ts";
import { OutcomeLines } from "./outcome_lines.ts";
import { writeReports } from "./write_reports.ts";
import { untilChanged } from "./until_changed.ts";

/** Runs it; the exit status. */
export async function runGrade(
  args: readonly string[],
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  if (args[0] === "list") return await listSteps(args.slice(1), world, screen, flags);
  const watched = flags["watch-file"];
  if (watched === undefined) {
    return statusOf(await gradeOnce(await readGradeCall(args, world, flags), world, screen));
  }
  if (!await exists(resolve(world.cwd, watched))) {
    throw new UsageError(`--watch is "${watched}": there is no such file or folder`);
  }
  while (true) {
    // The rubric may be what was changed.
    const outcomes = await gradeOnce(await readGradeCall(args, world, flags), world, screen);
    screen.note(`Waiting until ${watched} changes; Ctrl-C ends this`);
    try {
      await untilChanged(resolve(world.cwd, watched), world.stop);
    } catch (error) {
      // Ctrl-C leaves nothing undone here.
      if (world.stop.aborted) return statusOf(outcomes);
      throw error;
    }
    screen.say("");
  }
}

/** Builds the program, runs the chosen probes, and tells of each. */
async function gradeOnce(call: GradeCall, world: Environment, screen: Screen): Promise<Outcome[]> {
  const { flags, program, seed, steps, only } = call;
  const choice = {
    only,
    slow: flags.slow ?? false,
    ...(flags.from === undefined ? {} : { from: flags.from }),
  };
  const chosen = chosenProbes(steps, choice);
  if (chosen.length === 0) throw new UsageError("No probe is left to run: see vtorrent grade list");
  greet(call, chosen.length, screen);
  await build(call, world);
  const out = flags.out === undefined ? undefined : resolve(world.cwd, flags.out);
  if (out !== undefined) await prepareReportFolder(out, flags.out!);
  await using guardian = await Guardian.start();
  let running = "";
  let done = 0;
  const lines = new OutcomeLines(screen, only.length > 0, (one) => againCommand(call, one));
  const progress = screen.progress("grading", {
    line: () => `${running}  ${done} of ${chosen.length}`,
    facts: () => ({ probe: running, done, of: chosen.length }),
  });
  let outcomes: Outcome[];
  try {
    outcomes = await runSteps(steps, {
      program,
      seed,
      folder: guardian.folder,
      guardian,
      ...choice,
      all: flags.all ?? false,
      stop: world.stop,
      ...(out === undefined ? {} : { capture: (probe: Probe) => openCapture(out, probe) }),
      onStart: (probe) => void (running = `${probe.id} ${probe.title}`),
      onOutcome: (outcome) => {
        done++;
        lines.tell(outcome);
      },
    });
  } finally {
    lines.end();
    progress[Symbol.dispose]();
  }
  tellTotal(outcomes, screen);
  for (const path of await writeReports(outcomes, call, world)) screen.note(`Written: ${path}`);
  return outcomes;
}

function greet({ subject, program, seed }: GradeCall, count: number, screen: Screen): void {
  screen.say(
    `Grading a ${subject}: ${program.command.map(quoted).join(" ")}   (${
      formatCount(count, "probe")
    }, seed ${seed})`,
  );
  screen.say(
    program.running
      ? "It runs already, and goes on. Everything stays on this machine."
      : "It runs with your rights: start programs of others in a container. Everything stays on " +
        "127.0.0.1.",
  );
}

/** Runs the rubric's build. @throws {CommandError} with its last line */
async function build({ rubric, program }: GradeCall, world: Environment): Promise<void> {
  if (rubric.build === undefined) return;
  const [command, ...args] = rubric.build;
  const cwd = program.folder ?? world.cwd;
  await requireProgram(rubric.build, cwd);
  const { success, stdout, stderr } = await new Deno.Command(command!, {
    args,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: world.stop,
  }).output();
  if (!success) {
    const text = new TextDecoder().decode(stderr.length > 0 ? stderr : stdout).trim();
    throw new CommandError(
      "failed",
      `Building it failed: ${rubric.build.map(quoted).join(" ")}: ${text.split("\n").at(-1)}`,
    );
  }
  await requireProgram(program.command, cwd);
}

/** A line a step, and the sum. */
function tellTotal(outcomes: readonly Outcome[], screen: Screen): void {
  const { score, points } = totalOf(outcomes);
  screen.event({
    event: "graded",
    ...{ score: rounded(score), points: rounded(points) },
    ...{
      steps: scoresOf(outcomes).map(({ step, score, points }) => ({
        step: step.id,
        title: step.title,
        score: rounded(score),
        points: rounded(points),
      })),
    },
  }, undefined);
  for (const lesson of lessonsOf(outcomes)) {
    screen.say("");
    screen.say(lesson);
  }
  screen.say("");
  for (const { step, score, points, passed, probes } of scoresOf(outcomes)) {
    const line = `${step.id.padEnd(4)} ${step.title.padEnd(36)} ${passed} of ${probes} probes`;
    screen.say(`${line.padEnd(64)} ${rounded(score)} of ${rounded(points)}`);
  }
  const known = outcomes.filter(isKnown);
  if (known.length > 0) {
    screen.say(`Known by the rubric to fail: ${known.map(({ probe }) => probe.id).join(", ")}`);
  }
  screen.say(`${"Points".padEnd(64)} ${rounded(score)} of ${rounded(points)}`);
}

/** A packet capture in a file of the probe's name. */
function openCapture(
  folder: string,
  probe: Probe,
): { capture: PcapTap; close(): string | undefined } {
  const path = join(folder, `${probe.id}.pcap`);
  const file = Deno.openSync(path, { write: true, create: true, truncate: true });
  let open = true;
  const write = (bytes: Uint8Array) => {
    for (let at = 0; open && at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  };
  return {
    capture: new PcapTap(write, () => Date.now()),
    close: () => {
      open = false;
      file.close();
      return path;
    },
  };
}

/** 0: all passed but what the rubric knows to fail; 1: something failed; 5: nothing failed, and something could not be told. */
function statusOf(outcomes: readonly Outcome[]): number {
  const has = (verdict: Outcome["verdict"]) =>
    outcomes.some((one) => one.verdict === verdict && !isKnown(one));
  if (has("failed") || has("flaky")) return ExitStatus.failed;
  return has("cannot tell") || has("not reached") ? ExitStatus.cannotTell : ExitStatus.done;
}
