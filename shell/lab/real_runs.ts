/**
 * Real runs on this machine: their world, and what is kept of them beside the report.
 *
 * @module
 */
import { join } from "@std/path";
import type { WireCapture, WireLink } from "../../lab/real/real_options.ts";
import type { Ground } from "../../lab/real/ground.ts";
import { NamespaceError, NamespaceWorld } from "../../lab/real/namespace_world.ts";
import { RealWorld, RealWorldError } from "../../lab/real/real_world.ts";
import type { World } from "../../lab/run/world.ts";
import type { Environment } from "../base/environment.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { PcapTap } from "../explain/pcap_tap.ts";

/** Largest capture of an experiment, in bytes: what comes later is left out. */
const MOST_CAPTURED = 256 * 2 ** 20;

/** How it is run. */
export interface RealRunsOptions {
  /** Folder of the report; undefined: nothing is kept. */
  readonly out: string | undefined;
  /** Whether every peer of ours is a process of its own. */
  readonly processes: boolean;
  /** Where members are. Default: on this machine's loopback. */
  readonly ground?: Ground;
}

/** The real world of an experiment. */
export function realWorld(world: Environment, { out, processes, ground }: RealRunsOptions): World {
  const real = (capture?: WireCapture) =>
    new RealWorld({
      vtorrent: world.self,
      cwd: world.cwd,
      processes,
      ...(ground === undefined ? {} : { ground }),
      ...(out === undefined ? {} : { logs: join(out, "logs") }),
      ...(capture === undefined ? {} : { capture }),
    });
  let captured = 0;
  return {
    async run(plan, options) {
      try {
        if (out === undefined || captured >= MOST_CAPTURED) return await real().run(plan, options);
        await Deno.mkdir(join(out, "wire"), { recursive: true });
        const name = plan.variant === "" ? `${plan.seed}` : `${plan.variant} ${plan.seed}`;
        using file = await Deno.open(join(out, "wire", `${name.replaceAll("/", "-")}.pcap`), {
          ...{ write: true, create: true, truncate: true },
        });
        const tap = new PcapTap((bytes) => {
          captured += bytes.length;
          if (captured < MOST_CAPTURED) writeAll(file, bytes);
        }, Date.now);
        return await real({
          wire: (link: WireLink, direction, bytes) => tap.wire(link, direction, bytes),
          link: (link: WireLink, state) => tap.link(link, state),
        }).run(plan, options);
      } catch (error) {
        if (error instanceof RealWorldError) throw new UsageError(error.message, { cause: error });
        throw error;
      }
    },
  };
}

/** The real world on hosts of their own, each run played by this program within them. */
export function namespaceWorld(world: Environment, out: string | undefined): World {
  const { self } = world;
  // From source it has the right to start others by its command line alone.
  const command = self.length === 1 ? self : [...self.slice(0, -1), "--allow-run", self.at(-1)!];
  const hosts = new NamespaceWorld((plan) => [
    ...command,
    ...["lab", "play", ...(out === undefined ? [] : ["--out", out]), plan],
  ]);
  return {
    async run(plan, options) {
      try {
        return await hosts.run(plan, options);
      } catch (error) {
        if (error instanceof NamespaceError) {
          throw new CommandError("cannot-tell", error.message, { cause: error });
        }
        if (error instanceof RealWorldError) throw new UsageError(error.message, { cause: error });
        throw error;
      }
    },
  };
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
