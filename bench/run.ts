/**
 * One measurement: a transfer from seeds to leeches, or one command, in a folder of its own.
 *
 * @module
 */
import { join } from "node:path";
import { decodeBencode, rawValue } from "../protocol/bencode.ts";
import { MeasuredProcess, now, type Usage } from "./measured_process.ts";
import type { CreatePlace, Place, Program } from "./programs.ts";
import type { SmallTracker } from "./small_tracker.ts";
import type { Workload } from "./workload.ts";

/** What a run is done with. */
export interface Surroundings {
  /** Folder for the run's own one. */
  work: string;
  tracker: SmallTracker;
  /** Milliseconds that a run may take. */
  timeout: number;
  signal: AbortSignal;
}

/** What was measured. Times in seconds, memory in bytes. */
export interface Figures {
  /** From the start of the process (of the leeches) to the announce that all is there. */
  wall: number;
  /** From the same start to the first byte of a file, where the common peer saw it. */
  firstByte?: number;
  cpu: number;
  memory: number;
  /** Of the other side, where there is one. */
  otherCpu?: number;
  otherMemory?: number;
}

/** Who transfers what to whom. */
export interface Transfer {
  seed: Program;
  leech: Program;
  leeches: number;
  /** Whose CPU time and memory count; the rest is `other…`. */
  measured: "seed" | "leech" | "all";
  workload: Workload;
}

/** A run that did not do what it should: no figures. */
export class RunError extends Error {
  override name = "RunError";
}

/** Seeds get this long after they are ready: page faults, late threads. */
const SETTLE = 700;
/** A seed that has to read all of its data first gets this long per GiB, at least this. */
const READY_TIMEOUT = 60_000;
/** How long an announce may arrive after its process has ended. */
const LAST_ANNOUNCE = 1000;
/** How long between two looks at a process. */
const LOOK = 5;

interface Peer {
  program: Program;
  place: Place;
  process: MeasuredProcess;
}

/**
 * Runs one transfer and compares every file.
 *
 * @throws {RunError} where a program ends early, is too slow, or leaves wrong bytes
 */
export async function runTransfer(around: Surroundings, transfer: Transfer): Promise<Figures> {
  const { tracker } = around;
  tracker.clear();
  await using folder = await RunFolder.make(around);
  await using stack = new AsyncDisposableStack();
  const start = async (program: Program, job: "seed" | "leech"): Promise<Peer> => {
    const place = await folder.place(transfer.workload, job === "seed");
    for (const [path, text] of Object.entries(program.settings?.(place) ?? {})) {
      await Deno.writeTextFile(path, text);
    }
    const command = program[job]!(place);
    return { program, place, process: stack.use(await folder.start(program.name, command)) };
  };

  const seed = await start(transfer.seed, "seed");
  await waitFor(around, READY_TIMEOUT, [seed], () => completeAt(seed, tracker) !== undefined);
  await pause(SETTLE, around.signal);
  const before = seed.process.usage();

  const leeches: Peer[] = [];
  for (let i = 0; i < transfer.leeches; i++) leeches.push(await start(transfer.leech, "leech"));
  const startedAt = leeches[0]!.process.startedAt;
  await introduce(around, seed, leeches);

  const ends = new Map<Peer, { at: number; usage: Usage }>();
  await waitFor(around, around.timeout, [seed, ...leeches], () => {
    for (const leech of leeches) {
      const usage = leech.process.usage();
      const at = completeAt(leech, tracker);
      if (at !== undefined && !ends.has(leech)) ends.set(leech, { at, usage });
      const { exit } = leech.process;
      if (at === undefined && exit !== undefined && now() - exit.at > LAST_ANNOUNCE) {
        throw ended(leech.program.name, leech.process);
      }
    }
    return ends.size === leeches.length;
  });
  // What a leech does for others after its own end is part of the work, too.
  const leechUsage = together(
    leeches.map((leech) => transfer.leeches === 1 ? ends.get(leech)!.usage : leech.process.usage()),
  );
  const after = seed.process.usage();
  const seedUsage = { cpu: after.cpu - before.cpu, memory: after.memory };
  const firstByte = firstByteAt([seed, ...leeches]);
  await comparedFiles(transfer.workload, leeches);
  return {
    wall: (Math.max(...[...ends.values()].map(({ at }) => at)) - startedAt) / 1000,
    ...(firstByte !== undefined && { firstByte: (firstByte - startedAt) / 1000 }),
    ...split(transfer.measured, seedUsage, leechUsage),
  };
}

/**
 * Lets a program check data that is good.
 *
 * @throws {RunError} where it fails or is too slow
 */
export async function runVerify(
  around: Surroundings,
  program: Program,
  workload: Workload,
): Promise<Figures> {
  await using folder = await RunFolder.make(around);
  const place = await folder.place(workload, true);
  return await runToEnd(around, folder, program, program.verify!(place));
}

/**
 * Lets a program make a .torrent and compares its piece hashes.
 *
 * @throws {RunError} where it fails, is too slow, or the hashes differ
 */
export async function runCreate(
  around: Surroundings,
  program: Program,
  workload: Workload,
): Promise<Figures> {
  await using folder = await RunFolder.make(around);
  const place: CreatePlace = {
    path: join(workload.dir, workload.name),
    output: join(folder.path, "made.torrent"),
    pieceLength: workload.plan.pieceLength,
    announce: around.tracker.url,
  };
  const figures = await runToEnd(around, folder, program, program.create!(place));
  const raw = rawValue(await Deno.readFile(place.output), ["info", "pieces"]);
  const pieces = raw && decodeBencode(raw);
  if (!(pieces instanceof Uint8Array) || !equalBytes(pieces, workload.pieces)) {
    throw new RunError(`${program.name} made other piece hashes`);
  }
  return figures;
}

async function runToEnd(
  around: Surroundings,
  folder: RunFolder,
  program: Program,
  command: readonly string[],
): Promise<Figures> {
  await using process = await folder.start(program.name, command);
  await waitFor(around, around.timeout, [], () => {
    process.usage();
    return process.exit !== undefined;
  });
  const { code, at } = process.exit!;
  if (code !== 0) throw ended(program.name, process);
  return { wall: (at - process.startedAt) / 1000, ...process.usage() };
}

/** The folder of one run: gone with all in it when disposed of. */
class RunFolder implements AsyncDisposable {
  readonly path: string;
  #peers = 0;
  #logs = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(around: Surroundings): Promise<RunFolder> {
    const folder = new RunFolder(await Deno.makeTempDir({ dir: around.work, prefix: "run-" }));
    folder.#announce = around.tracker.url;
    return folder;
  }

  #announce = "";

  /** A new place with a .torrent; also with the data where the peer has it all. */
  async place(workload: Workload, withData: boolean): Promise<Place> {
    const home = join(this.path, `peer ${++this.#peers}`);
    const dir = join(home, "data");
    const state = join(home, "state");
    const torrent = join(home, "it.torrent");
    await Deno.mkdir(dir, { recursive: true });
    await Deno.mkdir(state);
    await Deno.writeFile(torrent, workload.torrent(this.#announce));
    if (withData) await workload.linkInto(dir);
    return { torrent, dir, state, port: freePort() };
  }

  start(name: string, command: readonly string[]): Promise<MeasuredProcess> {
    const log = join(this.path, `log ${++this.#logs}`);
    return MeasuredProcess.start(command, { name, log, cwd: this.path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Below the range that the system gives to outgoing connections: nobody takes it meanwhile. */
function freePort(): number {
  while (true) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** When a peer had everything, milliseconds since the epoch: the earliest sign counts. */
function completeAt({ program, place, process }: Peer, tracker: SmallTracker): number | undefined {
  const client = tracker.client(place.port);
  if (program.completeLine?.test(process.output()) && client !== undefined) return now();
  return program.announcesTooEarly ? undefined : client?.completeAt;
}

/** Brings those together that no tracker can. */
async function introduce(around: Surroundings, seed: Peer, leeches: Peer[]): Promise<void> {
  for (const leech of leeches) {
    if (seed.program.mustBeDialled) await leech.process.say(`dial ${seed.place.port}`);
    if (leech.program.mustBeDialled) {
      await waitFor(
        around,
        around.timeout,
        [leech],
        () => around.tracker.client(leech.place.port) !== undefined,
      );
      await seed.process.say(`dial ${leech.place.port}`);
    }
  }
}

/** Looks at `done` until it holds; fails once one of `peers` has ended in failure. */
async function waitFor(
  around: Surroundings,
  timeout: number,
  peers: readonly Peer[],
  done: () => boolean,
): Promise<void> {
  const deadline = now() + timeout;
  while (!done()) {
    for (const { program, process } of peers) {
      // A download that is complete may end by itself: others may need longer.
      if (process.exit === undefined || process.exit.code === 0) continue;
      throw ended(program.name, process);
    }
    if (now() > deadline) {
      const words = peers.map(({ program, process }) => `${program.name}: ${process.lastWords()}`);
      throw new RunError(`Not done after ${timeout / 1000} s. ${words.join("; ")}`);
    }
    await pause(LOOK, around.signal);
  }
}

function ended(name: string, process: MeasuredProcess): RunError {
  return new RunError(`${name} ended with status ${process.exit?.code}: ${process.lastWords()}`);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  signal.throwIfAborted();
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

async function comparedFiles(workload: Workload, leeches: readonly Peer[]): Promise<void> {
  for (const { program, place } of leeches) {
    const path = await workload.firstDifference(place.dir);
    if (path !== undefined) throw new RunError(`${program.name} left other bytes in ${path}`);
  }
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
