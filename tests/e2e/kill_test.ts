/**
 * Five peers and two torrents, one peer after the other killed in the middle of it: nothing is lost,
 * nothing is wrong afterwards, and hardly anything is fetched twice.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { seededRandom } from "../support/random.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

const KILLS = 100;
const PIECE = 64 * 1024;
const PIECES = 640;
const NAMES = ["film.mp4", "music.flac"] as const;
const PEERS = [1, 2, 3, 4, 5] as const;
/** Most pieces' worth of bytes that may come twice, per kill and torrent. */
const MAX_TWICE = 2;

/** Limits: hardly a byte comes; it takes until the last kill. */
const NOTHING = "1";
const SLOWLY = "1M";

/** What `status` says of a torrent. */
interface Row {
  readonly name: string;
  readonly state: string;
  readonly downloaded: number;
}

/** One of the five, over all its lives. */
class Survivor implements AsyncDisposable {
  readonly id: number;
  readonly #start: (id: number, limit: string) => Vtorrent;
  #process: Vtorrent;
  #asked = 0;
  #isComplete = false;
  /** Bytes that this life began with, by torrent: what the store remembers of earlier ones. */
  #before: ReadonlyMap<string, number> = new Map();
  /** Bytes that came over all lives, by torrent. */
  readonly came = new Map<string, number>();

  constructor(id: number, start: (id: number, limit: string) => Vtorrent) {
    this.id = id;
    this.#start = start;
    this.#process = start(id, NOTHING);
  }

  async send(name: string): Promise<void> {
    await this.#process.type(`send ${name} --piece-length ${PIECE}`);
    await this.#process.event("sent");
  }

  /** Begins to download. The first kill follows: a shell without a terminal would wait for the end. */
  async download(names: readonly string[]): Promise<void> {
    for (const [i, name] of names.entries()) {
      await this.#process.type(`download ${name}`);
      await this.#process.event("torrent-added", (event) => event.name === name);
      this.#process.kill("SIGKILL");
      await this.#process.ended();
      await this.#again(i < names.length - 1 ? NOTHING : SLOWLY);
    }
  }

  /** Kills it once it has told so many things, and starts it again. */
  async dieAfter(events: number): Promise<void> {
    const process = this.#process;
    // Who has everything has little to tell after its start.
    const steps = Math.min(events, this.#isComplete ? 4 : Infinity);
    await process.until(() => process.events.length >= steps || undefined, `${steps} events`);
    await this.#count();
    process.kill("SIGKILL");
    await process.ended();
    await this.#again(SLOWLY);
  }

  /** Ends it as people do, and starts it without a limit. */
  async hurry(): Promise<void> {
    await this.#count();
    await this.#process.type("exit");
    assertEquals((await this.#process.ended()).code, 0);
    await this.#again("0");
  }

  /** Resolves when it has everything. */
  async completes(): Promise<void> {
    const news = () => this.#process.events.length - this.#process.count("status");
    for (let seen = 0;; await this.#process.until(() => news() > seen || undefined, "news")) {
      seen = news();
      if ((await this.#rows()).every(({ state }) => state === "seeding")) break;
    }
    await this.#count();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #again(limit: string): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    this.#process = this.#start(this.id, limit);
    this.#asked = 0;
    this.#before = new Map((await this.#rows()).map(({ name, downloaded }) => [name, downloaded]));
  }

  /** Adds what came in this life. */
  async #count(): Promise<void> {
    const rows = await this.#rows();
    this.#isComplete = rows.every(({ state }) => state === "seeding");
    for (const { name, downloaded } of rows) {
      const now = downloaded - (this.#before.get(name) ?? 0);
      this.came.set(name, (this.came.get(name) ?? 0) + now);
    }
  }

  async #rows(): Promise<Row[]> {
    await this.#process.type("status");
    await this.#process.eventCount("status", ++this.#asked);
    const said = this.#process.events.filter(({ event }) => event === "status");
    return said[this.#asked - 1]!.torrents as Row[];
  }
}

Deno.test(`${KILLS} times kill -9 among five peers with two torrents: all complete, byte by byte`, async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const start = (id: number, limit: string): Vtorrent =>
    Vtorrent.peer(String(id), { tracker: url, cwd, args: ["--download-limit", limit] });
  await using stack = new AsyncDisposableStack();
  const peers = PEERS.map((id) => stack.use(new Survivor(id, start)));
  // The first two have one torrent each; everybody wants the other, or both.
  for (const [i, name] of NAMES.entries()) {
    await folder.write(`peer_files/peer_${i + 1}/${name}`, patternBytes(PIECE * PIECES - 7, i + 1));
    await peers[i]!.send(name);
  }
  const digests = await Promise.all(
    NAMES.map((name, i) => digestOf(folder.at(`peer_files/peer_${i + 1}/${name}`))),
  );
  for (const [i, peer] of peers.entries()) {
    await peer.download(NAMES.filter((_, n) => n !== i));
  }

  const random = seededRandom(20);
  for (let kill = 0; kill < KILLS; kill++) {
    // Any moment between the start and some forty steps on, whatever they are.
    const victim = peers[Math.floor(random() * peers.length)]!;
    await victim.dieAfter(1 + Math.floor(random() * 40));
  }
  for (const peer of peers) await peer.hurry();
  for (const peer of peers) await peer.completes();

  for (const [i, name] of NAMES.entries()) {
    let twice = 0;
    for (const { id, came } of peers) {
      const path = folder.at(`peer_files/peer_${id}/${name}`);
      assertEquals(await digestOf(path), digests[i], `${name} of peer ${id}`);
      if (id !== i + 1) twice += (came.get(name) ?? 0) - (PIECE * PIECES - 7);
    }
    const pieces = twice / PIECE;
    assert(pieces < KILLS * MAX_TWICE, `${pieces} pieces of ${name} came twice in ${KILLS} kills`);
  }
});
