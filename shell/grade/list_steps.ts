/**
 * `vtorrent grade list`: the steps, as a list, a handout, or an autograder for Gradescope.
 *
 * @module
 */
import { resolve } from "@std/path";
import { autograderZip, handout, stepLines, STEPS, stepsOf } from "../../lab/grade/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";
import { readRubric, SUBJECTS } from "./grade_call.ts";

/** Prints or writes them. */
export async function listSteps(
  [what]: readonly string[],
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  if (what !== undefined && !SUBJECTS.some((one) => one === what)) {
    throw new UsageError(`grade list takes peer or tracker, not "${what}"`);
  }
  const rubric = await readRubric(flags.rubric, world);
  const subjects = SUBJECTS.filter((one) => one === (what ?? rubric.subject ?? one));
  // What a rubric leaves out is asked of nobody.
  const steps = subjects.flatMap((subject) => stepsOf(STEPS[subject], rubric))
    .map((step) => ({
      ...step,
      probes: step.probes.filter(({ leftOut }) => leftOut === undefined),
    }))
    .filter(({ probes }) => probes.length > 0);
  const zip = flags["gradescope-zip"];
  if (zip !== undefined) {
    await writeZip(resolve(world.cwd, zip), subjects[0]!, flags.rubric, world);
    screen.note(`Written: ${resolve(world.cwd, zip)}`);
  } else if (flags.markdown) {
    world.stdout.write(handout(steps));
  } else for (const line of stepLines(steps)) screen.say(line);
  return ExitStatus.done;
}

/** An autograder with this very program in it. */
async function writeZip(
  path: string,
  subject: "peer" | "tracker",
  rubric: string | undefined,
  world: Environment,
): Promise<void> {
  const [program, ...more] = world.self;
  if (program === undefined || more.length > 0) {
    throw new CommandError(
      "failed",
      "An autograder contains the built program: run this from ./vtorrent (deno task build)",
    );
  }
  const text = rubric === undefined
    ? undefined
    : await Deno.readTextFile(resolve(world.cwd, rubric)).catch(() => undefined);
  if (
    rubric === undefined ||
    (text !== undefined && (await readRubric(rubric, world)).command === undefined)
  ) {
    throw new UsageError(
      'An autograder needs a rubric file with a "command": how a submission is started',
    );
  }
  const bytes = await Deno.readFile(program);
  await Deno.writeFile(path, autograderZip(subject, bytes, text ?? "{}"));
}
