/**
 * A crowd of real processes behind upload limits: one seed and its leeches, all with the same rate, held
 * against the least time that theory allows (Mundinger, Weber and Weiss).
 *
 *     deno run --allow-all bench/crowd.ts [--rounds 3] [--leeches 10] [--size 64] [--rate 2] [--piece 256]
 *
 * Sizes are MiB and MiB/s, pieces KiB. Each round has a crowd of ours, one of which half is libtorrent,
 * and one of libtorrent alone (`--only ours,mixed,libtorrent`). The limits set the pace, not the
 * processor, unless the machine is busy: its load is printed.
 *
 * @module
 */
import process from "node:process";
import { join } from "@std/path";
import { parseArgs } from "@std/cli/parse-args";
import { leastMakespan } from "../lab/measures/bounds.ts";
import { type MeasuredProcess, now } from "./measured_process.ts";
import { installedVersion, LIBTORRENT, type Place, type Program, vtorrent } from "./programs.ts";
import { pause, RunFolder, waitFor } from "./run_folder.ts";
import { SmallTracker } from "./small_tracker.ts";
import { MIB, Workload } from "./workload.ts";

/** ms that a seed gets to be ready, a crowd to be complete, and a peer to say goodbye. */
const PATIENCE = { ready: 60_000, crowd: 300_000, goodbye: 15_000 };
/** ms between a seed that is ready and its leeches. */
const SETTLE = 700;

/** One seed and its leeches. */
interface Crowd {
  readonly seed: Program;
  readonly leeches: readonly Program[];
}

interface Member {
  readonly program: Program;
  readonly place: Place;
  readonly process: MeasuredProcess;
}

/** What came of a crowd. */
interface Outcome {
  /** Seconds from the start of the first leech until each was complete, by program. */
  readonly seconds: ReadonlyMap<string, readonly number[]>;
  /**
   * Copies that the seed gave, and what all gave beyond what was wanted, as a share of that; undefined
   * where they left without a goodbye (libtorrent's peer does).
   */
  readonly copies: number | undefined;
  readonly waste: number | undefined;
}

/** The program's command with an upload limit, in bytes per second. */
function command(program: Program, job: "seed" | "leech", place: Place, limit: number): string[] {
  const words = program[job]!(place);
  if (program !== vtorrent) return [...words, `--upload-limit=${limit}`];
  // Who is complete goes on giving.
  const stays = job === "leech" ? ["--seed-time", "1h"] : [];
  return [...words, "--upload-limit", String(limit), ...stays];
}

/** Plays one crowd. @param limit bytes per second, of everybody */
async function play(
  crowd: Crowd,
  workload: Workload,
  limit: number,
  around: { tracker: SmallTracker; work: string; signal: AbortSignal },
): Promise<Outcome> {
  const { tracker, signal } = around;
  tracker.clear();
  await using folder = await RunFolder.make(around);
  await using stack = new AsyncDisposableStack();
  const start = async (program: Program, job: "seed" | "leech"): Promise<Member> => {
    const place = await folder.place(workload, job === "seed");
    const process = await folder.start(program.name, command(program, job, place, limit));
    return { program, place, process: stack.use(process) };
  };
  const completeAt = ({ place }: Member) => tracker.client(place.port)?.completeAt;
  const seed = await start(crowd.seed, "seed");
  await waitFor(
    [seed.process],
    { timeout: PATIENCE.ready, signal },
    () => completeAt(seed) !== undefined,
  );
  await pause(SETTLE, signal);
  const leeches = await Promise.all(crowd.leeches.map((program) => start(program, "leech")));
  const all = [seed, ...leeches];
  await waitFor(
    all.map(({ process }) => process),
    { timeout: PATIENCE.crowd, signal },
    () => leeches.every((leech) => completeAt(leech) !== undefined),
  );
  const startedAt = Math.min(...leeches.map(({ process }) => process.startedAt));
  const seconds = Map.groupBy(leeches, ({ program }) => program.name);
  // With its goodbye each says what it gave.
  for (const { process } of all) Deno.kill(process.pid, "SIGTERM");
  const goodbyeAt = now() + PATIENCE.goodbye;
  await waitFor(
    [],
    { timeout: 2 * PATIENCE.goodbye, signal },
    () => now() > goodbyeAt || all.every(({ process }) => process.exit !== undefined),
  );
  const given = ({ place }: Member) => {
    const { stopped, uploaded } = tracker.client(place.port)!;
    return stopped ? uploaded : NaN;
  };
  const wanted = workload.plan.size * leeches.length;
  return {
    seconds: new Map(
      [...seconds].map(([name, some]) => [
        name,
        some.map((leech) => (completeAt(leech)! - startedAt) / 1000),
      ]),
    ),
    copies: known(given(seed) / workload.plan.size),
    waste: known(all.reduce((sum, member) => sum + given(member), 0) / wanted - 1),
  };
}

function known(figure: number): number | undefined {
  return Number.isNaN(figure) ? undefined : figure;
}

function shown(figure: number | undefined, unit = ""): string {
  return figure === undefined ? "–" : `${figure.toFixed(2)}${unit}`;
}

const flags = parseArgs(Deno.args, {
  string: ["rounds", "leeches", "size", "rate", "piece", "only"],
  default: { rounds: "3", leeches: "10", size: "64", rate: "2", piece: "256" },
});
const [rounds, count, limit] = [
  Number(flags.rounds),
  Number(flags.leeches),
  Number(flags.rate) * MIB,
];
const plan = {
  size: Number(flags.size) * MIB,
  pieceLength: Number(flags.piece) * 1024,
  fileCount: 1,
};
const of = (one: Program, other: Program = one) =>
  Array.from({ length: count }, (_, index) => index % 2 === 0 ? one : other);
const CROWDS: Readonly<Record<string, Crowd>> = {
  ours: { seed: vtorrent, leeches: of(vtorrent) },
  mixed: { seed: vtorrent, leeches: of(vtorrent, LIBTORRENT) },
  libtorrent: { seed: LIBTORRENT, leeches: of(LIBTORRENT) },
};
const hasLibtorrent = await installedVersion(LIBTORRENT) !== undefined;
const only = String(flags.only ?? (hasLibtorrent ? Object.keys(CROWDS).join(",") : "ours"))
  .split(",");
const print = (line: string) => process.stdout.write(`${line}\n`);
const work = await Deno.makeTempDir({ prefix: "vtorrent-crowd-" });
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort(new Error("interrupted")));
try {
  await using tracker = new SmallTracker();
  const workload = await Workload.make(join(work, "workload"), plan);
  const least = leastMakespan(plan.size, limit, plan.size / plan.pieceLength, count) / 1000;
  print(
    `${flags.size} MiB in pieces of ${flags.piece} KiB to ${count}, each gives ${flags.rate} MiB/s; ` +
      `least ${least.toFixed(1)} s`,
  );
  print(
    "| crowd | last s | × least | last s by program | copies of the seed | given twice | load |",
  );
  print(
    "| ----- | -----: | ------: | ----------------- | -----------------: | ----------: | ---: |",
  );
  for (let round = 0; round < rounds; round++) {
    for (const name of only) {
      const { seconds, copies, waste } = await play(CROWDS[name]!, workload, limit, {
        ...{ tracker, work, signal: stop.signal },
      });
      const last = Math.max(...[...seconds.values()].flat());
      const each = [...seconds].map(([program, all]) =>
        `${program} ${Math.min(...all).toFixed(1)}–${Math.max(...all).toFixed(1)}`
      );
      print(
        `| ${name} | ${last.toFixed(1)} | ${(last / least).toFixed(3)} | ${each.join(", ")} | ` +
          `${shown(copies)} | ${shown(waste && 100 * waste, " %")} | ` +
          `${Deno.loadavg()[0]!.toFixed(1)} |`,
      );
    }
  }
} finally {
  await Deno.remove(work, { recursive: true });
}
