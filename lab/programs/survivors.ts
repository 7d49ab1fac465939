/**
 * Processes that a program left behind, by a mark in their environment: a daemon leaves its
 * process group, but it keeps what it inherited.
 *
 * @module
 */

/** Name of the variable that every process of a run inherits. */
export const MARK = "VTORRENT_RUN";

/** How often survivors are looked for, and ms between two looks. */
const MAX_ROUNDS = 6;
const PAUSE_MS = 20;

/** IDs of the living processes that carry the mark. */
export async function markedProcesses(mark: string): Promise<number[]> {
  const text = `${MARK}=${mark}`;
  try {
    if (Deno.build.os === "linux") {
      const files = await output("/bin/sh", [
        "-c",
        'exec grep -lsaF -- "$1" /proc/[0-9]*/environ',
        "sh",
        text,
      ]);
      return [...files.matchAll(/\/proc\/(\d+)\//g)].map(([, pid]) => Number(pid));
    }
    const lines = await output("ps", ["-A", "-E", "-ww", "-o", "pid=,command="]);
    return lines.split("\n").filter((line) => line.includes(text)).map((line) => parseInt(line));
  } catch {
    // No such program here (Windows): the process group has to do.
    return [];
  }
}

/** Ends what is left of a run; how many processes that were. */
export async function endSurvivors(mark: string): Promise<number> {
  const ended = new Set<number>();
  let none = 0;
  // A process may start another one while it is being ended, and shows no mark while another program
  // takes its place (exec).
  for (let round = 0; round < MAX_ROUNDS && none < 2; round++) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const left = await markedProcesses(mark);
    none = left.length === 0 ? none + 1 : 0;
    for (const pid of left) {
      ended.add(pid);
      endProcess(pid, "SIGKILL");
    }
  }
  return ended.size;
}

/** Sends a signal to a process, or with a negative ID to its group; whether it was there. */
export function endProcess(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function output(command: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}
