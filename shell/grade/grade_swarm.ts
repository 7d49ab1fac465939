/**
 * `vtorrent grade swarm`: what its arguments ask for.
 *
 * @module
 */
import { isAbsolute, join, relative, resolve } from "@std/path";
import {
  CHECKS,
  CO3093,
  newTemplate,
  QUESTIONS,
  readRubric,
  readTemplate,
  type Rubric,
  type RunResult,
  type Template,
  templateSchema,
} from "../../lab/grade/swarm/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import type { FlagValues } from "../flags/flags.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import { prepareReportFolder } from "../base/report_folder.ts";
import { readSmallFile } from "../base/small_file.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";
import { teamLines, type TeamResult, teamTable } from "./swarm_reports.ts";
import { named, runTemplate, type SwarmCall } from "./swarm_run.ts";

const DEFAULT_TEMPLATE = "swarm.jsonc";

/** Runs it; the exit status. `args` are those behind `grade swarm`. */
export async function gradeSwarm(
  args: readonly string[],
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  const [file, mode, ...rest] = args;
  if (file === "schema") {
    screen.text(JSON.stringify(templateSchema(), undefined, 2) + "\n");
    return ExitStatus.done;
  }
  if (file === "init") return await init(mode ?? DEFAULT_TEMPLATE, world, screen);
  if (file === undefined || rest.length > 0) {
    throw new UsageError(
      "grade swarm needs a template: vtorrent grade swarm mine.jsonc (grade swarm init writes one)",
    );
  }
  if (mode !== undefined && mode !== "rehearse") {
    throw new UsageError(
      `After the template only "rehearse" is allowed, not "${mode}".${
        didYouMean(mode, ["rehearse"])
      }`,
    );
  }
  const path = resolve(world.cwd, file);
  const call: SwarmCall = {
    file,
    path,
    template: await templateIn(path, file),
    rubric: await rubricOf(flags, world),
    only: onlyOf(flags),
    rehearses: mode === "rehearse",
    flags,
    out: flags.out === undefined ? undefined : resolve(world.cwd, flags.out),
  };
  if (flags.keep && call.out === undefined) {
    throw new UsageError("--keep copies the hosts' folders into the folder of --out: name one");
  }
  if (flags.packets && call.out === undefined) {
    throw new UsageError("--packets writes packets into the folder of --out: name one");
  }
  if (flags.each !== undefined) return await gradeEach(call, flags.each, world, screen);
  return statusOf((await runTemplate(call, world, screen)).run);
}

/** One team after the other; what one does costs the others nothing. */
async function gradeEach(
  call: SwarmCall,
  each: string,
  world: Environment,
  screen: Screen,
): Promise<number> {
  const folder = resolve(world.cwd, each);
  const names = (await Array.fromAsync(Deno.readDir(folder)))
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."))
    .map(({ name }) => name).sort();
  if (names.length === 0) throw new UsageError(`${each} has no folders of teams`);
  if (call.out !== undefined) await prepareReportFolder(call.out, call.flags.out!);
  const teams: TeamResult[] = [];
  for (const name of names) {
    screen.say("");
    try {
      const team = await teamCall(call, join(folder, name), name);
      teams.push({ name, result: await runTemplate(team, world, screen) });
    } catch (error) {
      if (world.stop.aborted) {
        // Who was marked until now stays marked.
        await showTeams(call, teams, screen);
        throw error;
      }
      const problem = error instanceof Error ? error.message : String(error);
      screen.problem(`${name}: ${problem}`);
      teams.push({ name, problem });
    }
  }
  await showTeams(call, teams, screen);
  const statuses = teams.map(({ result }) =>
    result === undefined ? ExitStatus.failed : statusOf(result.run)
  );
  if (statuses.includes(ExitStatus.failed)) return ExitStatus.failed;
  return statuses.includes(ExitStatus.cannotTell) ? ExitStatus.cannotTell : ExitStatus.done;
}

/** The table of those who were marked, and with `--out` its file. */
async function showTeams(
  call: SwarmCall,
  teams: readonly TeamResult[],
  screen: Screen,
): Promise<void> {
  if (teams.length === 0) return;
  screen.say("");
  for (const line of teamLines(teams)) screen.say(line);
  if (call.out === undefined) return;
  await Deno.writeTextFile(join(call.out, "teams.csv"), teamTable(teams));
}

async function templateIn(path: string, shown: string): Promise<Template> {
  const text = await readSmallFile(path, shown, "template");
  return named(() => readTemplate(text, shown, didYouMean));
}

/** A team's own template where its folder has one of that name, else the common one on its folder. */
async function teamCall(call: SwarmCall, folder: string, name: string): Promise<SwarmCall> {
  const own = join(folder, call.path.split(/[\\/]/).at(-1)!);
  const out = call.out === undefined ? undefined : join(call.out, name);
  let template: Template;
  try {
    template = await templateIn(own, own);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ...call, template: { ...call.template, program: name, folder }, out };
  }
  const inside = relative(folder, resolve(folder, template.folder));
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw new UsageError(`${own}: "folder" leads out of the team's own folder`);
  }
  return { ...call, path: own, template: { ...template, program: name }, out };
}

/** Asks six questions and writes a template. */
async function init(file: string, world: Environment, screen: Screen): Promise<number> {
  const path = resolve(world.cwd, file);
  const lines = world.stdin.lines()[Symbol.asyncIterator]();
  const answers: Record<string, string> = {};
  for (const { key, asks, usual } of QUESTIONS) {
    screen.text(`${asks}${usual === undefined ? "" : ` [${usual}]`}: `);
    const { value, done } = await lines.next();
    if (done) screen.text("\n");
    answers[key] = String(value ?? "").trim() || (usual ?? "");
  }
  await lines.return?.();
  const text = newTemplate(answers as unknown as Parameters<typeof newTemplate>[0]);
  named(() => readTemplate(text, file, didYouMean));
  try {
    await Deno.writeTextFile(path, text, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new CommandError("file-exists", `${file} is there already: name another file`, {
      cause: error,
    });
  }
  screen.say(`${file} is written. Try it: vtorrent grade swarm ${file} rehearse`);
  return ExitStatus.done;
}

function onlyOf(flags: FlagValues): string[] {
  const only = (flags.only ?? []).flatMap((text) => text.split(",")).map((id) => id.trim())
    .filter((id) => id !== "");
  const known = new Set(
    CHECKS.flatMap(({ id, parts }) => [id, id.replace(/[a-d]$/, ""), ...parts.map(({ id }) => id)]),
  );
  for (const id of only) {
    if (!known.has(id)) throw new UsageError(`There is no check ${id}.${didYouMean(id, known)}`);
  }
  return only;
}

async function rubricOf(flags: FlagValues, world: Environment): Promise<Rubric> {
  const { rubric } = flags;
  if (rubric === undefined || rubric === "co3093") return CO3093;
  const text = await readSmallFile(resolve(world.cwd, rubric), rubric, "rubric");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${rubric} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parts = CHECKS.flatMap(({ parts }) => parts.map(({ id }) => id));
  return named(() => readRubric(value, rubric, parts));
}

/** 0: all passed; 1: something failed; 5: nothing failed, and something could not be told. */
function statusOf({ checks }: RunResult): number {
  const parts = checks.flatMap(({ parts }) => parts);
  if (parts.some(({ verdict }) => verdict === "failed" || verdict === "flaky")) {
    return ExitStatus.failed;
  }
  const isOpen = parts.some(({ verdict, finding }) => verdict === "cannot tell" && !finding?.free);
  return isOpen ? ExitStatus.cannotTell : ExitStatus.done;
}
