/**
 * The honest ones that attackers trouble: a tracker, a seed and a leech, each the real program in a
 * process of its own, started from source with a probe for the stalls of its loop.
 *
 * @module
 */
import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";
import { TestProcess } from "../support/process.ts";
import { someBytes } from "../support/swarm.ts";
import type { JsonEvent } from "../support/vtorrent.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const PROBE = join(import.meta.dirname!, "stall_probe.ts");

export const PIECE_LENGTH = 65536;
/** 20 MiB, the same in every run. */
export const CONTENT = someBytes(20 << 20);
export const PIECE_COUNT = CONTENT.length / PIECE_LENGTH;
const NAME = "honest.bin";

/** The leech limits itself to this: a slow machine is as fast, and an attack shows. */
const RATE = "4M";
/** Longest (ms) that an honest download is waited for. */
const PATIENCE = 90_000;

/** What an attack cost one program. */
export interface Cost {
  /** Largest resident memory, bytes. */
  readonly memory: number;
  /** Longest stall of its loop, ms of CPU time. */
  readonly stall: number;
}

/** What a download beside an attacker came to. */
export interface Figures {
  /** From the command to the last piece. */
  readonly seconds: number;
  readonly costs: Readonly<Record<Role, Cost>>;
}

export type Role = "tracker" | "seed" | "leech";

/** One honest program. */
export class Program extends TestProcess {
  readonly #stallFile: string;

  constructor(args: readonly string[], cwd: string, name: string) {
    const stallFile = join(cwd, `${name}.stall`);
    const run = ["run", "--no-check", "--quiet", "--allow-all", "--preload", PROBE];
    super(Deno.execPath(), [...run, join(ROOT, "main.ts"), ...args, "--json"], {
      cwd,
      typing: true,
      env: { STALL_FILE: stallFile, VTORRENT_NO_DHT: "true", NO_COLOR: "1" },
    });
    this.#stallFile = stallFile;
  }

  /** The first event of that name, past or to come. */
  async event(name: string): Promise<JsonEvent> {
    const start = `{"event":"${name}"`;
    const line = await this.until(
      () => this.stdout.find((line) => line.startsWith(start)),
      `the event "${name}"`,
      PATIENCE,
    );
    return JSON.parse(line);
  }

  /** Starting up has stalls of its own. */
  forgetStalls(): void {
    this.kill("SIGUSR2");
  }

  async cost(): Promise<Cost> {
    const stall = Number(await Deno.readTextFile(this.#stallFile));
    return { memory: await this.peakMemory(), stall };
  }
}

/** A tracker, a seed of {@linkcode CONTENT}, and a leech that waits for {@linkcode download}. */
export class HonestSwarm implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #programs: Readonly<Record<Role, Program>>;
  readonly #leechDir: string;
  readonly infoHash: Uint8Array;
  readonly ports: Readonly<Record<Role, number>>;

  private constructor(
    stack: AsyncDisposableStack,
    programs: Readonly<Record<Role, Program>>,
    facts: { leechDir: string; infoHash: Uint8Array; ports: Readonly<Record<Role, number>> },
  ) {
    this.#stack = stack;
    this.#programs = programs;
    this.#leechDir = facts.leechDir;
    this.infoHash = facts.infoHash;
    this.ports = facts.ports;
  }

  static async start(): Promise<HonestSwarm> {
    await using stack = new AsyncDisposableStack();
    const cwd = await Deno.makeTempDir({ prefix: "vtorrent-hostile-" });
    stack.defer(() => Deno.remove(cwd, { recursive: true }));
    const start = (name: Role, ...args: string[]) =>
      stack.use(new Program([...args, "--host", "127.0.0.1", "--port", "0"], cwd, name));
    const portOf = async (program: Program) => Number((await program.event("started"))["port"]);

    const tracker = start("tracker", "tracker", "--daemon", "--no-db");
    const ports = { tracker: await portOf(tracker), seed: 0, leech: 0 };
    const use = ["--tracker", `http://127.0.0.1:${ports.tracker}/announce`];
    const seedDir = join(cwd, "seed");
    await Deno.mkdir(seedDir);
    await Deno.writeFile(join(seedDir, NAME), CONTENT);
    const seed = start("seed", "peer", "seed", "--dir", seedDir, ...use);
    const leechDir = join(cwd, "leech");
    const limit = ["--download-limit", RATE];
    const leech = start("leech", "peer", "leech", "--dir", leechDir, ...limit, ...use);
    [ports.seed, ports.leech] = [await portOf(seed), await portOf(leech)];
    await seed.type(`torrent -mode send ${NAME}`);
    const { info_hash: hex } = await seed.event("sent");
    await seed.event("announced");
    const programs = { tracker, seed, leech };
    for (const program of Object.values(programs)) program.forgetStalls();
    const infoHash = Uint8Array.fromHex(String(hex));
    return new HonestSwarm(stack.move(), programs, { leechDir, infoHash, ports });
  }

  /**
   * Has the leech download the file, and compares what came.
   *
   * @param way `"name"`: the .torrent comes from the tracker's catalogue; `"link"`: the metadata
   * comes from peers
   */
  async download(way: "name" | "link" = "name"): Promise<Figures> {
    const { leech } = this.#programs;
    const link = `magnet:?xt=urn:btih:${this.infoHash.toHex()}&tr=` +
      encodeURIComponent(`http://127.0.0.1:${this.ports.tracker}/announce`);
    const begun = performance.now();
    await leech.type(`torrent -mode download ${way === "name" ? NAME : link}`);
    await leech.event("torrent-completed");
    const seconds = (performance.now() - begun) / 1000;
    assertEquals(await Deno.readFile(join(this.#leechDir, NAME)), CONTENT);
    const costs = Object.fromEntries(
      await Promise.all(
        Object.entries(this.#programs).map(async ([role, program]) => [role, await program.cost()]),
      ),
    );
    return { seconds, costs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}
