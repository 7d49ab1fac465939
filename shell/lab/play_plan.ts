/**
 * `vtorrent lab play`, which nobody types: plays a plan within hosts of their own, and says what happens
 * a line each (`lab/real/namespace_world.ts`).
 *
 * @module
 */
import type { PlayedLine } from "../../lab/real/namespace_world.ts";
import { HostNetwork } from "../../lab/real/host_network.ts";
import type { RunPlan } from "../../lab/scenario/run_plan.ts";
import type { Environment } from "../base/environment.ts";
import { UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import { realWorld } from "./real_runs.ts";

/**
 * Plays it until it ends or standard input does.
 *
 * @param path the plan as JSON
 * @param delays who delays packets: `kernel` or `wires`
 */
export async function playPlan(
  [path, delays]: readonly string[],
  world: Environment,
  out: string | undefined,
): Promise<number> {
  const say = (line: PlayedLine) => world.stdout.write(`${JSON.stringify(line)}\n`);
  const plan = JSON.parse(await Deno.readTextFile(path!)) as RunPlan;
  say({ ready: true });
  const end = new AbortController();
  world.stdin.bytes().then(() => end.abort());
  const ids = plan.members.map(({ id }) => id);
  const ground = new HostNetwork(ids, delays === "kernel" ? "kernel" : "wires");
  try {
    const record = await realWorld(world, { out, processes: true, ground }).run(plan, {
      signal: AbortSignal.any([world.stop, end.signal]),
      onEvent: (event) => say({ event }),
    });
    say({ record });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say({ problem: error.message });
  }
  return ExitStatus.done;
}
