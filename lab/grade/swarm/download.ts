/**
 * One download being watched: believed are the bytes on the disk alone, not what the program says.
 *
 * @module
 */
import { type Ending, endingWords, type Running } from "./running.ts";
import type { Pattern } from "./pattern.ts";
import type { TestFile } from "./test_file.ts";
import type { Sample } from "./traffic.ts";
import { pause } from "./timing.ts";
import type { World } from "./world.ts";
import { compareFiles, type WrongFile } from "./wrong_file.ts";

/** ms between two looks. */
const LOOK = 100;
/** ms that a program has after it said "complete", gave up or ended. */
const GRACE = 3000;
/** Default for `limits.settle`, in ms. */
const SETTLE = 15_000;
/** Bytes within the settle time that do not count: refreshing a list, keeping connections alive. */
const IDLE_BYTES = 4096;

/** What comparing may take of the time, at most: one in so many. */
const COMPARING = 5;
/** ms in which a file's time of change says nothing, and bytes beyond its length that are read. */
const RECENT = 2000;
const MOST_BEYOND = 1 << 24;

/** How a download ended. */
export type Outcome =
  | "right"
  | "ended"
  | "said done"
  | "gave up"
  | "nothing moved"
  | "too slow"
  | "asked for too much"
  | "stopped";

/** What a download is made of. */
export interface DownloadSetup {
  readonly host: number;
  readonly file: TestFile;
  readonly path: string;
  readonly running: Running;
  /** Byte counts when it began. */
  readonly since: Sample | undefined;
  readonly done: Pattern | undefined;
  readonly failed: Pattern | undefined;
}

/** Bounds of a watch. */
export interface Bounds {
  /** ms */
  readonly limit: number;
  /** ms */
  readonly settle?: number | undefined;
  /** Bytes that it may take in all. */
  readonly budget: number;
  /** Stops watching, e.g. once a share has come. */
  readonly until?: (download: Download) => boolean;
}

/** See the module. */
export class Download {
  readonly host: number;
  readonly file: TestFile;
  readonly running: Running;
  readonly since: Sample | undefined;
  readonly started = performance.now();
  readonly #setup: DownloadSetup;
  #outcome: Outcome | undefined;
  #rightAfter: number | undefined;
  #wrong: WrongFile | "no file" | undefined;
  #stat = "";
  #size = 0;
  #saidDone = false;
  #isStale = false;
  #nextCompare = 0;

  constructor(setup: DownloadSetup) {
    this.host = setup.host;
    this.file = setup.file;
    this.running = setup.running;
    this.since = setup.since;
    this.#setup = setup;
  }

  /** Where the file appears. */
  get path(): string {
    return this.#setup.path;
  }

  /** How it ended; undefined while it goes on. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Whether every byte is right. */
  get isRight(): boolean {
    return this.#outcome === "right";
  }

  /** ms until every byte was right. */
  get time(): number {
    return this.#rightAfter ?? Infinity;
  }

  /** What is wrong with the file, as last seen. */
  get wrong(): WrongFile | undefined {
    return typeof this.#wrong === "object" ? this.#wrong : undefined;
  }

  /** Whether the program said that it is complete. */
  get saidDone(): boolean {
    this.#hear();
    return this.#saidDone;
  }

  /** The process that fetches, where it has ended. */
  get ending(): Ending | undefined {
    return this.running.ending;
  }

  /** Share of the file that has come: by bytes on the wire where they are counted, else on the disk. */
  share(world: World): number {
    const length = Math.max(1, this.file.bytes.length);
    return (world.traffic?.received(this.host, this.since, [1]) ?? this.#size) / length;
  }

  /** Watches until it is right, has ended, or reaches a bound. */
  async watch(world: World, bounds: Bounds): Promise<Outcome | undefined> {
    const end = this.started + bounds.limit;
    const settle = bounds.settle ?? SETTLE;
    let quietSince = performance.now();
    let received = 0;
    let lastStat = "";
    let overSince: number | undefined;
    while (this.#outcome === undefined) {
      await this.#look();
      if (this.#outcome !== undefined) break;
      if (bounds.until?.(this)) return undefined;
      const now = performance.now();
      const taken = world.traffic?.received(this.host, this.since) ?? 0;
      if (taken - received > IDLE_BYTES || this.#stat !== lastStat) {
        quietSince = now;
        received = taken;
        lastStat = this.#stat;
      }
      this.#hear();
      const gaveUp = this.#setup.failed !== undefined &&
        this.running.screen.has(this.#setup.failed);
      const over = this.#saidDone || gaveUp || this.running.ending !== undefined;
      if (over) overSince ??= now;
      if (taken > bounds.budget) this.#outcome = "asked for too much";
      else if (overSince !== undefined && Math.max(overSince, quietSince) + GRACE < now) {
        this.#outcome = this.#saidDone ? "said done" : gaveUp ? "gave up" : "ended";
      } else if (now - quietSince > settle) this.#outcome = "nothing moved";
      else if (now > end) this.#outcome = "too slow";
      else await this.running.change(LOOK).then(() => pause(LOOK / 5));
    }
    if (this.#outcome !== "right") {
      const outcome = this.#outcome;
      await this.#compare();
      // Right only after the last look is right nevertheless, but not beyond a bound.
      if (outcome === "asked for too much") this.#outcome = outcome;
    }
    return this.#outcome;
  }

  /** Gives the program time to notice that it is complete: until it says so, or is quiet. */
  async settled(world: World): Promise<void> {
    const end = performance.now() + GRACE;
    while (performance.now() < end && this.running.ending === undefined) {
      this.#hear();
      if (this.#setup.done === undefined || this.#saidDone) break;
      await this.running.change(end - performance.now());
    }
    // Telling the tracker comes after telling the person.
    await pause(500);
    await world.traffic?.next();
  }

  #hear(): void {
    const { done } = this.#setup;
    if (done !== undefined && this.running.screen.has(done)) this.#saidDone = true;
  }

  /** Looks at the file; compares it where it has its length and has just changed. */
  async #look(): Promise<void> {
    let stat: Deno.FileInfo;
    try {
      stat = await Deno.lstat(this.#setup.path);
    } catch {
      return;
    }
    // A program could make a link to anywhere: only a plain file counts.
    if (!stat.isFile) return;
    this.#size = stat.size;
    const key = `${stat.size} ${stat.mtime?.getTime()}`;
    // Times are coarse: the same moment may hold two writes.
    const isNews = key !== this.#stat || Date.now() - (stat.mtime?.getTime() ?? 0) < RECENT;
    this.#stat = key;
    this.#isStale ||= isNews;
    // A file that has its length from the beginning would be read again and again.
    const began = performance.now();
    if (stat.size !== this.file.bytes.length || !this.#isStale || began < this.#nextCompare) return;
    this.#isStale = false;
    await this.#compare();
    const now = performance.now();
    this.#nextCompare = now + COMPARING * (now - began);
  }

  async #compare(): Promise<void> {
    try {
      const stat = await Deno.lstat(this.#setup.path);
      if (!stat.isFile || stat.size > this.file.bytes.length + MOST_BEYOND) return;
      this.#wrong = compareFiles(await Deno.readFile(this.#setup.path), this.file.bytes);
    } catch {
      this.#wrong = "no file";
      return;
    }
    if (this.#wrong !== undefined) return;
    this.#outcome = "right";
    this.#rightAfter = performance.now() - this.started;
  }

  /** In words: `equal after 1.2 s`, `no file, exit status 1`. */
  get words(): string {
    if (this.#rightAfter !== undefined) {
      return `equal after ${(this.#rightAfter / 1000).toFixed(1)} s`;
    }
    const file = this.wrong === undefined ? "no file" : this.wrong.says;
    const ending = this.ending === undefined ? "" : `, ${endingWords(this.ending)}`;
    const said = this.#saidDone ? `, "${this.#doneWords()}"` : "";
    const how = this.#outcome === "nothing moved"
      ? ", nothing moved any more"
      : this.#outcome === "too slow"
      ? `, not complete in time`
      : this.#outcome === "asked for too much"
      ? ", asked for too much"
      : "";
    return file + how + said + ending;
  }

  #doneWords(): string {
    const pattern = this.#setup.done!;
    const line = this.running.screen.last(200).findLast((text) => pattern.test(text));
    return (line ?? pattern.source).trim().slice(0, 80);
  }
}
