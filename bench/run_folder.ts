/**
 * The folder and the time in which one measurement is made.
 *
 * @module
 */
import { join } from "@std/path";
import { MeasuredProcess, now } from "./measured_process.ts";
import type { Place } from "./programs.ts";
import type { SmallTracker } from "./small_tracker.ts";
import type { WarmMemory } from "./warm_memory.ts";
import type { Workload } from "./workload.ts";

/** What a run is done with. */
export interface Surroundings {
  /** Folder for the run's own one. */
  work: string;
  tracker: SmallTracker;
  /** To be filled before what is measured takes memory. */
  memory: WarmMemory;
  /** Milliseconds that a run may take. */
  timeout: number;
  signal: AbortSignal;
}

/** What was measured. Times in seconds, memory in bytes. */
export interface Figures {
  /** From the start of the process (of the leeches) to the sign that all is there. */
  wall: number;
  /** From the same start to the first byte of a file, where the common peer saw it. */
  firstByte?: number;
  cpu: number;
  memory: number;
  /** Of the other side, where there is one. */
  otherCpu?: number;
  otherMemory?: number;
}

/** A run that did not do what it should: no figures. */
export class RunError extends Error {
  override name = "RunError";
}

/** How long between two looks at a process, milliseconds. */
const LOOK = 5;

/** The folder of one run: gone with all in it when disposed of. */
export class RunFolder implements AsyncDisposable {
  readonly path: string;
  readonly #announce: string;
  #peers = 0;
  #logs = 0;

  private constructor(path: string, announce: string) {
    this.path = path;
    this.#announce = announce;
  }

  static async make(around: Pick<Surroundings, "work" | "tracker">): Promise<RunFolder> {
    const path = await Deno.makeTempDir({ dir: around.work, prefix: "run-" });
    return new RunFolder(path, around.tracker.url);
  }

  /** A new place with a .torrent; also with the data where the peer has it all. */
  async place(workload: Workload, withData: boolean): Promise<Place> {
    const home = join(this.path, `peer ${++this.#peers}`);
    const place = {
      torrent: join(home, "it.torrent"),
      dir: join(home, "data"),
      state: join(home, "state"),
      port: freePort(),
    };
    await Deno.mkdir(place.dir, { recursive: true });
    await Deno.mkdir(place.state);
    await Deno.writeFile(place.torrent, workload.torrent(this.#announce));
    if (withData) await workload.linkInto(place.dir);
    return place;
  }

  start(name: string, command: readonly string[]): Promise<MeasuredProcess> {
    const log = join(this.path, `log ${++this.#logs}`);
    return MeasuredProcess.start(command, { name, log, cwd: this.path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/**
 * Looks at `done` until it holds.
 *
 * @throws {RunError} after `timeout` milliseconds, or once one of `processes` has ended in failure
 */
export async function waitFor(
  processes: readonly MeasuredProcess[],
  { timeout, signal }: { timeout: number; signal: AbortSignal },
  done: () => boolean,
): Promise<void> {
  const deadline = now() + timeout;
  while (!done()) {
    // A download that is complete may end by itself: others may need longer.
    const failed = processes.find(({ exit }) => exit !== undefined && exit.code !== 0);
    if (failed) throw ended(failed);
    if (now() > deadline) {
      const words = processes.map((process) => `${process.name}: ${process.lastWords()}`);
      throw new RunError(`Not done after ${timeout / 1000} s. ${words.join("; ")}`);
    }
    await pause(LOOK, signal);
  }
}

/** What to throw where a process should not have ended, or not like this. */
export function ended(process: MeasuredProcess): RunError {
  const { name, exit } = process;
  return new RunError(`${name} ended with status ${exit?.code}: ${process.lastWords()}`);
}

export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  signal.throwIfAborted();
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
