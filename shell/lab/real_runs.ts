/**
 * Real runs on this machine: their world, and what is kept of them beside the report.
 *
 * @module
 */
import { join } from "@std/path";
import type { WireCapture, WireLink, WireListener } from "../../lab/real/real_options.ts";
import type { Ground } from "../../lab/real/ground.ts";
import { NamespaceError, NamespaceWorld } from "../../lab/real/namespace_world.ts";
import { RealWorld, RealWorldError } from "../../lab/real/real_world.ts";
import { runName, type RunRecord } from "../../lab/run/run_record.ts";
import type { World } from "../../lab/run/world.ts";
import type { Environment } from "../base/environment.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import { FileSink } from "../explain/file_sink.ts";
import { PcapTap } from "../explain/pcap_tap.ts";
import { WireExplainer } from "./wire_explainer.ts";

/** Largest capture of an experiment, in bytes: what comes later is left out. */
const MOST_CAPTURED = 256 * 2 ** 20;
/** How often (ms) what was written goes to the disk, so that one can read along. */
const FLUSH_MS = 250;

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
  const real = (capture?: WireCapture, listener?: WireListener) =>
    new RealWorld({
      vtorrent: world.self,
      cwd: world.cwd,
      processes,
      ...(ground === undefined ? {} : { ground }),
      ...(out === undefined ? {} : { logs: join(out, "logs") }),
      ...(capture === undefined ? {} : { capture }),
      ...(listener === undefined ? {} : { listener }),
    });
  let captured = 0;
  return {
    async run(plan, options) {
      try {
        if (out === undefined) return await real().run(plan, options);
        if (captured >= MOST_CAPTURED) return noted(await real().run(plan, options));
        await Deno.mkdir(join(out, "wire"), { recursive: true });
        const name = runName(plan);
        using packets = new FileSink(join(out, "wire", `${name}.pcap`));
        using sentences = new FileSink(join(out, "wire", `${name}.txt`));
        let isCaptured = true;
        const tap = new PcapTap((bytes) => {
          captured += bytes.length;
          if (captured < MOST_CAPTURED) return packets.write(bytes);
          if (isCaptured) explainer.captureEnds(MOST_CAPTURED);
          isCaptured = false;
        }, Date.now);
        const { scenario, variant, seed, members, content: { size, pieceLength } } = plan;
        const explainer = new WireExplainer({
          ...{ scenario, variant, seed, members: members.map(({ id }) => id) },
          pieceCount: Math.ceil(size / pieceLength),
          capture: `${name}.pcap`,
          write: (bytes) => {
            captured += bytes.length;
            sentences.write(bytes);
          },
        });
        const timer = setInterval(() => {
          packets.flush();
          sentences.flush();
        }, FLUSH_MS);
        using _ = { [Symbol.dispose]: () => clearInterval(timer) };
        const record = await real({
          wire: (link: WireLink, direction, bytes) => tap.wire(link, direction, bytes),
          link: (link: WireLink, state) => tap.link(link, state),
        }, explainer).run(plan, {
          ...options,
          onEvent: (event) => {
            explainer.event(event);
            options?.onEvent?.(event);
          },
        });
        explainer.end();
        return record;
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

/** A run of which no packets are kept says so. */
function noted(record: RunRecord): RunRecord {
  const most = formatBytes(MOST_CAPTURED);
  const why = `wire/ has nothing of this run: the captures of an experiment end at ${most}.`;
  return { ...record, remarks: [...record.remarks ?? [], why] };
}
