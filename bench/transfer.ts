/**
 * One measured transfer: from a seed to its leeches, every file compared afterwards.
 *
 * @module
 */
import { dirname } from "@std/path";
import { type MeasuredProcess, now, type Usage } from "./measured_process.ts";
import type { Place, Program } from "./programs.ts";
import {
  ended,
  type Figures,
  pause,
  RunError,
  RunFolder,
  type Surroundings,
  waitFor,
} from "./run_folder.ts";
import type { SmallTracker } from "./small_tracker.ts";
import type { Workload } from "./workload.ts";

/** Who transfers what to whom. */
export interface Transfer {
  seed: Program;
  leech: Program;
  leeches: number;
  /** Whose CPU time and memory count; the rest is `other…`. */
  measured: "seed" | "leech" | "all";
  workload: Workload;
}

interface Peer {
  program: Program;
  place: Place;
  process: MeasuredProcess;
}

// All in milliseconds.
/** Seeds get this long after they are ready: page faults, late threads. */
const SETTLE = 700;
/** Some seeds read all of their data first. */
const READY_TIMEOUT = 60_000;
/** How long an announce may arrive after its process has ended. */
const LAST_ANNOUNCE = 1000;
/** How long after its end a file may still be without its final name. */
const NAMES_TIMEOUT = 20_000;

/**
 * Runs one transfer.
 *
 * @throws {RunError} where a program ends early, is too slow, or leaves wrong bytes
 */
export async function runTransfer(around: Surroundings, transfer: Transfer): Promise<Figures> {
  const { tracker, signal } = around;
  tracker.clear();
  await using folder = await RunFolder.make(around);
  await using stack = new AsyncDisposableStack();
  const start = async (program: Program, job: "seed" | "leech"): Promise<Peer> => {
    const place = await folder.place(transfer.workload, job === "seed");
    for (const [path, text] of Object.entries(program.settings?.(place) ?? {})) {
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    const process = await folder.start(program.name, program[job]!(place));
    return { program, place, process: stack.use(process) };
  };

  const seed = await start(transfer.seed, "seed");
  const isReady = () => completeAt(seed, tracker) !== undefined;
  await waitFor([seed.process], { timeout: READY_TIMEOUT, signal }, isReady);
  await pause(SETTLE, signal);
  await around.memory.fill(signal);
  const before = seed.process.usage();

  const leeches: Peer[] = [];
  for (let i = 0; i < transfer.leeches; i++) leeches.push(await start(transfer.leech, "leech"));
  await introduce(around, seed, leeches);
  const ends = await allEnds(around, seed, leeches);
  // What a leech does for others after its own end is part of the work, too.
  const leechUsage = together(
    leeches.length === 1
      ? ends.map(({ usage }) => usage)
      : leeches.map(({ process }) => process.usage()),
  );
  const after = seed.process.usage();
  const seedUsage = { cpu: after.cpu - before.cpu, memory: after.memory };

  const startedAt = leeches[0]!.process.startedAt;
  const firstByte = firstByteAt([seed, ...leeches]);
  await compareFiles(transfer.workload, leeches, signal);
  return {
    wall: (Math.max(...ends.map(({ at }) => at)) - startedAt) / 1000,
    ...(firstByte !== undefined && { firstByte: (firstByte - startedAt) / 1000 }),
    ...split(transfer.measured, seedUsage, leechUsage),
  };
}

/** Brings those together that no tracker can. */
async function introduce(around: Surroundings, seed: Peer, leeches: Peer[]): Promise<void> {
  for (const { program, place, process } of leeches) {
    if (seed.program.mustBeDialled) await process.say(`dial ${seed.place.port}`);
    if (program.mustBeDialled) {
      await waitFor([process], around, () => around.tracker.client(place.port) !== undefined);
      await seed.process.say(`dial ${place.port}`);
    }
  }
}

/** When each leech had everything, and what it had used by then. */
async function allEnds(
  around: Surroundings,
  seed: Peer,
  leeches: readonly Peer[],
): Promise<{ at: number; usage: Usage }[]> {
  const ends = new Map<Peer, { at: number; usage: Usage }>();
  const processes = [seed, ...leeches].map(({ process }) => process);
  await waitFor(processes, around, () => {
    for (const leech of leeches) {
      const usage = leech.process.usage();
      const at = completeAt(leech, around.tracker);
      if (at !== undefined && !ends.has(leech)) ends.set(leech, { at, usage });
      const { exit } = leech.process;
      if (at === undefined && exit !== undefined && now() - exit.at > LAST_ANNOUNCE) {
        throw ended(leech.process);
      }
    }
    return ends.size === leeches.length;
  });
  return [...ends.values()];
}

/** When a peer had everything, milliseconds since the epoch: the earliest sign counts. */
function completeAt({ program, place, process }: Peer, tracker: SmallTracker): number | undefined {
  const client = tracker.client(place.port);
  const announced = program.announcesTooEarly ? undefined : client?.completeAt;
  if (announced !== undefined) return announced;
  return client !== undefined && program.completeLine?.test(process.output()) ? now() : undefined;
}

function together(usages: readonly Usage[]): Usage {
  return {
    cpu: usages.reduce((sum, usage) => sum + usage.cpu, 0),
    memory: Math.max(...usages.map((usage) => usage.memory)),
  };
}

function split(measured: Transfer["measured"], seed: Usage, leech: Usage): Omit<Figures, "wall"> {
  if (measured === "all") return together([seed, leech]);
  const [one, other] = measured === "seed" ? [seed, leech] : [leech, seed];
  return { ...one, otherCpu: other.cpu, otherMemory: other.memory };
}

/** When the first byte of a file moved, by the word of a peer of ours. */
function firstByteAt(peers: readonly Peer[]): number | undefined {
  for (const { process } of peers) {
    const seconds = /^first ([\d.]+)$/m.exec(process.output())?.[1];
    if (seconds !== undefined) return Number(seconds) * 1000;
  }
  return undefined;
}

/** Waits for the last file to get its final name: some announce first, and sync before they rename. */
async function compareFiles(
  workload: Workload,
  leeches: readonly Peer[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = now() + NAMES_TIMEOUT;
  for (const { program, place } of leeches) {
    for (;;) {
      const path = await workload.firstDifference(place.dir);
      if (path === undefined) break;
      if (now() > deadline) throw new RunError(`${program.name} left other bytes in ${path}`);
      await pause(100, signal);
    }
  }
}
