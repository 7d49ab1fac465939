/**
 * The real world on hosts of their own (Linux): the kernel keeps to rates in place of the wires, which
 * only read along. A run is played by this program once more, started within the hosts' namespaces.
 *
 * @module
 */
import { join } from "@std/path";
import { Guardian } from "../programs/guardian.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { RunOptions, World } from "../run/world.ts";
import type { RunPlan } from "../scenario/run_plan.ts";
import { hostsCommand } from "./host_network.ts";
import { RealWorldError } from "./real_world.ts";

/** What is said from within, a line each. */
export type PlayedLine =
  | { readonly ready: true }
  | { readonly event: RunEvent }
  | { readonly record: RunRecord }
  /** The plan cannot be played, in a sentence. */
  | { readonly problem: string };

/** Hosts cannot be made here; the sentence says why and what can be done. */
export class NamespaceError extends Error {
  override name = "NamespaceError";
}

/** ms that a run which was ended has to clean up behind itself. */
const END_GRACE = 5000;
const WAY = "Leave out --netns: wires do the same without rights";

/** See the module. */
export class NamespaceWorld implements World {
  readonly #player: (plan: string) => readonly string[];

  /** @param player the command that plays the plan in a file, told in {@linkcode PlayedLine}s */
  constructor(player: (plan: string) => readonly string[]) {
    this.#player = player;
  }

  /**
   * @throws {NamespaceError} where hosts cannot be made here
   * @throws {RealWorldError} where the plan cannot be played
   */
  async run(plan: RunPlan, options: RunOptions = {}): Promise<RunRecord> {
    if (Deno.build.os !== "linux") throw new NamespaceError(`--netns needs Linux. ${WAY}`);
    await using guardian = await Guardian.start("vtorrent-lab-");
    const path = join(guardian.folder, "plan.json");
    await Deno.writeTextFile(path, JSON.stringify(plan));
    const [program, ...args] = hostsCommand(plan.members, plan.net, this.#player(path));
    const child = spawned(program!, args, guardian.folder);
    await guardian.watch(child.pid);
    // Its end of input tells it to stop, also where this process is killed.
    const stop = () => void child.stdin.close().catch(() => {});
    options.signal?.addEventListener("abort", stop, { once: true });
    if (options.signal?.aborted) stop();
    const errors = new Response(child.stderr).text();
    try {
      const { isReady, record, problem } = await heard(child.stdout, options.onEvent);
      if (problem !== undefined) throw new RealWorldError(problem);
      if (record !== undefined) return record;
      const said = (await errors).trim().split("\n").at(-1);
      if (isReady) throw new Error(`The run on hosts of their own ended early: ${said}`);
      throw new NamespaceError(
        `Hosts of their own (namespaces) cannot be made here: ${said || "no reason"}. ${WAY}`,
      );
    } finally {
      options.signal?.removeEventListener("abort", stop);
      stop();
      const late = setTimeout(() => kill(child.pid), END_GRACE);
      await child.status;
      clearTimeout(late);
      await errors;
      await guardian.forget(child.pid);
    }
  }
}

function spawned(program: string, args: readonly string[], folder: string): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      // All that it makes lies in the folder that is removed.
      env: { TMPDIR: folder, PATH: `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/sbin` },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
      detached: true,
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new NamespaceError(
      `Hosts of their own need ${program} and ip (Debian: apt install util-linux iproute2). ${WAY}`,
      { cause: error },
    );
  }
}

/** Reads what is said from within, to the end. */
async function heard(
  stream: ReadableStream<Uint8Array>,
  onEvent: ((event: RunEvent) => void) | undefined,
): Promise<{ isReady: boolean; record?: RunRecord; problem?: string }> {
  let all: { isReady: boolean; record?: RunRecord; problem?: string } = { isReady: false };
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const said = JSON.parse(line) as PlayedLine;
      if ("event" in said) onEvent?.(said.event);
      else if ("ready" in said) all.isReady = true;
      else all = { ...all, ...said };
    }
  }
  return all;
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
