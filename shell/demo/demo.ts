/**
 * The demo: a real tracker and real peers as processes of their own share a real file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "@std/path";
import { DemoProcess, type ProcessEvent } from "./demo_process.ts";
import { Story } from "./demo_story.ts";
import { CommandError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import { formatBytes, formatDuration, formatRate, pad, shorten, visible } from "../base/format.ts";
import { quoteName } from "../arguments/parse_line.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";

const MAX_PEERS = 50;
/**
 * The first peer sends no faster than one copy in so many seconds: with the speed of a loopback the
 * others would have everything from it before they had something for each other.
 */
const SECONDS_PER_COPY = 5;
const SLOWEST = 1 << 20;

/** Plays the demo to its end; the exit status. */
export async function runDemo(
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  const file = resolve(world.cwd, flags.file ?? Deno.execPath());
  const downloaders = flags.peers ?? 2;
  if (downloaders < 1 || downloaders > MAX_PEERS) {
    throw new CommandError("failed", `--peers is ${downloaders}: take 1 to ${MAX_PEERS}`);
  }
  const { size, isFile } = await Deno.stat(file);
  if (!isFile) throw new CommandError("failed", `${file} is not a file: the demo shares one file`);
  await mayRun(world.self[0]!);
  const folder = await Deno.makeTempDir({ prefix: "vtorrent-demo-" });
  try {
    return await new Demo(world, screen, { file, size, folder, downloaders }).play(flags.keep);
  } finally {
    if (flags.keep) screen.say(`The files are still in ${folder}.`);
    else await Deno.remove(folder, { recursive: true });
  }
}

interface Stage {
  readonly file: string;
  readonly size: number;
  readonly folder: string;
  readonly downloaders: number;
}

class Demo {
  readonly #world: Environment;
  readonly #screen: Screen;
  readonly #stage: Stage;
  readonly #story: Story;
  readonly #started = performance.now();

  constructor(world: Environment, screen: Screen, stage: Stage) {
    this.#world = world;
    this.#screen = screen;
    this.#stage = stage;
    this.#story = new Story(screen.look(), Math.min(40, screen.look().columns - 48));
  }

  async play(keep = false): Promise<number> {
    const { stop } = this.#world;
    const { file, size, downloaders } = this.#stage;
    const name = basename(file);
    const limit = Math.max(SLOWEST, Math.ceil(size / SECONDS_PER_COPY));
    this.#say(`A swarm on this machine: a tracker, one peer that has "${name}"`);
    this.#say(
      `(${formatBytes(size)}) and ${downloaders} that want it. It sends at most ` +
        `${formatRate(limit)}: they need each other.`,
    );
    await using processes = new AsyncDisposableStack();
    const tracker = processes.use(
      this.#start("tracker", [
        "tracker",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-discovery",
        "--no-db",
      ]),
    );
    const { urls } = await tracker.until(({ event }) => event === "started", stop);
    const url = (urls as string[]).find((one) => one.startsWith("http"))!;
    this.#say(`Watch it in a browser: ${new URL("/", url).href}`, "tracker");
    const seed = processes.use(this.#startPeer(1, url, ["--upload-limit", `${limit}`]));
    await seed.type(`torrent -mode send ${quoteName(file)}`);
    const { info_hash: infoHash } = await seed.until(({ event }) => event === "sent", stop);
    const others = Array.from(
      { length: downloaders },
      (_, index) => processes.use(this.#startPeer(index + 2, url)),
    );
    await Promise.all(others.map(async (peer) => {
      await peer.type(`torrent -mode download ${infoHash}`);
      await peer.until(({ event }) => event === "downloaded", stop);
    }));
    const same = await this.#compare(name);
    await others[0]!.type(`torrent -mode scrape ${infoHash}`);
    await others[0]!.until(({ event }) => event === "scrape", stop);
    if (keep) await this.#keep(url);
    this.#say("Everybody leaves.");
    await processes.disposeAsync();
    if (!same) throw new CommandError("unverified", "A copy differs from the original");
    const seconds = (performance.now() - this.#started) / 1000;
    this.#say(`All ${downloaders + 1} copies are the same. Done in ${formatDuration(seconds)}.`);
    return 0;
  }

  #startPeer(id: number, tracker: string, more: readonly string[] = []): DemoProcess {
    const dir = join(this.#stage.folder, `peer_${id}`);
    const host = ["--host", "127.0.0.1", "--port", "0", "--report"];
    return this.#start(`peer ${id}`, [
      "peer",
      `${id}`,
      "--dir",
      dir,
      "--tracker",
      tracker,
      ...host,
      ...more,
    ]);
  }

  #start(name: string, args: readonly string[]): DemoProcess {
    const command = [...this.#world.self, ...args, "--json"];
    return new DemoProcess(name, command, (process, event) => this.#tell(process.name, event));
  }

  #tell(who: string, event: ProcessEvent): void {
    const told = this.#story.tell(who, event);
    if (this.#screen.json) {
      this.#screen.event({ ...event, ...{ process: who } }, undefined);
    } else if (told !== undefined) this.#say(told.text, who, told.bar);
  }

  /** One line: `bar` is painted by us, `text` has names of others in it. */
  #say(text: string, who = "", bar?: string): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1).padStart(5);
    const start = `${seconds}s  ${pad(who, 7)} `;
    const drawn = bar === undefined ? "" : `${bar} `;
    this.#screen.sayPainted(start + drawn + visible(text), start.length);
  }

  /** SHA-256 of the original and of every copy. */
  async #compare(name: string): Promise<boolean> {
    const { file, folder, downloaders } = this.#stage;
    const wanted = await sha256(file);
    this.#say(`SHA-256 of the original: ${wanted}`);
    let same = true;
    for (let id = 2; id <= downloaders + 1; id++) {
      const found = await sha256(join(folder, `peer_${id}`, name));
      this.#say(`SHA-256 of the copy of peer ${id}: ${found}`);
      same &&= found === wanted;
    }
    return same;
  }

  async #keep(url: string): Promise<void> {
    this.#say(`Everything stays until Ctrl-C. Join in: vtorrent peer me --tracker ${url}`);
    this.#say(`Files: ${shorten(this.#stage.folder, this.#screen.look().columns)}`);
    const { stop } = this.#world;
    if (stop.aborted) return;
    await new Promise<void>((done) => stop.addEventListener("abort", () => done(), { once: true }));
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let read; (read = await file.read(buffer)) !== null;) hash.update(buffer.subarray(0, read));
  return hash.digest("hex");
}

async function mayRun(command: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "run", command });
  if (state === "granted") return;
  throw new CommandError(
    "failed",
    "The demo starts processes of its own: run it with deno task demo, or give --allow-run",
  );
}
