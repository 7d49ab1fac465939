/**
 * What two trackers that share a store cost: on one Redis, and on a Redis Cluster of three nodes.
 * Prints CPU µs of trackers and Redis for an announce, and Redis' memory for a peer:
 *
 *     deno task build && deno run --allow-all bench/shared_store.ts [rounds]
 *
 * 64 announces are in flight at each tracker, over HTTP, of peers with an address each.
 *
 * @module
 */
import { join } from "@std/path";
import { MeasuredProcess } from "./measured_process.ts";
import { compileLoad, median, outputOf, waitForPort } from "./trackers.ts";
import { ClaimedPort } from "../lab/programs/claimed_port.ts";

const PEERS = 20_000;
const SWARMS = 1000;
const WINDOW = 64;
const TRACKERS = 2;
/** Announces at each tracker, and the seconds that they may take. */
const COUNT = 30_000;
const SECONDS = 60;
const VTORRENT = Deno.env.get("VTORRENT") ?? join(import.meta.dirname!, "..", "vtorrent");

/** The store's servers: how many, and how they are made one store. */
interface Setup {
  readonly name: string;
  readonly nodes: number;
}

const SETUPS: readonly Setup[] = [
  { name: "one Redis", nodes: 1 },
  { name: "three nodes", nodes: 3 },
];

/** Per announce in CPU µs, per peer in bytes. */
interface Figures {
  readonly trackers: number;
  readonly redis: number;
  /** Of the node that had the most to do. */
  readonly busiest: number;
  readonly memory: number;
}

/** Redis' own word for a number in `INFO memory`. */
async function usedMemory(ports: readonly number[]): Promise<number> {
  let sum = 0;
  for (const port of ports) {
    const info = await outputOf(["redis-cli", "-p", String(port), "INFO", "memory"]);
    sum += Number(/used_memory:(\d+)/.exec(info)![1]);
  }
  return sum;
}

async function measure({ name, nodes }: Setup, load: string, work: string): Promise<Figures> {
  await using stack = new AsyncDisposableStack();
  const claim = () => stack.use(ClaimedPort.any()).port;
  const start = async (command: readonly string[], name: string, port: number) => {
    const cwd = await Deno.makeTempDir({ dir: work });
    const log = join(cwd, "log");
    const process = stack.use(await MeasuredProcess.start(command, { name, log, cwd }));
    await waitForPort(port, process);
    return process;
  };
  const ports = Array.from({ length: nodes }, claim);
  const servers = await Promise.all(ports.map((port) =>
    start(
      [
        ...["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", ""],
        ...(nodes > 1 ? ["--cluster-enabled", "yes"] : []),
      ],
      name,
      port,
    )
  ));
  const places = ports.map((port) => `127.0.0.1:${port}`);
  if (nodes > 1) {
    await outputOf(["redis-cli", "--cluster", "create", ...places, "--cluster-yes"]);
  }
  const store = nodes > 1 ? `redis+cluster://${places.join(",")}` : `redis://${places[0]}`;
  const trackers = await Promise.all(Array.from({ length: TRACKERS }, async () => {
    const port = claim();
    const process = await start(
      [
        ...[VTORRENT, "tracker", "--host", "127.0.0.1", "--port", String(port), "--store", store],
        ...["--daemon", "--quiet", "--no-db", "--no-discovery", "--no-port-check"],
        ...["--trust-proxy", "1"],
      ],
      name,
      port,
    );
    return { port, process };
  }));
  const announce = async (what: string, at: readonly { port: number }[]) => {
    const results = await Promise.all(at.map(async ({ port }) => {
      const args = [port, what, PEERS, SWARMS, COUNT, WINDOW, SECONDS].map(String);
      return JSON.parse(await outputOf([load, "proxied", ...args])) as {
        answered: number;
        refused: number;
      };
    }));
    const refused = results.reduce((sum, one) => sum + one.refused, 0);
    const answered = results.reduce((sum, one) => sum + one.answered, 0);
    // On a machine that is busy with other work some are not answered within a second.
    if (refused > answered / 100) throw new Error(`${name}: ${refused} announces were refused`);
    return answered;
  };
  const empty = await usedMemory(ports);
  const filled = await announce("started", trackers.slice(0, 1));
  const memory = (await usedMemory(ports) - empty) / filled;
  await announce("regular", trackers);
  const cpuOf = (some: readonly MeasuredProcess[]) => some.map((one) => one.usage().cpu);
  const before = { trackers: cpuOf(trackers.map((one) => one.process)), redis: cpuOf(servers) };
  const answered = await announce("regular", trackers);
  const used = (now: number[], then: number[]) =>
    now.map((cpu, i) => (cpu - then[i]!) * 1e6 / answered);
  const redis = used(cpuOf(servers), before.redis);
  return {
    trackers: sum(used(cpuOf(trackers.map((one) => one.process)), before.trackers)),
    redis: sum(redis),
    busiest: Math.max(...redis),
    memory,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 3);
  const work = await Deno.makeTempDir({ prefix: "vtorrent_bench_" });
  try {
    const load = await compileLoad(work);
    const all = new Map<string, Figures[]>(SETUPS.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const setup of SETUPS) all.get(setup.name)!.push(await measure(setup, load, work));
    }
    print("| store | trackers, µs | Redis, µs | busiest node, µs | bytes a peer |");
    print("| --- | ---: | ---: | ---: | ---: |");
    for (const [name, figures] of all) {
      const of = (field: keyof Figures) => median(figures.map((one) => one[field]))!.toFixed(0);
      print(
        `| ${name} | ${of("trackers")} | ${of("redis")} | ${of("busiest")} | ${of("memory")} |`,
      );
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

function print(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}
