/**
 * What a program does with the processor: whether all its threads sleep, and how long it has computed.
 * Of a program that says nothing, that tells silence from a machine that has no time for it.
 *
 * @module
 */

/** A look at a program and all that it started. */
export interface ProcessorUse {
  /** No thread computes, waits for a processor or for a disk. */
  readonly isAtRest: boolean;
  /** ms that its threads have computed. */
  readonly used: number;
}

/** Processes that are looked at. */
const MOST_PROCESSES = 50;
/** Threads of each that are looked at. */
const MOST_THREADS = 200;
/** ms of the unit in which Linux counts processor time. */
const TICK = 10;
/** States in which a thread runs or could, or waits for a disk. */
const BUSY = ["R", "D"];
/** Behind the name of a thread: its state, and the time that it spent in programs and in the system. */
const [STATE, USER, SYSTEM] = [0, 11, 12] as const;

/** Looks at a process and those that it started; undefined where the system does not tell. */
export function processorUse(pid: number): ProcessorUse | undefined {
  if (Deno.build.os !== "linux") return undefined;
  let isAtRest = true;
  let ticks = 0;
  const processes = [pid];
  // More are found while these are looked at.
  for (const process of processes) {
    for (const thread of threadsOf(process)) {
      const folder = `/proc/${process}/task/${thread}`;
      const stat = readText(`${folder}/stat`);
      if (stat === "") continue;
      const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (BUSY.includes(words[STATE]!)) isAtRest = false;
      ticks += Number(words[USER]) + Number(words[SYSTEM]);
      const children = readText(`${folder}/children`).split(" ").filter(Boolean).map(Number);
      processes.push(...children.slice(0, Math.max(0, MOST_PROCESSES - processes.length)));
    }
  }
  return { isAtRest, used: ticks * TICK };
}

/** Threads of a process; none where it has ended. */
function threadsOf(pid: number): string[] {
  try {
    return Array.from(Deno.readDirSync(`/proc/${pid}/task`), ({ name }) => name)
      .slice(0, MOST_THREADS);
  } catch {
    return [];
  }
}

/** A file of /proc; empty where its thread has ended. */
function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
