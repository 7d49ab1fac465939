/**
 * How a swarm behaves, measured with real engines on this machine: copies that leave the seed, waste
 * of the endgame, a seed that leaves early, and what a slow peer costs beside a fast one.
 *
 *     deno run --allow-all bench/swarm.ts [--peers 20] [--size 32M]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { join } from "@std/path";
import { Engine, type EngineOptions } from "../peer/mod.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { peers: { type: "string" }, size: { type: "string" } },
});
const PEERS = Number(values.peers ?? 20);
const SIZE = Number(values.size?.replace(/M$/i, "") ?? 32) * 2 ** 20;
/** Nothing takes longer than this (ms). */
const PATIENCE = 120_000;

/** Engines in folders that go away. */
class Swarm implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #count = 0;

  async start(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const dir = await Deno.makeTempDir({ prefix: "vtorrent-swarm-" });
    this.#stack.defer(() => Deno.remove(dir, { recursive: true }));
    const engine = await Engine.start({
      ...{ name: String(this.#count++), host: "127.0.0.1", port: 0, dir, maxConnections: 500 },
      ...options,
    });
    return this.#stack.use(engine);
  }

  /** A seed of so many bytes, and its .torrent. */
  async seed(
    bytes: number,
    options: Partial<EngineOptions> = {},
  ): Promise<{ seed: Engine; torrent: Uint8Array; path: string }> {
    const seed = await this.start(options);
    const path = join(seed.dir, "data");
    const data = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 65536) {
      crypto.getRandomValues(data.subarray(at, Math.min(bytes, at + 65536)));
    }
    await Deno.writeFile(path, data);
    const { torrent } = await seed.share(path, { pieceLength: 2 ** 18 });
    return { seed, torrent, path };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Resolves when `look` says so, asked ten times a second. */
async function until(look: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!look()) {
    if (performance.now() - started > PATIENCE) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function facts(engine: Engine) {
  return engine.snapshot().torrents[0]!;
}

const isDone = (engine: Engine) => facts(engine).completedAt !== undefined;
const address = (engine: Engine) => ({ host: "127.0.0.1", port: engine.port });

/** One seed and many peers who know each other. */
async function flashCrowd(options: {
  superSeed?: boolean;
  seedLeaves?: boolean;
  uploadLimit?: number;
}): Promise<string> {
  await using swarm = new Swarm();
  const { superSeed = false, seedLeaves = false, uploadLimit = 0 } = options;
  const { seed, torrent } = await swarm.seed(SIZE, { superSeed, uploadLimit });
  const peers: Engine[] = [];
  for (let i = 0; i < PEERS; i++) peers.push(await swarm.start({ uploadLimit }));
  const started = performance.now();
  const everybody = [seed, ...peers].map(address);
  await Promise.all(peers.map((peer) => peer.add(torrent, { peers: everybody })));
  const hash = facts(seed).infoHash;
  if (seedLeaves) {
    await until(() => {
      const maps = peers.map((peer) => facts(peer).pieces());
      return maps[0]!.every((_, piece) => maps.some((map) => map[piece] === "have"));
    }, "one distributed copy");
    await seed.stop(hash);
  }
  await until(() => peers.every(isDone), "everybody to be complete");
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const copies = (facts(seed).uploaded / SIZE).toFixed(2);
  const wasted = peers.reduce((sum, peer) => sum + facts(peer).wasted, 0);
  const share = (100 * wasted / (SIZE * PEERS)).toFixed(2);
  return `${PEERS} peers complete in ${seconds} s; the seed gave ${copies} copies; ${share} % waste`;
}

/** Seconds that one peer takes from seeds with these upload limits. */
async function downloadFrom(bytes: number, limits: readonly number[]): Promise<number> {
  await using swarm = new Swarm();
  const { seed, torrent, path } = await swarm.seed(bytes, { uploadLimit: limits[0]! });
  const seeds = [seed];
  for (const uploadLimit of limits.slice(1)) {
    const other = await swarm.start({ uploadLimit });
    await Deno.copyFile(path, join(other.dir, "data"));
    await other.add(torrent);
    await until(() => facts(other).state === "seeding", "the check");
    seeds.push(other);
  }
  const leech = await swarm.start();
  const started = performance.now();
  await leech.add(torrent, { peers: seeds.map(address) });
  await until(() => isDone(leech), "the download");
  return (performance.now() - started) / 1000;
}

const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));

print(`${SIZE / 2 ** 20} MiB, pieces of 256 KiB, real engines in one process`);
print(`flash crowd              ${await flashCrowd({})}`);
print(`  each gives 512 KiB/s     ${await flashCrowd({ uploadLimit: 2 ** 19 })}`);
print(`  super-seed             ${await flashCrowd({ superSeed: true })}`);
print(`  super-seed, 512 KiB/s    ${await flashCrowd({ superSeed: true, uploadLimit: 2 ** 19 })}`);
print(`  seed leaves, 512 KiB/s   ${await flashCrowd({ seedLeaves: true, uploadLimit: 2 ** 19 })}`);
const FAST = 4 * 2 ** 20;
const alone = await downloadFrom(SIZE, [FAST]);
const beside = await downloadFrom(SIZE, [FAST, 50_000]);
print(
  `one peer of 4 MiB/s takes ${alone.toFixed(1)} s alone, ${beside.toFixed(1)} s with one of ` +
    `50 KB/s beside it: ${(beside / alone).toFixed(2)} times`,
);
