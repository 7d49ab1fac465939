/**
 * One run of `vtorrent grade`: flags in, probes run, report out.
 *
 * @module
 */
import { join, resolve } from "node:path";
import {
  chosenProbes,
  type Outcome,
  plainProgram,
  type Probe,
  quoted,
  runSteps,
  type Step,
  STEPS,
  type StudentProgram,
  type Subject,
} from "../../lab/grade/mod.ts";
import { UsageError } from "../errors.ts";
import { ExitStatus } from "../exit_status.ts";
import { PcapTap } from "../explain/pcap_tap.ts";
import type { FlagValues } from "../flags.ts";
import { didYouMean } from "../nearest.ts";
import type { Screen } from "../screen.ts";
import { OutcomeLines } from "./outcome_lines.ts";
import type { World } from "../world.ts";

const SUBJECTS: readonly Subject[] = ["peer", "tracker"];

/** What is asked for, read from the command line. */
interface GradeCall {
  readonly subject: Subject;
  readonly steps: readonly Step[];
  readonly program: StudentProgram;
  readonly seed: number;
  readonly flags: FlagValues;
}

/** Runs it; the exit status. */
export async function runGrade(
  args: readonly string[],
  world: World,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  const call = await readCall(args, world, flags);
  const outcomes = await gradeOnce(call, world, screen);
  return statusOf(outcomes);
}

async function readCall(
  args: readonly string[],
  world: World,
  flags: FlagValues,
): Promise<GradeCall> {
  const [what, ...command] = args;
  const subject = SUBJECTS.find((one) => one === what);
  if (subject === undefined) {
    throw new UsageError(
      `grade takes peer, tracker or swarm, not "${what}".${
        didYouMean(what!, [...SUBJECTS, "swarm"])
      }`,
    );
  }
  if (command.length === 0) {
    throw new UsageError(
      `grade ${subject} needs the program behind two dashes: vtorrent grade ${subject} -- python3 ` +
        `${subject}.py`,
    );
  }
  const steps = STEPS[subject];
  const ids = new Set(steps.flatMap(({ id, probes }) => [id, ...probes.map(({ id }) => id)]));
  for (const id of [...onlyOf(flags), ...(flags.from === undefined ? [] : [flags.from])]) {
    if (!ids.has(id)) throw new UsageError(`There is no step ${id}.${didYouMean(id, [...ids])}`);
  }
  const folder = flags.dir === undefined ? undefined : resolve(world.cwd, flags.dir);
  const plain = plainProgram(
    await foundCommand(command, folder ?? world.cwd, folder === undefined),
  );
  return {
    subject,
    steps,
    program: folder === undefined ? plain : { ...plain, folder },
    seed: flags.seed ?? crypto.getRandomValues(new Uint16Array(1))[0]!,
    flags,
  };
}

/** The step and probe IDs of `--only`. */
function onlyOf(flags: FlagValues): string[] {
  return (flags.only ?? []).flatMap((text) => text.split(",")).map((id) => id.trim())
    .filter((id) => id !== "");
}

/**
 * The command as it is started from any folder: words that name files here become whole paths.
 *
 * @throws {UsageError} where there is no such program
 */
async function foundCommand(
  command: readonly string[],
  cwd: string,
  moves: boolean,
): Promise<string[]> {
  const words = await Promise.all(command.map(async (word, index) => {
    const path = resolve(cwd, word);
    const isPath = index > 0 || /[\\/]/.test(word);
    if (!moves || !isPath || word.startsWith("-")) return word;
    return await exists(path) ? path : word;
  }));
  if (Deno.build.os !== "windows") {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'command -v -- "$1" >/dev/null', "sh", words[0]!],
      cwd,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) {
      throw new UsageError(`There is no program ${command[0]} here that may be started`);
    }
  }
  return words;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Runs the chosen probes and tells of each. */
async function gradeOnce(call: GradeCall, world: World, screen: Screen): Promise<Outcome[]> {
  const { flags, program, seed, steps } = call;
  const only = onlyOf(flags);
  const chosen = chosenProbes(steps, {
    only,
    slow: flags.slow ?? false,
    ...(flags.from === undefined ? {} : { from: flags.from }),
  });
  greet(call, chosen.length, screen);
  const out = flags.out === undefined ? undefined : resolve(world.cwd, flags.out);
  if (out !== undefined) await Deno.mkdir(out, { recursive: true });
  const folder = await Deno.makeTempDir({ prefix: "vtorrent_grade_" });
  let running = "";
  let done = 0;
  const lines = new OutcomeLines(screen, only.length > 0, (one) => againCommand(call, one));
  const progress = screen.progress("grading", {
    line: () => `${running}  ${done} of ${chosen.length}`,
    facts: () => ({ probe: running, done, of: chosen.length }),
  });
  try {
    return await runSteps(steps, {
      program,
      seed,
      folder,
      only,
      ...(flags.from === undefined ? {} : { from: flags.from }),
      slow: flags.slow ?? false,
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
    await Deno.remove(folder, { recursive: true });
  }
}

function greet({ subject, program, seed }: GradeCall, count: number, screen: Screen): void {
  screen.say(
    `Grading a ${subject}: ${
      program.command.map(quoted).join(" ")
    }   (${count} probes, seed ${seed})`,
  );
  screen.say(
    "It runs with your rights: start programs of others in a container. Everything stays on " +
      "127.0.0.1.",
  );
}

/** The command that runs one probe again. */
function againCommand({ subject, program, seed }: GradeCall, { probe }: Outcome): string {
  const words = ["vtorrent", "grade", subject, "--only", probe.id, "--seed", String(seed), "--"];
  return [...words, ...program.command].map(quoted).join(" ");
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

/** 0: all passed; 1: something failed; 5: nothing failed, and something could not be told. */
function statusOf(outcomes: readonly Outcome[]): number {
  const has = (verdict: Outcome["verdict"]) => outcomes.some((one) => one.verdict === verdict);
  if (has("failed") || has("flaky")) return ExitStatus.failed;
  return has("cannot tell") ? ExitStatus.cannotTell : ExitStatus.done;
}
