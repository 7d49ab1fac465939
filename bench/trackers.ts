/**
 * What announces cost a tracker: CPU seconds of its process for 100,000 re-announces of 100,000
 * peers in 1,000 swarms, 50 peers wanted, 64 requests in flight, and the memory that the peers take.
 * The floor is a Deno program that gives fixed answers (`fixed_tracker.ts`).
 *
 * @module
 */
import { join } from "@std/path";
import { MeasuredProcess } from "./measured_process.ts";

const PEERS = 100_000;
const SWARMS = 1000;
const WINDOW = 64;
/** Re-announces measured at most, and the seconds that they may take. */
const COUNT = 200_000;
const SECONDS = 12;
/** Before that, so that the figures are those of a tracker that runs: compilers have finished. */
const WARM_UP = 20_000;
/** For all peers to announce first, over UDP, seconds. */
const FILL_SECONDS = 60;
const FLOOR = "fixed answers (Deno)";
/** Ways to announce; vtorrent may cost at most so many times what another costs in the same round. */
const MODES = [
  ["udp", "UDP", { atMost: 1.5, of: "opentracker" }],
  ["keepalive", "HTTP keep-alive", { atMost: 1.1, of: FLOOR }],
  ["connect", "HTTP, a connection each", { atMost: 1.2, of: FLOOR }],
] as const;

/** A tracker to measure. */
interface TrackerProgram {
  readonly name: string;
  /** Succeeds where it is installed. */
  readonly probe: readonly string[];
  readonly install: string;
  command(port: number, folder: string): string[];
}

/** One measurement. */
export interface TrackerOutcome {
  readonly program: string;
  readonly mode: string;
  readonly round: number;
  readonly error?: string;
  /** Seconds of the tracker's CPU for 100,000 announces. */
  readonly cpu?: number;
  /** Answers a second. */
  readonly rate?: number;
  /** Bytes by which the process grew for each peer, and its peak. */
  readonly bytesPerPeer?: number;
  readonly memory?: number;
  readonly peersPerAnswer?: number;
  /** CPU seconds of the load's generator for 100,000 announces. */
  readonly loadCpu?: number;
}

interface Load {
  answered: number;
  refused: number;
  peersPerAnswer: number;
  seconds: number;
  cpu: number;
}

const BENCH = import.meta.dirname!;
const DENO = Deno.execPath();
const VTORRENT = Deno.env.get("VTORRENT")?.split(" ") ?? [join(BENCH, "..", "vtorrent")];
const OPENTRACKER = Deno.env.get("OPENTRACKER") ?? "opentracker";

const PROGRAMS: readonly TrackerProgram[] = [
  {
    name: FLOOR,
    probe: [DENO, "--version"],
    install: "it is there",
    command: (port) => [
      ...[DENO, "run", "--quiet", "--allow-net", "--unstable-net"],
      ...[join(BENCH, "fixed_tracker.ts"), String(port)],
    ],
  },
  {
    name: "vtorrent",
    probe: [...VTORRENT, "--version"],
    install: "deno task build (another command: VTORRENT='deno run -A main.ts')",
    command: (port) => [
      ...[...VTORRENT, "tracker", "--host", "127.0.0.1", "--port", String(port)],
      ...["--daemon", "--quiet", "--no-db", "--no-discovery", "--no-port-check"],
    ],
  },
  {
    name: "bittorrent-tracker (npm, in Deno)",
    probe: [DENO, "--version"],
    install: "it comes with the tests",
    command: (port) => [
      DENO,
      ...["run", "--quiet", "--allow-all", join(BENCH, "npm_tracker.ts"), String(port)],
    ],
  },
  {
    name: "opentracker",
    probe: ["sh", "-c", `command -v ${OPENTRACKER}`],
    install: "apt install opentracker (another command: OPENTRACKER=/path/to/opentracker)",
    // Debian's serves only the torrents in a list, which it looks for in its folder.
    command: (port, folder) => [
      ...[OPENTRACKER, "-i", "127.0.0.1", "-p", String(port), "-P", String(port)],
      ...["-d", folder, "-w", "swarms"],
    ],
  },
];

/** Measures all that are here; prints a table. */
export async function runTrackers(options: {
  rounds: number;
  only: readonly string[] | undefined;
  /** An empty folder. */
  work: string;
  signal: AbortSignal;
  say(text: string): void;
}): Promise<TrackerOutcome[]> {
  const { rounds, only, work, signal, say } = options;
  const load = await compileLoad(work);
  const programs = await Array.fromAsync(PROGRAMS, async (program) => {
    const isWanted = program.name === FLOOR ||
      (only?.includes(program.name.split(" ")[0]!) ?? true);
    if (!isWanted) return [];
    if (await succeeds(program.probe)) return [program];
    say(`Not here: ${program.name}. To get it: ${program.install}`);
    return [];
  });
  const outcomes: TrackerOutcome[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const [mode] of MODES) {
      for (const program of programs.flat()) {
        signal.throwIfAborted();
        const outcome = { program: program.name, mode, round };
        try {
          const figures = await measure(program, mode, { load, work });
          outcomes.push({ ...outcome, ...figures });
          say(
            `trackers ${round}/${rounds} ${mode} ${program.name}: ` +
              `${figures.cpu!.toFixed(2)} CPU s, ${Math.round(figures.rate!)} a second`,
          );
        } catch (error) {
          if (!(error instanceof TrackerRunError)) throw error;
          outcomes.push({ ...outcome, error: error.message });
          say(`trackers ${round}/${rounds} ${mode} ${program.name} failed: ${error.message}`);
        }
      }
    }
  }
  return outcomes;
}

class TrackerRunError extends Error {
  override name = "TrackerRunError";
}

async function measure(
  program: TrackerProgram,
  mode: string,
  { load, work }: { load: string; work: string },
): Promise<Partial<TrackerOutcome>> {
  const folder = await Deno.makeTempDir({ dir: work, prefix: "tracker-" });
  await Deno.chmod(folder, 0o755); // opentracker goes there as nobody
  await Deno.writeTextFile(join(folder, "swarms"), await outputOf([load, "hashes", `${SWARMS}`]));
  const port = freePort();
  const { name } = program;
  const log = join(folder, "log");
  await using server = await MeasuredProcess.start(program.command(port, folder), {
    name,
    log,
    cwd: folder,
  });
  await waitForPort(port, server);
  const announce = async (
    mode: string,
    what: string,
    count: number,
    seconds: number,
  ): Promise<Load> => {
    const args = [port, what, PEERS, SWARMS, count, WINDOW, seconds].map(String);
    const result = JSON.parse(await outputOf([load, mode, ...args])) as Load;
    // A server whose queue of connections is full for a moment is no refusal.
    if (result.answered > 0 && result.refused <= result.answered / 1000) return result;
    throw new TrackerRunError(`${result.refused} of ${result.answered} answers are refusals`);
  };
  const empty = server.usage().memory;
  const filled = await announce("udp", "started", PEERS, FILL_SECONDS);
  const full = server.usage().memory;
  await announce(mode, "regular", WARM_UP, SECONDS);
  const before = server.usage().cpu;
  const result = await announce(mode, "regular", COUNT, SECONDS);
  const { cpu, memory } = server.usage();
  const per100k = 100_000 / result.answered;
  return {
    cpu: (cpu - before) * per100k,
    rate: result.answered / result.seconds,
    bytesPerPeer: (full - empty) / filled.answered,
    memory,
    peersPerAnswer: result.peersPerAnswer,
    loadCpu: result.cpu * per100k,
  };
}

/** Builds the load's generator in a folder. */
export async function compileLoad(work: string): Promise<string> {
  const program = join(work, "tracker_load");
  const source = join(BENCH, "tracker_load.c");
  if (!await succeeds(["cc", "-O2", "-o", program, source])) {
    throw new Deno.errors.NotFound("The load's generator needs a C compiler: apt install gcc");
  }
  return program;
}

/** Medians of the rounds. */
export function reportTrackers(outcomes: readonly TrackerOutcome[], rounds: number): string {
  const names = [...new Set(outcomes.map(({ program }) => program))];
  const lines = [
    `### Announces: ${PEERS} peers, ${SWARMS} swarms, 50 wanted, ${WINDOW} in flight; ` +
    `${rounds} interleaved rounds, medians`,
    "",
    "| tracker | " + MODES.map(([, title]) => `${title}: CPU s (× floor)`).join(" | ") +
    " | MiB | bytes a peer |",
    "| --- | " + MODES.map(() => "---: | ").join("") + "---: | ---: |",
  ];
  for (const name of names) {
    const own = outcomes.filter(({ program }) => program === name);
    const cells = MODES.map(([mode]) => {
      const cpu = median(own.filter((one) => one.mode === mode).map((one) => one.cpu));
      if (cpu === undefined) return "failed";
      const ratio = ratioTo(FLOOR, outcomes, name, mode);
      if (name === FLOOR || ratio === undefined) return cpu.toFixed(2);
      return `${cpu.toFixed(2)} (${ratio.toFixed(2)})`;
    });
    const memory = median(own.map((one) => one.memory));
    const bytes = median(own.map((one) => one.bytesPerPeer));
    cells.push(memory === undefined ? "" : (memory / 2 ** 20).toFixed(0));
    cells.push(bytes === undefined || name === FLOOR ? "" : bytes.toFixed(0));
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  lines.push("");
  for (const [mode, title, { atMost, of }] of MODES) {
    const ratio = ratioTo(of, outcomes, "vtorrent", mode);
    if (ratio === undefined) continue;
    const verdict = ratio <= atMost ? "reached" : "missed";
    lines.push(
      `* ${title}: vtorrent's CPU time to that of ${of} ${ratio.toFixed(2)}, ` +
        `target ≤ ${atMost.toFixed(2)}: ${verdict}`,
    );
  }
  lines.push("");
  return lines.join("\n");
}

/** Median over the rounds of the ratio within a round, to what `reference` costs. */
function ratioTo(
  reference: string,
  outcomes: readonly TrackerOutcome[],
  program: string,
  mode: string,
): number | undefined {
  const cpuOf = (name: string, round: number) =>
    outcomes.find((one) => one.program === name && one.mode === mode && one.round === round)?.cpu;
  const rounds = [...new Set(outcomes.map(({ round }) => round))];
  return median(rounds.map((round) => {
    const [own, other] = [cpuOf(program, round), cpuOf(reference, round)];
    return own === undefined || other === undefined ? undefined : own / other;
  }));
}

/** The middle of the values that are there. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Resolves when a server listens. */
export async function waitForPort(port: number, server: MeasuredProcess): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (server.exit !== undefined) break;
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new TrackerRunError(`it does not listen: ${server.lastWords()}`);
}

/** A port that is free for TCP and UDP. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

/** What a program prints. */
export async function outputOf([program, ...args]: readonly string[]): Promise<string> {
  const { code, signal, success, stdout, stderr } = await new Deno.Command(program!, { args })
    .output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new TrackerRunError(`${signal ?? `status ${code}`}: ${decoder.decode(stderr).trim()}`);
  }
  return decoder.decode(stdout);
}

async function succeeds([program, ...args]: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program!, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
