/**
 * `vtorrent grade swarm`: what its arguments ask for.
 *
 * @module
 */
import { basename, dirname, isAbsolute, join, relative, resolve } from "@std/path";
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
import { type FlagValues, typedName } from "../flags/flags.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import { prepareReportFolder } from "../base/report_folder.ts";
import { readSmallFile } from "../base/small_file.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";
import { teamLines, type TeamResult, teamTable } from "./swarm_reports.ts";
import { named, runTemplate, type SwarmCall } from "./swarm_run.ts";

const DEFAULT_TEMPLATE = "swarm.jsonc";
/** Words that stand in the place of a template. */
const WORDS = ["init", "schema"];
/** The tracker's host, one that shares and one that fetches. */
const LEAST_HOSTS = 3;
/** Flags of the other subjects of `grade`. */
const OTHERS = ["seed", "from", "all", "watch-file", "markdown", "gradescope-zip"] as const;

/** Runs it; the exit status. `args` are those behind `grade swarm`. */
export async function gradeSwarm(
  args: readonly string[],
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  const [file, mode, ...rest] = args;
  for (const flag of OTHERS) {
    if (flags[flag] !== undefined) {
      throw new UsageError(`--${typedName(flag)} is for grade peer and grade tracker`);
    }
  }
  if (file === "schema") {
    screen.text(JSON.stringify(templateSchema(), undefined, 2) + "\n");
    return ExitStatus.done;
  }
  if (file === "init") return await init(mode ?? DEFAULT_TEMPLATE, world, screen);
  if (file === undefined || file === "rehearse") {
    throw new UsageError(
      `grade swarm needs a template: vtorrent grade swarm mine.jsonc${
        file === undefined ? "" : " rehearse"
      } (grade swarm init writes one)`,
    );
  }
  if (rest.length > 0) throw new UsageError(`Nothing comes behind ${mode}, not "${rest[0]}"`);
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
    template: await firstTemplate(path, file),
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
  if (flags.hosts !== undefined && flags.hosts < LEAST_HOSTS) {
    throw new UsageError(`--hosts is at least ${LEAST_HOSTS}: h1 tracks, h2 shares, h3 fetches`);
  }
  if (flags.each !== undefined) {
    for (const flag of ["junit", "gradescope", "dir"] as const) {
      if (flags[flag] === undefined) continue;
      throw new UsageError(
        `--${flag} is of one team. With --each, every team's report is in --out`,
      );
    }
    return await gradeEach(call, flags.each, world, screen);
  }
  const { dir } = flags;
  const one = dir === undefined
    ? call
    : await teamCall(call, resolve(world.cwd, dir), dir, call.out);
  return statusOf((await runTemplate(one, world, screen)).run);
}

/** The template that was asked for. @throws {UsageError} where a word was meant */
async function firstTemplate(path: string, file: string): Promise<Template> {
  try {
    return await templateIn(path, file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `There is no template ${file}.${
        didYouMean(file, WORDS) || " vtorrent grade swarm init writes one"
      }`,
      { cause: error },
    );
  }
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
      const out = call.out === undefined ? undefined : join(call.out, name);
      const team = await teamCall(call, join(folder, name), join(each, name), out);
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

/**
 * A team's own template where its folder has one of that name, else the common one on its folder.
 *
 * @param dir the folder as a person would type it
 */
async function teamCall(
  call: SwarmCall,
  folder: string,
  dir: string,
  out: string | undefined,
): Promise<SwarmCall> {
  if (!(await Deno.stat(folder)).isDirectory) throw new UsageError(`${dir} is no folder`);
  const name = basename(folder);
  const own = join(folder, basename(call.path));
  let template: Template;
  try {
    template = await templateIn(own, join(dir, basename(own)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ...call, template: { ...call.template, program: name, folder }, dir, out };
  }
  const inside = relative(folder, resolve(folder, template.folder));
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw new UsageError(
      `${join(dir, basename(own))}: "folder" leads out of the team's own folder`,
    );
  }
  return { ...call, path: own, template: { ...template, program: name }, dir, out };
}

/** Asks six questions and writes a template. */
async function init(file: string, world: Environment, screen: Screen): Promise<number> {
  const path = resolve(world.cwd, file);
  // Nobody answers six questions for nothing.
  if (await isThere(path)) throw isThereAlready(file);
  if (!await isThere(dirname(path))) {
    throw new UsageError(`There is no folder ${dirname(file)} for ${basename(file)}`);
  }
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
    throw isThereAlready(file);
  }
  screen.say(`${file} is written. Try it: vtorrent grade swarm ${file} rehearse`);
  return ExitStatus.done;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

function isThereAlready(file: string): CommandError {
  return new CommandError("file-exists", `${file} is there already: name another file`);
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
