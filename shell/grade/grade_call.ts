/**
 * Grade call: the request to `vtorrent grade`, read from the command line and the rubric.
 *
 * @module
 */
import { dirname, resolve } from "@std/path";
import {
  addressFault,
  isTrackerUrl,
  parseRubric,
  programOf,
  type Rubric,
  RUBRICS,
  type Step,
  STEPS,
  stepsOf,
  type StudentProgram,
  type Subject,
} from "../../lab/grade/mod.ts";
import { UsageError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import { readSmallFile } from "../base/small_file.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Environment } from "../base/environment.ts";

export const SUBJECTS: readonly Subject[] = ["peer", "tracker"];

/** Everything that one run follows from. */
export interface GradeCall {
  readonly subject: Subject;
  readonly steps: readonly Step[];
  readonly rubric: Rubric;
  readonly program: StudentProgram;
  readonly seed: number;
  /** IDs of `--only`; empty: all. */
  readonly only: readonly string[];
  readonly flags: FlagValues;
}

/** Reads it all. @throws {UsageError} */
export async function readGradeCall(
  args: readonly string[],
  world: Environment,
  flags: FlagValues,
): Promise<GradeCall> {
  const [what, ...typed] = args;
  const subject = SUBJECTS.find((one) => one === what);
  if (subject === undefined) {
    throw new UsageError(
      `grade takes peer, tracker, swarm or list, not "${what}".${
        didYouMean(what!, [...SUBJECTS, "swarm", "list"])
      }`,
    );
  }
  const rubric = await readRubric(flags.rubric, world);
  if (rubric.subject !== undefined && rubric.subject !== subject) {
    throw new UsageError(
      `${flags.rubric} is a rubric for a ${rubric.subject}: vtorrent grade ${rubric.subject} ` +
        `--rubric ${flags.rubric}`,
    );
  }
  const command = typed.length > 0 ? typed : rubric.command ?? [];
  if (command.length === 0) {
    throw new UsageError(
      `grade ${subject} needs the program after two dashes: vtorrent grade ${subject} -- python3 ` +
        `${subject}.py`,
    );
  }
  if (subject === "tracker") requireLoopback(command);
  const only = onlyOf(flags);
  const all = STEPS[subject];
  const ids = new Set(all.flatMap(({ id, probes }) => [id, ...probes.map(({ id }) => id)]));
  for (const id of [...only, ...(flags.from === undefined ? [] : [flags.from])]) {
    if (!ids.has(id)) throw new UsageError(`There is no step ${id}.${didYouMean(id, [...ids])}`);
  }
  const folder = flags.dir === undefined ? rubric.folder : resolve(world.cwd, flags.dir);
  const places = [world.cwd];
  // A rubric's own words may name what lies beside it.
  if (typed.length === 0 && flags.rubric !== undefined) {
    places.push(dirname(resolve(world.cwd, flags.rubric)));
  }
  const whole = folder === undefined ? await wholeCommand(command, places) : command;
  if (rubric.build === undefined && !isUrl(command)) {
    await requireProgram(whole, folder ?? world.cwd);
  }
  return {
    subject,
    // What is worth nothing is not run, unless it is asked for; what the program does not have never.
    steps: stepsOf(all, rubric, only),
    rubric,
    program: programOf(whole, rubric, folder),
    seed: flags.seed ?? crypto.getRandomValues(new Uint16Array(1))[0]!,
    only,
    flags,
  };
}

/** Whether the URL of a tracker that runs already stands in place of a program. */
function isUrl(command: readonly string[]): boolean {
  return command.length === 1 && isTrackerUrl(command[0]!);
}

/** @throws {UsageError} for a tracker that runs elsewhere */
function requireLoopback(command: readonly string[]): void {
  if (!isUrl(command)) return;
  const fault = addressFault(command[0]!);
  if (fault !== undefined) throw new UsageError(`Cannot grade ${command[0]}: ${fault}`);
}

/** The rubric of a name or a file. */
export async function readRubric(named: string | undefined, world: Environment): Promise<Rubric> {
  if (named === undefined) return RUBRICS.steps!;
  const own = RUBRICS[named];
  if (own !== undefined) return own;
  const path = resolve(world.cwd, named);
  let text: string;
  try {
    text = await readSmallFile(path, named, "rubric");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `There is no rubric ${named}: give a file, or ${Object.keys(RUBRICS).join(" or ")}`,
      { cause: error },
    );
  }
  try {
    return parseRubric(text, path, STEPS, didYouMean);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "RubricError") throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** @throws {UsageError} where a program cannot be started */
export async function requireProgram(command: readonly string[], cwd: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const { code, signal } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'command -v -- "$1" >/dev/null', "sh", command[0]!],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  // Ctrl-C reaches the shell, too: that says nothing of the program.
  if (code !== 0 && signal === null) {
    throw new UsageError(`There is no program ${command[0]} here that can be started`);
  }
}

/** The step and probe IDs of `--only`. */
function onlyOf(flags: FlagValues): string[] {
  return (flags.only ?? []).flatMap((text) => text.split(",")).map((id) => id.trim())
    .filter((id) => id !== "");
}

/** The command as it is started from any folder: words that name files in `places` become whole paths. */
async function wholeCommand(
  command: readonly string[],
  places: readonly string[],
): Promise<string[]> {
  return await Promise.all(command.map(async (word, index) => {
    const isPath = index > 0 || /[\\/]/.test(word);
    if (!isPath || word.startsWith("-")) return word;
    for (const place of places) {
      const path = resolve(place, word);
      if (await exists(path)) return path;
    }
    return word;
  }));
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
