/**
 * The world of one probe: a fresh folder, torrents, scripted peers and trackers, and the student's
 * program; all of it is gone when the probe is over.
 *
 * @module
 */
import { join } from "@std/path";
import type { Capture } from "./capture.ts";
import { fill, type Values } from "./commands.ts";
import { FairClock } from "./fair_clock.ts";
import type { ConnectionHost } from "./peer_connection.ts";
import type { StudentProgram } from "./program.ts";
import { Random } from "./random.ts";
import { type Manner, ScriptedPeer } from "./scripted_peer.ts";
import {
  type Asked,
  peersBody,
  percentBytes,
  type Reply,
  ScriptedTracker,
} from "./scripted_tracker.ts";
import { CannotTell, Failure, type Finding, type ProgramState } from "./finding.ts";
import { ClaimedPort } from "../programs/claimed_port.ts";
import { type ProcessorUse, processorUse } from "../programs/processor_use.ts";
import { ProgramRun } from "../programs/program_run.ts";
import type { Guardian } from "../programs/guardian.ts";
import { type MadeTorrent, makeTorrent, type TorrentWish } from "./torrents.ts";

/** A torrent that lies in a file. */
export interface TorrentOnDisk extends MadeTorrent {
  readonly path: string;
}

/** What a trial is made of. */
export interface TrialOptions {
  readonly program: StudentProgram;
  readonly seed: number;
  /** An empty folder of its own. */
  readonly folder: string;
  readonly capture: Capture;
  readonly stop: AbortSignal;
  /** Ends what runs where this program itself is killed. */
  readonly guardian?: Pick<Guardian, "watch" | "forget"> | undefined;
}

/** ms that one program may run in a probe. */
const CEILING = 90_000;
/** A program that never rests is waited for so many times the patience at most. */
const MOST_PATIENCES = 2;
/** ms between two looks whether a program rests, and looks: one may fall between two steps of its work. */
const REST_INTERVAL = 50;
const RESTS = 3;
/** ms in which a program does what it does, where the system does not tell whether it rests. */
const REACTION = 1500;

/** Everything that a probe works with. */
export class Trial implements AsyncDisposable, ConnectionHost {
  readonly program: StudentProgram;
  readonly random: Random;
  readonly folder: string;
  readonly capture: Capture;
  /** What is not wrong and yet worth saying. */
  readonly remarks: string[] = [];
  readonly runs: ProgramRun[] = [];
  readonly peers: ScriptedPeer[] = [];
  readonly trackers: ScriptedTracker[] = [];
  /** Ends the probe early: the person stopped. */
  readonly stop: AbortSignal;
  readonly #guardian: TrialOptions["guardian"];
  /** The clock when it began: files of the program that are older are not of this probe. */
  readonly began = Date.now();
  readonly #started = performance.now();
  readonly #owned: AsyncDisposable[] = [];
  readonly #others: ProgramRun[] = [];
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #clock = new FairClock(() => this.#living()?.pid);
  /** `fairTime` when anything was said or printed last. */
  #lastStir = 0;
  #broken: { error: unknown } | undefined;
  #connections = 0;
  #files = 0;

  constructor(options: TrialOptions) {
    this.program = options.program;
    this.random = new Random(options.seed);
    this.folder = options.folder;
    this.capture = options.capture;
    this.stop = options.stop;
    this.#guardian = options.guardian;
  }

  /** ms that the program may stay silent where something has to follow. */
  get patience(): number {
    return this.program.patience;
  }

  /** ms since the last program was started. */
  now(): number {
    return performance.now() - (this.runs.at(-1)?.started ?? this.#started);
  }

  /** ms since anything was said on a connection. */
  quietFor(): number {
    return this.fairTime - this.#lastStir;
  }

  /** Whether nothing was said for so many ms. */
  isSilent(patience = this.patience): boolean {
    return this.quietFor() >= patience;
  }

  /** ms by a clock that stands still while the program has no processor. */
  get fairTime(): number {
    return this.#clock.now;
  }

  /** ms in which that clock stood still. */
  get lostTime(): number {
    return this.#clock.lost;
  }

  stir(): void {
    this.#lastStir = this.fairTime;
    for (const run of this.runs) run.poke();
  }

  broke(error: unknown): void {
    this.#broken ??= { error };
    this.stir();
  }

  /** Throws what the probe itself threw, or that the person stopped. */
  check(): void {
    this.stop.throwIfAborted();
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  /** A port for a program, at which nobody listens; nobody else gets it while the probe runs. */
  port(isWanted?: (port: number) => boolean): number {
    try {
      return this.own(ClaimedPort.any(isWanted)).port;
    } catch (error) {
      if (error instanceof RangeError) throw new CannotTell(error.message);
      throw error;
    }
  }

  /** A path in the probe's folder that is not taken. */
  path(name: string): string {
    return join(this.folder, `${++this.#files}-${name}`);
  }

  /** Makes a torrent and its file. */
  async torrent(wish: TorrentWish = {}): Promise<TorrentOnDisk> {
    return await this.onDisk(makeTorrent(this.random, wish));
  }

  /** Writes a torrent's file. */
  async onDisk(torrent: MadeTorrent): Promise<TorrentOnDisk> {
    const path = this.path(`${torrent.name}.torrent`);
    await Deno.writeFile(path, torrent.bytes);
    return { ...torrent, path };
  }

  /** A tracker; by default it makes the scripted peers known to who asks for their torrent. */
  tracker(
    answer: (asked: Asked) => Reply | undefined = (asked) => this.introduce(asked),
  ): ScriptedTracker {
    const tracker = this.own(new ScriptedTracker(answer, this));
    this.trackers.push(tracker);
    return tracker;
  }

  /**
   * Names the scripted peers, or has them call where the rubric says so.
   *
   * @param dead ports that are named before theirs
   */
  introduce(asked: Asked, dead: readonly number[] = []): Reply {
    const swarm = this.#swarmOf(asked);
    if (!this.program.called) {
      const ports = [...dead, ...swarm.map(({ port }) => port)];
      return { body: peersBody(ports.map((port) => ({ host: "127.0.0.1", port }))) };
    }
    if (asked.query.get("event") === "started") {
      const port = Number(asked.query.get("port"));
      // Who cannot be reached is not called again, as by any peer.
      for (const peer of swarm) peer.call(port).catch(() => {});
    }
    return { body: peersBody([]) };
  }

  /** The scripted peers of a torrent; all of them where the info hash is none of theirs. */
  #swarmOf(asked: Asked): ScriptedPeer[] {
    const infoHash = percentBytes(asked.query.get("info_hash") ?? "")?.toHex();
    const own = this.peers.filter(({ torrent }) => torrent.infoHash.toHex() === infoHash);
    return own.length > 0 ? own : this.peers;
  }

  /** A scripted peer of a torrent. */
  peer(torrent: MadeTorrent, manner: Manner = {}): ScriptedPeer {
    const peerId = new TextEncoder().encode(`-GR0001-${this.random.letters(12)}`);
    const peer = this.own(new ScriptedPeer(torrent, peerId, manner, this));
    this.peers.push(peer);
    return peer;
  }

  /** Does something after so many ms, unless the probe is over by then. */
  later(delay: number, action: () => void): void {
    this.#timers.push(setTimeout(() => {
      try {
        action();
      } catch (error) {
        this.broke(error);
      }
    }, delay));
  }

  /** Has something ended with the probe. */
  own<T extends AsyncDisposable>(thing: T): T {
    this.#owned.push(thing);
    return thing;
  }

  /** A new folder in the probe's own. */
  async newFolder(name: string): Promise<string> {
    const path = this.path(name);
    await Deno.mkdir(path);
    return path;
  }

  /** Starts the student's program with a word of the command table, by default in a fresh folder. */
  async start(word: string, values: Values = {}, folder?: string): Promise<ProgramRun> {
    const { program } = this;
    const form = program.forms[word];
    if (form === undefined) throw new RangeError(`The rubric has no command "${word}"`);
    const cwd = program.folder ?? folder ?? await this.newFolder("run");
    const all = { ...values, cwd };
    const lines = program.lines[word]?.map((line) => fill([line], all)[0]!);
    const run = this.own(
      new ProgramRun([...program.command, ...fill(form, all)], {
        cwd,
        belongsTo: this.folder,
        terminal: program.terminal,
        ceiling: CEILING,
        ...(lines === undefined ? {} : { lines }),
      }),
    );
    this.runs.push(run);
    await this.#guardian?.watch(run.pid);
    this.#lastStir = this.fairTime;
    return run;
  }

  /** Starts a program that is not the student's, in a fresh folder. */
  async startOther(name: string, command: (folder: string) => readonly string[]) {
    const cwd = await this.newFolder(name);
    const options = { cwd, belongsTo: this.folder, ceiling: CEILING };
    const run = this.own(new ProgramRun(command(cwd), options));
    this.#others.push(run);
    await this.#guardian?.watch(run.pid);
    return { run, folder: cwd };
  }

  /** Fails the probe. */
  fail(finding: Finding): never {
    throw new Failure(finding);
  }

  remark(sentence: string): void {
    if (!this.remarks.includes(sentence)) this.remarks.push(sentence);
  }

  /**
   * Waits until `look` finds something; it is asked whenever anything is said, printed or ended.
   * Patience begins anew with everything that is said on a connection.
   */
  async until<T>(
    look: () => T | undefined,
    run: ProgramRun,
    patience = this.patience,
  ): Promise<T | undefined> {
    let wasSilent = false;
    while (true) {
      const left = patience - this.quietFor();
      const found = await run.until(look, Math.min(500, Math.max(50, left)));
      this.check();
      if (found !== undefined) return found;
      const isSilent = this.isSilent(patience);
      // Twice: something may lie here that was not read.
      if (run.end !== undefined || (isSilent && wasSilent)) return undefined;
      wasSilent = isSilent;
    }
  }

  /**
   * What `look` finds until the program has dealt with all that it was told: at least `least` ms, and
   * until it rests, or has computed for so long. For what must not follow.
   */
  async untilRest<T>(look: () => T | undefined, run: ProgramRun, least: number) {
    const rests = this.#restLook(least);
    while (true) {
      const found = await run.until(look, REST_INTERVAL);
      this.check();
      if (found !== undefined || run.end !== undefined || rests()) return found;
    }
  }

  /** Does something once the program has dealt with what it was told, as `untilRest` waits for it. */
  whenRested(least: number, action: () => void): void {
    const rests = this.#restLook(least);
    const look = () => rests() ? action() : this.later(REST_INTERVAL, look);
    this.later(REST_INTERVAL, look);
  }

  /** A look, every now and then, whether the program has rested since. */
  #restLook(least: number): () => boolean {
    const from = this.fairTime;
    const before = this.#processorUse();
    let rests = 0;
    return () => {
      const now = this.#processorUse();
      const age = this.fairTime - from;
      if (now === undefined || before === undefined) return age >= Math.max(least, REACTION);
      rests = now.isAtRest ? rests + 1 : 0;
      const hadTime = rests >= RESTS || now.used - before.used >= least;
      return age >= MOST_PATIENCES * this.patience || (age >= least && hadTime);
    };
  }

  /** Fails with the first thing that a peer of the swarm would have hung up for. */
  judgeFaults(): void {
    this.check();
    const faults = this.peers.flatMap((peer) => peer.allFaults())
      .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    if (faults[0] !== undefined) this.fail(faults[0]);
  }

  /** The last program, while it runs. */
  #living(): ProgramRun | undefined {
    const run = this.runs.at(-1);
    return run?.end === undefined ? run : undefined;
  }

  /** What the last program does with the processor; undefined where the system does not tell. */
  #processorUse(): ProcessorUse | undefined {
    const run = this.#living();
    return run === undefined ? { isAtRest: true, used: 0 } : processorUse(run.pid);
  }

  /** How the last program was. */
  state(): ProgramState | undefined {
    const run = this.runs.at(-1);
    if (run === undefined) return undefined;
    const { end } = run;
    return {
      command: run.command,
      ...(end === undefined ? {} : { status: end.signal ?? end.code }),
      lastLines: run.lastLines(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clock[Symbol.dispose]();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const thing of this.#owned.reverse()) await thing[Symbol.asyncDispose]();
    for (const { pid } of [...this.runs, ...this.#others]) await this.#guardian?.forget(pid);
  }
}
