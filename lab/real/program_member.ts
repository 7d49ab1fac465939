/**
 * Any program as a member: started without a shell, in a process group of its own, its output kept.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import type { Guardian } from "../programs/guardian.ts";
import { ProgramRun } from "../programs/program_run.ts";
import type { Command } from "./presets.ts";
import type { MemberStart, RunningMember } from "./running_member.ts";

/** What a program is started within. */
export interface ProgramPlace {
  readonly guardian: Guardian;
  /** ms after which it is ended, whatever it does */
  readonly ceiling: number;
  /** Folder for its output; undefined: it is not kept. */
  readonly logs: string | undefined;
  /** The folder that it is started in. Default: that of its .torrent. */
  readonly cwd?: string;
}

/** Starts a program. */
export async function startProgramMember(
  start: MemberStart,
  command: Command,
  variables: Readonly<Record<string, string>>,
  place: ProgramPlace,
): Promise<RunningMember> {
  for (const [path, text] of Object.entries(command.files ?? {})) {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  const run = new ProgramRun(command.argv, {
    cwd: place.cwd ?? dirname(start.torrentPath),
    ...(command.lines === undefined ? {} : { lines: command.lines }),
    env: Object.fromEntries(
      Object.entries(variables).map((
        [name, value],
      ) => [`VTORRENT_LAB_${name.toUpperCase()}`, value]),
    ),
    belongsTo: dirname(start.torrentPath),
    ceiling: place.ceiling,
  });
  await place.guardian.watch(run.pid);
  let isOver = false;
  const end = async (how: () => Promise<void>) => {
    if (isOver) return;
    isOver = true;
    await how();
    await place.guardian.forget(run.pid);
    if (place.logs !== undefined) await keepLog(join(place.logs, `${start.id}.log`), run);
  };
  const stop = () => end(() => run.stop());
  return {
    stop,
    kill: () => end(() => run.kill()),
    pause: () => run.signal("SIGSTOP"),
    resume: () => run.signal("SIGCONT"),
    ended: untilEnded(run).then((code) => {
      const said = run.lastLines(1)[0];
      return `${start.id} ended by itself with status ${code}` +
        (said === undefined ? "" : `; it said last: ${said}`);
    }),
    [Symbol.asyncDispose]: stop,
  };
}

async function untilEnded(run: ProgramRun): Promise<number> {
  while (run.end === undefined) await run.until(() => run.end, FOREVER);
  return run.end.code;
}

/** ms: as long as timers go. */
const FOREVER = 2 ** 31 - 1;

/** Adds what it printed to its log: a member that is killed is started again. */
async function keepLog(path: string, run: ProgramRun): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await Deno.open(path, { create: true, append: true });
  try {
    for (const transcript of [run.stdout, run.stderr]) {
      const bytes = transcript.bytes();
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    }
  } finally {
    file.close();
  }
}
