/**
 * One run of `vtorrent grade swarm`: flags in, checks run, report out.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import {
  checkLines,
  type CheckResult,
  CHECKS,
  CO3093,
  deedLine,
  Guardian,
  headLines,
  helpsOf,
  makeLinuxWorld,
  makeOneHost,
  pointsOf,
  probeLinux,
  readRubric,
  readTemplate,
  type Rubric,
  runChecks,
  type RunResult,
  score,
  scoreLines,
  type Template,
  templateSchema,
  verdictOf,
} from "../../lab/grade/swarm/mod.ts";
import { CommandError, UsageError } from "../errors.ts";
import { ExitStatus } from "../exit_status.ts";
import type { FlagValues } from "../flags.ts";
import { didYouMean } from "../nearest.ts";
import type { Screen } from "../screen.ts";
import type { World } from "../world.ts";

const DEFAULT_RATE = 16_000_000;
const DEFAULT_HOSTS = 16;
const MODES = ["rehearse", "schema"] as const;

/** Runs it; the exit status. `args` are those behind `grade swarm`. */
export async function gradeSwarm(
  args: readonly string[],
  world: World,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  if (args[0] === "schema") {
    screen.text(JSON.stringify(templateSchema(), undefined, 2) + "\n");
    return ExitStatus.done;
  }
  const [file, mode, ...rest] = args;
  if (file === undefined || rest.length > 0) {
    throw new UsageError(
      "grade swarm needs a template: vtorrent grade swarm mine.jsonc (init writes one)",
    );
  }
  if (mode !== undefined && mode !== "rehearse") {
    throw new UsageError(
      `Behind the template only "rehearse" may stand, not "${mode}".${didYouMean(mode, MODES)}`,
    );
  }
  const path = resolve(world.cwd, file);
  const template = named(() => readTemplate(Deno.readTextFileSync(path), file));
  const call: SwarmCall = {
    file,
    path,
    template,
    rubric: await rubricOf(flags, world),
    only: onlyOf(flags),
    rehearses: mode === "rehearse",
    flags,
  };
  const result = await runTemplate(call, world, screen);
  return statusOf(result);
}

/** What is asked for. */
interface SwarmCall {
  readonly file: string;
  readonly path: string;
  readonly template: Template;
  readonly rubric: Rubric;
  readonly only: readonly string[];
  readonly rehearses: boolean;
  readonly flags: FlagValues;
}

async function runTemplate(call: SwarmCall, world: World, screen: Screen): Promise<RunResult> {
  const { template, flags, rehearses, rubric } = call;
  const isOneHost = flags["one-host"] ?? false;
  const kind = isOneHost ? "one-host" : "hosts";
  await checkNeeds(template);
  const tools = isOneHost ? undefined : await expected(probeLinux());
  const rate = rateOf(flags);
  const out = flags.out === undefined ? undefined : resolve(world.cwd, flags.out);
  if (out !== undefined) await Deno.mkdir(out, { recursive: true });
  const program = template.program ?? basename(resolve(dirname(call.path), template.folder));
  for (const line of headLines({ program, kind, helps: helpsOf(template), rate }, rubric)) {
    screen.say(line);
  }
  let running = { check: "", title: "", attempt: 0 };
  const look = {
    unicode: screen.look().unicode,
    rubric,
    oneHost: isOneHost,
    again: (id: string) => `vtorrent grade swarm ${call.file} --only ${id}`,
    out,
  };
  const tell = (result: CheckResult) => {
    for (const part of result.parts) {
      const { points, of, open } = pointsOf(rubric, verdictOf(part), isOneHost);
      const { expected, seen, why } = part.finding ?? {};
      screen.event({
        event: "part",
        ...{ part: part.part.id, title: part.part.title, verdict: part.verdict },
        ...{ score: points, points: of, open, fails: part.fails, tries: part.tries },
        ...(expected === undefined ? {} : { expected, seen }),
        ...(why === undefined ? {} : { why }),
      }, undefined);
    }
    for (const line of checkLines(result, look)) screen.say(line);
  };
  await using guardian = await Guardian.start();
  using _ = rehearses ? undefined : screen.progress("check", {
    line: () => `${running.check} ${running.title}, attempt ${running.attempt}`,
    facts: () => running,
  });
  const result = await expected(runChecks({
    template,
    base: dirname(call.path),
    guardian,
    kind,
    makeWorld: (plan) =>
      tools === undefined ? makeOneHost(plan, guardian) : makeLinuxWorld(plan, tools),
    rate,
    hosts: flags.hosts ?? DEFAULT_HOSTS,
    only: rehearses ? ["S1"] : call.only,
    once: rehearses,
    pcap: out !== undefined && tools?.hasTcpdump === true,
    signal: world.stop,
    onCheck: (check, attempt) => {
      running = { check: check.id, title: check.title, attempt };
    },
    ...(rehearses ? { onDeed: (deed) => screen.say(deedLine(deed)) } : {}),
    onResult: tell,
  }));
  const total = scoreOf(result, rubric);
  if (!rehearses) { for (const line of scoreLines(total, result.seconds)) screen.say(line); }
  screen.event(
    { event: "points", ...{ points: total.points, of: total.of, open: total.open } },
    undefined,
  );
  return result;
}

function scoreOf(result: RunResult, rubric: Rubric) {
  const parts = result.checks.flatMap(({ parts }) => parts.map(verdictOf));
  return score(rubric, parts, result.helps.length, result.kind === "one-host");
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

async function rubricOf(flags: FlagValues, world: World): Promise<Rubric> {
  const { rubric } = flags;
  if (rubric === undefined || rubric === "co3093") return CO3093;
  const text = await Deno.readTextFile(resolve(world.cwd, rubric));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${rubric} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const parts = CHECKS.flatMap(({ parts }) => parts.map(({ id }) => id));
  return named(() => readRubric(value, rubric, parts));
}

/** `16mbit`, `4m`, a number of bits a second. */
function rateOf(flags: FlagValues): number {
  if (flags.rate === undefined) return DEFAULT_RATE;
  const match = /^(\d{1,10}(?:\.\d{1,3})?)(k|m|g)?(?:bit)?$/i.exec(flags.rate);
  const factor = { k: 1e3, m: 1e6, g: 1e9 }[(match?.[2] ?? "").toLowerCase()] ?? 1;
  const rate = Number(match?.[1]) * factor;
  if (match === null || rate < 1e6 || rate > 1e9) {
    throw new UsageError(`--rate is "${flags.rate}": say 1mbit to 1000mbit, e.g. 16mbit`);
  }
  return rate;
}

async function checkNeeds({ needs }: Template): Promise<void> {
  if (Deno.build.os === "windows") return;
  for (const program of needs) {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'command -v -- "$1" >/dev/null', "sh", program],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) throw new CommandError("failed", `The template needs ${program}: install it`);
  }
}

/** Faults that a person can mend, by their names. */
const TEMPLATE_FAULTS = new Set(["TemplateError", "RubricError"]);
const RUN_FAULTS = new Set(["WorldError", "GradeError", "CopyError"]);

function named<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asExpected(error);
  }
}

async function expected<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw asExpected(error);
  }
}

function asExpected(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (TEMPLATE_FAULTS.has(error.name)) return new UsageError(error.message, { cause: error });
  if (RUN_FAULTS.has(error.name)) {
    return new CommandError("failed", error.message, { cause: error });
  }
  return error;
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
