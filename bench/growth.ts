/**
 * Whether time per byte and memory stay the same when things grow: the size, the number of pieces,
 * of connections, of torrents at rest.
 *
 *     deno run --allow-all bench/growth.ts [ROUNDS]
 *
 * @module
 */
import { join } from "@std/path";
import type { MeasuredProcess } from "./measured_process.ts";
import { COMMON_PEER, VTORRENT, vtorrent } from "./programs.ts";
import { type Figures, RunFolder, type Surroundings, waitFor } from "./run_folder.ts";
import { SmallTracker } from "./small_tracker.ts";
import { runTransfer } from "./transfer.ts";
import { WarmMemory } from "./warm_memory.ts";
import { MIB, Workload, type WorkloadPlan } from "./workload.ts";

const ROUNDS = Number(Deno.args[0] ?? 3);
const IDLE_TORRENTS = 200;

const GIB: WorkloadPlan = { size: 1024 * MIB, pieceLength: MIB, fileCount: 1 };
const QUARTER: WorkloadPlan = { size: 256 * MIB, pieceLength: 256 * 1024, fileCount: 1 };

interface Row {
  readonly what: string;
  readonly plan: WorkloadPlan;
  run(around: Surroundings, workload: Workload): Promise<Figures>;
}

const fromLibtorrent = (around: Surroundings, workload: Workload): Promise<Figures> =>
  runTransfer(around, {
    seed: COMMON_PEER,
    leech: vtorrent,
    leeches: 1,
    measured: "leech",
    workload,
  });

const ROWS: readonly Row[] = [
  { what: "1 GiB, 1,024 pieces", plan: GIB, run: fromLibtorrent },
  { what: "8 GiB, 8,192 pieces", plan: { ...GIB, size: 8 * GIB.size }, run: fromLibtorrent },
  { what: "1 GiB, 10,923 pieces", plan: { ...GIB, pieceLength: 96 * 1024 }, run: fromLibtorrent },
  { what: "256 MiB from 2 seeds", plan: QUARTER, run: (...args) => fromMany(2, ...args) },
  { what: "256 MiB from 50 seeds", plan: QUARTER, run: (...args) => fromMany(50, ...args) },
  { what: "256 MiB in an empty store", plan: QUARTER, run: (...args) => beside(0, ...args) },
  {
    what: `256 MiB beside ${IDLE_TORRENTS} torrents`,
    plan: QUARTER,
    run: (...args) => beside(IDLE_TORRENTS, ...args),
  },
];

/** A download from seeds that all live in one other process. */
async function fromMany(
  count: number,
  around: Surroundings,
  workload: Workload,
): Promise<Figures> {
  await using folder = await RunFolder.make(around);
  const { dir, torrent } = await folder.place(workload, true);
  const script = join(import.meta.dirname!, "many_seeds.ts");
  await using seeds = await folder.start("many seeds", [
    ...[Deno.execPath(), "run", "--allow-all", "--unstable-net", script],
    ...[torrent, dir, String(count)],
  ]);
  const ports = (): string | undefined => /^ports (.*)$/m.exec(seeds.output())?.[1];
  await waitFor([seeds], around, () => ports() !== undefined);
  const place = await folder.place(workload, false);
  await around.memory.fill(around.signal);
  const peers = ports()!.split(" ").flatMap((port) => ["--peer", `127.0.0.1:${port}`]);
  const args = [...vtorrent.leech!(place), "--no-trackers", ...peers];
  await using leech = await folder.start("vtorrent", args);
  return await untilItEnds(leech, around);
}

/** A download by a peer whose store has other torrents already. */
async function beside(
  count: number,
  around: Surroundings,
  workload: Workload,
): Promise<Figures> {
  await using folder = await RunFolder.make(around);
  const place = await folder.place(workload, true);
  await using seed = await folder.start("common peer", COMMON_PEER.seed!(place));
  const store = await folder.place(workload, false);
  const names = Array.from({ length: count }, (_, i) => `idle-${i}.bin`);
  for (const name of names) {
    await Deno.writeFile(join(store.dir, name), crypto.getRandomValues(new Uint8Array(50_000)));
  }
  const peer = (commands: string): Promise<MeasuredProcess> =>
    folder.start("vtorrent", [
      ...[...VTORRENT, "peer", "bench", "--dir", store.dir, "--host", "127.0.0.1"],
      ...["--port", "0", "--no-discovery", "--quiet", "-e", commands],
    ]);
  if (count > 0) {
    await using sender = await peer(`send ${names.join(" ")}; exit`);
    await untilItEnds(sender, around);
  }
  {
    await using starter = await peer("exit");
    const { wall } = await untilItEnds(starter, around);
    say(`  start and end with ${count} torrents: ${wall.toFixed(2)} s`);
  }
  await waitFor([seed], around, () => around.tracker.client(place.port) !== undefined);
  await around.memory.fill(around.signal);
  await using leech = await peer(`download ${store.torrent}; exit`);
  return await untilItEnds(leech, around);
}

async function untilItEnds(process: MeasuredProcess, around: Surroundings): Promise<Figures> {
  let usage = process.usage();
  await waitFor([process], around, () => {
    usage = process.usage();
    return process.exit !== undefined;
  });
  return { wall: (process.exit!.at - process.startedAt) / 1000, ...usage };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

const parent = join(import.meta.dirname!, "runs");
await Deno.mkdir(parent, { recursive: true });
const work = await Deno.makeTempDir({ dir: parent });
try {
  await using tracker = new SmallTracker();
  const memory = new WarmMemory(work);
  const { signal } = new AbortController();
  const around = { work, tracker, memory, timeout: 300_000, signal };
  // Before the data is made: what came last is what stays cached.
  await memory.fill(signal);
  const results = new Map<Row, Figures[]>();
  const workloads = new Map<string, Workload>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const row of ROWS) {
      const key = JSON.stringify(row.plan);
      let workload = workloads.get(key);
      if (workload === undefined) {
        workload = await Workload.make(join(work, `data ${workloads.size}`), row.plan);
        workloads.set(key, workload);
      }
      tracker.clear();
      const figures = await row.run(around, workload);
      results.set(row, [...results.get(row) ?? [], figures]);
      say(`${round}/${ROUNDS} ${row.what}: ${figures.wall.toFixed(2)} s`);
    }
  }
  say("\n| | wall s/GiB | CPU s/GiB | peak RSS MiB |\n| --- | ---: | ---: | ---: |");
  for (const [{ what, plan }, figures] of results) {
    const gib = plan.size / GIB.size;
    const wall = median(figures.map((one) => one.wall)) / gib;
    const cpu = median(figures.map((one) => one.cpu)) / gib;
    const memory = median(figures.map((one) => one.memory)) / MIB;
    say(`| ${what} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} | ${memory.toFixed(0)} |`);
  }
} finally {
  await Deno.remove(work, { recursive: true });
}
