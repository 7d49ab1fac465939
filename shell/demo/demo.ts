/**
 * The demo: a real tracker and real peers as processes of their own share a real file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "@std/path";
import { castOf, FILM, type Film, filmOf, writeFilm } from "./cast.ts";
import { DemoProcess, type ProcessEvent } from "./demo_process.ts";
import { Story } from "./demo_story.ts";
import { CommandError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import { formatBytes, formatDuration, formatRate, pad, shorten, visible } from "../base/format.ts";
import { quoteName } from "../arguments/parse_line.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";

const MAX_PEERS = 50;
/** With more peers than these less is told of each. */
const CROWD = 4;
/** Seconds that the film takes, and another file where nobody says otherwise: long enough to look. */
const SECONDS = 20;
/** Bytes per second below which the first peer is not slowed down. */
const SLOWEST = 16 << 10;

/** Plays the demo to its end; the exit status. */
export async function runDemo(
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  const film = filmOf();
  const downloaders = flags.peers ?? film.downloaders;
  if (downloaders < 1 || downloaders > MAX_PEERS) {
    throw new CommandError("failed", `--peers is ${downloaders}: take 1 to ${MAX_PEERS}`);
  }
  const given = flags.file === undefined ? undefined : resolve(world.cwd, flags.file);
  const size = given === undefined ? film.size : await sizeOf(given);
  await mayRun(world.self[0]!);
  const folder = await Deno.makeTempDir({ prefix: "vtorrent-demo-" });
  const file = given ?? join(folder, FILM);
  const seconds = flags.seconds ?? SECONDS;
  const names = castOf(downloaders + 1);
  try {
    const stage = { film, file, isMade: given === undefined, size, folder, names, seconds };
    return await new Demo(world, screen, stage).play(flags.keep);
  } finally {
    if (flags.keep) screen.say(`The files are still in ${folder}.`);
    else await Deno.remove(folder, { recursive: true });
  }
}

async function sizeOf(file: string): Promise<number> {
  const { size, isFile } = await Deno.stat(file);
  if (!isFile) throw new CommandError("failed", `${file} is not a file: the demo shares one file`);
  return size;
}

interface Stage {
  readonly film: Film;
  readonly file: string;
  /** Whether the file is to be made. */
  readonly isMade: boolean;
  readonly size: number;
  readonly folder: string;
  /** All peers; the first one has the file. */
  readonly names: readonly string[];
  /** How long it is to take; 0 for as fast as it goes. */
  readonly seconds: number;
}

class Demo {
  readonly #world: Environment;
  readonly #screen: Screen;
  readonly #stage: Stage;
  readonly #story: Story;
  readonly #nameWidth: number;
  readonly #started = performance.now();

  constructor(world: Environment, screen: Screen, stage: Stage) {
    this.#world = world;
    this.#screen = screen;
    this.#stage = stage;
    this.#nameWidth = Math.max(...["tracker", ...stage.names].map(({ length }) => length));
    this.#story = new Story(screen.look(), Math.min(40, screen.look().columns - 48), {
      isCrowd: stage.names.length > CROWD,
    });
  }

  async play(keep = false): Promise<number> {
    const { stop } = this.#world;
    const { film, file, size, names, seconds, isMade } = this.#stage;
    const name = basename(file);
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
    const [{ urls }] = await both(
      tracker.until(({ event }) => event === "started", stop),
      isMade ? writeFilm(file, size, stop) : Promise.resolve(),
    );
    const url = (urls as string[]).find((one) => one.startsWith("http"))!;
    const [first, ...others] = names as [string, ...string[]];
    this.#say(`Watch it in a browser: ${new URL("/", url).href}`, "tracker");
    const rate = film.up * (size / film.size) * (SECONDS / seconds);
    const limit = seconds === 0 ? 0 : Math.max(SLOWEST, Math.ceil(rate));
    this.#say(
      `A swarm on this machine: ${first} has "${name}" (${formatBytes(size)}), and ` +
        `${inWords(others)} ${others.length === 1 ? "wants" : "want"} it.`,
    );
    if (limit > 0) this.#say(`${first} sends at most ${formatRate(limit)}: they need each other.`);
    const peers = names.map((one) => {
      return this.#startPeer(one, url, one === first ? ["--upload-limit", `${limit}`] : []);
    });
    // All at once: one after the other they would take as long as there are peers.
    processes.defer(async () => {
      await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
    });
    const [seed, ...downloaders] = peers as [DemoProcess, ...DemoProcess[]];
    const sent = seed.until(({ event }) => event === "sent", stop);
    const [{ info_hash: infoHash }] = await both(
      sent,
      seed.type(`torrent -mode send ${quoteName(file)}`),
    );
    await Promise.all(downloaders.map(async (peer) => {
      const downloaded = peer.until(({ event }) => event === "downloaded", stop);
      await both(downloaded, peer.type(`torrent -mode download ${infoHash}`));
    }));
    const same = await this.#compare(name);
    const scraped = downloaders[0]!.until(({ event }) => event === "scrape", stop);
    await both(scraped, downloaders[0]!.type(`torrent -mode scrape ${infoHash}`));
    if (keep) await this.#keep(url);
    this.#say("Everybody leaves.");
    await processes.disposeAsync();
    if (!same) throw new CommandError("unverified", "A copy differs from the original");
    const took = (performance.now() - this.#started) / 1000;
    this.#say(`All ${names.length} copies are the same. Done in ${formatDuration(took)}.`);
    return 0;
  }

  #startPeer(name: string, tracker: string, more: readonly string[] = []): DemoProcess {
    const dir = join(this.#stage.folder, `peer_${name}`);
    const host = ["--host", "127.0.0.1", "--port", "0"];
    const slots = ["--upload-slots", `${this.#stage.film.slots}`];
    return this.#start(name, [
      "peer",
      name,
      "--dir",
      dir,
      "--tracker",
      tracker,
      ...host,
      ...slots,
      ...more,
    ]);
  }

  #start(name: string, args: readonly string[]): DemoProcess {
    const command = [...this.#world.self, ...args, "--json"];
    return new DemoProcess(name, command, (process, event) => this.#tell(process.name, event));
  }

  #tell(name: string, event: ProcessEvent): void {
    // Once it is stopped each downloader says how to continue, which nobody can here.
    const isOfStop = event.event === "error" && this.#world.stop.aborted;
    const told = isOfStop ? undefined : this.#story.tell(name, event);
    if (this.#screen.json) {
      this.#screen.event({ ...event, ...{ process: name } }, undefined);
    } else if (told !== undefined) this.#say(told.text, name, told.bar);
  }

  /** One line: `bar` is painted by us, `text` has names of others in it. */
  #say(text: string, name = "", bar?: string): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1).padStart(5);
    const start = `${seconds}s  ${pad(name, this.#nameWidth)} `;
    const drawn = bar === undefined ? "" : `${bar} `;
    this.#screen.sayPainted(start + drawn + visible(text), start.length);
  }

  /** SHA-256 of the original and of every copy. */
  async #compare(name: string): Promise<boolean> {
    const { file, folder, names } = this.#stage;
    const { stop } = this.#world;
    const wanted = await sha256(file, stop);
    const isCrowd = names.length > CROWD;
    this.#say(`SHA-256 of the original: ${wanted}`);
    let same = true;
    for (const one of names.slice(1)) {
      const found = await sha256(join(folder, `peer_${one}`, name), stop);
      // A screen full of the same digits would push the story out of sight.
      if (!isCrowd || found !== wanted) this.#say(`SHA-256 of ${one}'s copy: ${found}`);
      same &&= found === wanted;
    }
    if (isCrowd && same) this.#say(`SHA-256 of the ${names.length - 1} copies: the same`);
    return same;
  }

  async #keep(url: string): Promise<void> {
    this.#say(`Everything stays until Ctrl-C. Join in: vtorrent peer me --tracker ${url}`);
    this.#say(`The board stays, too: ${new URL("/", url).href}`);
    this.#say(`Files: ${shorten(this.#stage.folder, this.#screen.look().columns)}`);
    const { stop } = this.#world;
    if (stop.aborted) return;
    await new Promise<void>((done) => stop.addEventListener("abort", () => done(), { once: true }));
  }
}

/** The results of two at once; where one fails, only after the other has ended, too. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

/** `bob`, `bob and carol`, `bob, carol and dave`, `bob, carol and 5 others`. */
function inWords(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  if (names.length > 4) return `${names.slice(0, 2).join(", ")} and ${names.length - 2} others`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** @throws {CommandError} where it is stopped */
async function sha256(path: string, stop: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let read; (read = await file.read(buffer)) !== null;) {
    if (stop.aborted) throw new CommandError("unfinished", "The demo was stopped");
    hash.update(buffer.subarray(0, read));
  }
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
