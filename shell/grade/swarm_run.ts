/**
 * One template played: the world that the flags ask for, every check told as it ends, reports.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "@std/path";
import {
  checkLines,
  type CheckResult,
  copyAsIs,
  deedLine,
  Guardian,
  headLines,
  helpsOf,
  type LinuxTools,
  listenerSource,
  makeLinuxWorld,
  makeOneHost,
  pointsOf,
  probeLinux,
  quoted,
  type Rubric,
  runChecks,
  type RunResult,
  type Score,
  score,
  scoreLines,
  type Template,
  verdictOf,
} from "../../lab/grade/swarm/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";
import { prepareReportFolder } from "../base/report_folder.ts";
import type { Environment } from "../base/environment.ts";
import { writeReports } from "./swarm_reports.ts";

const DEFAULT_RATE = 16_000_000;
const DEFAULT_HOSTS = 16;
/** Checks at once. */
const LANES = 2;

/** What is asked for. */
export interface SwarmCall {
  readonly file: string;
  readonly path: string;
  readonly template: Template;
  readonly rubric: Rubric;
  readonly only: readonly string[];
  readonly rehearses: boolean;
  readonly flags: FlagValues;
  /** The folder that is marked in place of the template's, as it would be typed. */
  readonly dir?: string;
  /** Where report and screens go. */
  readonly out?: string | undefined;
}

/** Plays it; what came of it. */
export async function runTemplate(
  call: SwarmCall,
  world: Environment,
  screen: Screen,
): Promise<{ run: RunResult; score: Score }> {
  const { template, flags, rehearses, rubric } = call;
  const isOneHost = flags["one-host"] ?? false;
  const kind = isOneHost ? "one-host" : "hosts";
  await checkNeeds(template);
  const tools = isOneHost ? undefined : await expected(probeLinux());
  if (flags.packets && tools?.capture === undefined) {
    throw new CommandError(
      "failed",
      isOneHost
        ? "--packets records what goes between hosts: not with --one-host"
        : "--packets needs tcpdump or dumpcap (Debian: apt install tcpdump)",
    );
  }
  const rate = rateOf(flags);
  const { out } = call;
  if (out !== undefined) await prepareReportFolder(out, out);
  const program = template.program ?? basename(resolve(dirname(call.path), template.folder));
  const unseen = await unseenHere(tools);
  for (const line of headLines({ program, kind, helps: helpsOf(template), rate, unseen }, rubric)) {
    screen.say(line);
  }
  let running = { check: "", title: "", attempt: 0 };
  const look = {
    unicode: screen.look().unicode,
    rubric,
    oneHost: isOneHost,
    again: (id: string) => againCommand(call, id),
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
    unseen,
    pcap: flags.packets ?? false,
    isSlow: flags.slow ?? false,
    // Programs on one host share their ports.
    lanes: isOneHost ? 1 : Math.min(LANES, navigator.hardwareConcurrency),
    signal: world.stop,
    ...(out === undefined
      ? {}
      : { keep: (check, attempt, folder) => keepFiles(folder, out, check.id, attempt, flags) }),
    onCheck: (check, attempt) => {
      running = { check: check.id, title: check.title, attempt };
    },
    ...(rehearses ? { onDeed: (deed) => screen.say(deedLine(deed)) } : {}),
    onResult: tell,
  }));
  const total = scoreOf(result, rubric);
  if (!rehearses) { for (const line of scoreLines(total, result.seconds)) screen.say(line); }
  if (!rehearses) await writeReports(result, look, total, flags, world.cwd);
  screen.event(
    { event: "points", ...{ points: total.points, of: total.of, open: total.open } },
    undefined,
  );
  return { run: result, score: total };
}

/** The command that runs a check again. */
function againCommand({ file, dir, flags }: SwarmCall, id: string): string {
  const { rate, rubric } = flags;
  return [
    ...["vtorrent", "grade", "swarm", file],
    ...(dir === undefined ? [] : ["--dir", dir]),
    ...["--only", id],
    ...(flags["one-host"] ? ["--one-host"] : []),
    ...(rate === undefined ? [] : ["--rate", rate]),
    ...(rubric === undefined ? [] : ["--rubric", rubric]),
  ].map(quoted).join(" ");
}

/** What is not shown here, in words. */
async function unseenHere(tools: LinuxTools | undefined): Promise<string[]> {
  if (tools === undefined) {
    return await listenerSource() === undefined
      ? ["what programs listen on (there is neither /proc nor lsof)"]
      : [];
  }
  return tools.hasNft
    ? []
    : ["who gave whom how much, but for sums of each host, and who called whom (there is no nft)"];
}

function scoreOf(result: RunResult, rubric: Rubric) {
  const parts = result.checks.flatMap(({ parts }) => parts.map(verdictOf));
  return score(rubric, parts, result.helps.length, result.kind === "one-host");
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
const TEMPLATE_FAULTS = new Set(["JsoncError", "RubricError"]);
const RUN_FAULTS = new Set(["WorldError", "GradeError", "CopyError"]);

export function named<T>(read: () => T): T {
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

/** Copies the packets of an attempt, and with `--keep` the hosts' folders, for somebody to look at. */
async function keepFiles(
  folder: string,
  out: string,
  check: string,
  attempt: number,
  flags: FlagValues,
): Promise<void> {
  const to = join(out, attempt === 1 ? check : `${check}-${attempt}`);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name === "packets.pcap") await Deno.copyFile(join(folder, name), join(to, name));
    else if (isDirectory && flags.keep) await copyAsIs(join(folder, name), join(to, name));
  }
}
