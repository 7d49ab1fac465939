/**
 * `deno task bench`: whole transfers by vtorrent beside other clients, on 127.0.0.1.
 *
 * @module
 */
import { join } from "@std/path";
import { HELP, type Options, parseOptions, UsageError } from "./options.ts";
import { COMMON_PEER, installedVersion, type Program, PROGRAMS } from "./programs.ts";
import { type Outcome, report } from "./report.ts";
import { RunError, type Surroundings } from "./run_folder.ts";
import { SmallTracker } from "./small_tracker.ts";
import type { Suite } from "./suites.ts";
import { reportTrackers, runTrackers, type TrackerOutcome } from "./trackers.ts";
import { WarmMemory } from "./warm_memory.ts";
import { MIB, Workload, type WorkloadPlan } from "./workload.ts";

/** Those that are installed and asked for; says on stderr which are missing. */
async function findPrograms(only: string[] | undefined): Promise<Map<Program, string>> {
  const found = new Map<Program, string>();
  for (const program of PROGRAMS) {
    const own = program.name.toLowerCase();
    const wanted = only?.map((name) => name.toLowerCase())
      .some((name) => own === name || own.startsWith(name + " "));
    if (wanted === false) continue;
    const version = await installedVersion(program);
    if (version !== undefined) found.set(program, version);
    else say(`Not here: ${program.name}. To get it: ${program.install}`);
  }
  return found;
}

/** Makes each workload once, when it is first needed. */
class Workloads {
  readonly #dir: string;
  readonly #made = new Map<string, Workload>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  async get(plan: WorkloadPlan): Promise<Workload> {
    const key = `${plan.size}-${plan.pieceLength}-${plan.fileCount}`;
    let workload = this.#made.get(key);
    if (!workload) {
      say(`Making ${plan.size / MIB} MiB of random bytes in ${plan.fileCount} file(s)`);
      workload = await Workload.make(join(this.#dir, key), plan);
      this.#made.set(key, workload);
    }
    return workload;
  }
}

async function runSuite(
  suite: Suite,
  programs: readonly Program[],
  workload: Workload,
  rounds: number,
  around: Surroundings,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let round = 1; round <= rounds; round++) {
    // Each in turn goes first: whoever follows finds memory and disk as the one before left them.
    const first = (round - 1) % programs.length;
    for (const program of [...programs.slice(first), ...programs.slice(0, first)]) {
      const outcome: Outcome = { suite: suite.name, program: program.name, round };
      try {
        outcome.figures = await suite.run(around, program, workload);
      } catch (error) {
        if (!(error instanceof RunError)) throw error;
        outcome.error = error.message.replaceAll(around.work, "");
      }
      outcomes.push(outcome);
      const { figures } = outcome;
      say(
        `${suite.name} ${round}/${rounds} ${program.name}: ` +
          (figures
            ? `${figures.wall.toFixed(2)} s, CPU ${figures.cpu.toFixed(2)} s`
            : `failed: ${outcome.error}`),
      );
    }
  }
  return outcomes;
}

async function main(options: Options, signal: AbortSignal): Promise<void> {
  if (Deno.build.os !== "linux") throw new UsageError("The benchmarks read /proc: they need Linux");
  const found = options.suites.length === 0
    ? new Map<Program, string>()
    : await findPrograms(options.only);
  const versions = Object.fromEntries([...found].map(([{ name }, version]) => [name, version]));
  const hasCommonPeer = await installedVersion(COMMON_PEER) !== undefined;
  const parent = join(import.meta.dirname!, "runs");
  await Deno.mkdir(parent, { recursive: true });
  const work = await Deno.makeTempDir({ dir: parent });
  await spreadFolders(work);
  const outcomes: Outcome[] = [];
  const trackers: TrackerOutcome[] = [];
  try {
    await using tracker = new SmallTracker();
    print(heading(options, versions));
    const memory = new WarmMemory(work);
    const around = { work, tracker, memory, timeout: options.timeout, signal };
    if (options.suites.length > 0) {
      say("Filling free memory, as files fill it in use");
      // Before the data is made: what came last is what stays cached.
      await memory.fill(signal);
    }
    const workloads = new Workloads(work);
    for (const suite of options.suites) {
      const programs = [...found.keys()].filter((program) => suite.suits(program));
      if (suite.needsCommonPeer && !hasCommonPeer) {
        say(`Without ${suite.name}: its other side is libtorrent. ${COMMON_PEER.install}`);
        continue;
      }
      if (programs.length === 0) continue;
      const workload = await workloads.get(suite.plan(options.size));
      const own = await runSuite(suite, programs, workload, options.rounds, around);
      outcomes.push(...own);
      print(report(suite, own, workload.plan.size));
    }
    if (options.trackers) {
      const { rounds, only } = options;
      trackers.push(...await runTrackers({ rounds, only, work, signal, say }));
      print(reportTrackers(trackers, rounds));
    }
  } finally {
    await Deno.remove(work, { recursive: true });
    if (options.json !== undefined) {
      const { size, rounds } = options;
      const result = { size, rounds, machine: machine(), versions, outcomes, trackers };
      await Deno.writeTextFile(options.json, JSON.stringify(result, undefined, 1) + "\n");
    }
  }
}

/**
 * Asks ext4 to put each run's folder into another region of the disk. It looks twice at every file
 * deleted in the last minutes before it makes a new one beside it: thousands of small files would
 * take a second the first time and five the next.
 */
async function spreadFolders(dir: string): Promise<void> {
  try {
    await new Deno.Command("chattr", { args: ["+T", dir], stderr: "null" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function heading({ size, rounds }: Options, versions: Record<string, string>): string {
  const { cores, processor, memory, system } = machine();
  const gigabytes = Math.round(Number(memory) / 1e9);
  const programs = Object.entries(versions).map(([name, version]) =>
    version.startsWith(name) ? version : `${name}: ${version}`
  );
  return [
    `${cores} × ${processor}, ${gigabytes} GB, ${system}. ${programs.join("; ")}.`,
    `${
      size / MIB
    } MiB, ${rounds} interleaved rounds: medians, and medians of the ratios within a round.`,
    "",
  ].join("\n");
}

/** What the figures were measured on. */
function machine(): Record<string, string | number> {
  const model = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1];
  return {
    cores: navigator.hardwareConcurrency,
    processor: model ?? Deno.build.arch,
    memory: Deno.systemMemoryInfo().total,
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
  };
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

/** Progress and complaints. */
function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text + "\n"));
}

if (import.meta.main) {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new UsageError("Interrupted"));
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  try {
    const options = parseOptions(Deno.args);
    if (options === "help") print(HELP);
    else await main(options, interrupted.signal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`error: ${error.message}`);
    Deno.exitCode = interrupted.signal.aborted ? 130 : 28;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
    Deno.removeSignalListener("SIGTERM", interrupt);
  }
}
