/**
 * One torrent from the moment it was added: what is wanted of it, what state it is in, its trackers,
 * and what is remembered of it. The exchange with its peers is in `exchange.ts`.
 *
 * @module
 */
import type { Bitfield } from "../protocol/bitfield.ts";
import type { Handshake } from "../protocol/handshake.ts";
import { swarmHashes } from "../protocol/info_hash.ts";
import type { Layout } from "../protocol/layout.ts";
import type { Info } from "../protocol/metainfo.ts";
import { Announces } from "./announces.ts";
import type { EngineContext } from "./context.ts";
import type { TorrentEvent, Wanted } from "./events.ts";
import { Exchange } from "./exchange.ts";
import type { Connection } from "./io/connection.ts";
import type { KeptFile } from "./io/delete_files.ts";
import { slices } from "./io/slices.ts";
import {
  changedPrioritySteps,
  type FilePriority,
  FileSelection,
  type Which,
} from "./logic/file_selection.ts";
import { Background } from "./logic/background.ts";
import type { Consent } from "./logic/file_faults.ts";
import { SwarmNames } from "./logic/swarm_names.ts";
import { stateOf } from "./torrent_state.ts";
import type { SeedGoal } from "./logic/seed_goal.ts";
import type { HandedConnection, Links } from "./links.ts";
import { StorageError, TorrentFault } from "./ports.ts";
import { Recheck } from "./recheck.ts";
import { Remembering } from "./remembering.ts";
import { Seeding } from "./seeding.ts";
import type { TorrentInit } from "./torrent_init.ts";
import type { Searched } from "./searched.ts";
import type { PeerSource, TorrentState } from "./snapshot.ts";

/** A full disk may have room again. */
const DISK_RETRY_MS = 30_000;

/** A torrent with its peers, from the moment it was added. */
export class Torrent implements Searched {
  readonly init: TorrentInit<Torrent>;
  readonly info: Info;
  readonly layout: Layout;
  /** The info hash in hex. */
  readonly infoHash: string;
  readonly announces: Announces;
  readonly exchange: Exchange;
  readonly recheck: Recheck;
  wanted: Wanted;
  error: StorageError | TorrentFault | undefined;
  completedAt: number | undefined;
  /** Complete for the first time, whatever was lost since. */
  firstCompletedAt: number | undefined;
  /** 0 to 1 while it is checked; undefined otherwise. */
  checking: number | undefined;
  /** It has to wait for its turn to download: the engine admits it. */
  isWaiting: boolean;
  readonly seeding: Seeding;
  /** What is done for it: what that throws ends this torrent alone. */
  readonly background: Background = new Background((fault) => this.#failed(fault));

  readonly #context: EngineContext;
  #abort = new AbortController();
  #starting: Promise<void> | undefined;
  readonly #remembering = new Remembering((clean) => this.#save(clean));
  #selecting: Promise<void> = Promise.resolve();
  #retryAt = Infinity;
  #isChecked = false;
  /** Files that are wanted after all get their names first. */
  #isNaming = false;
  readonly #handed: HandedConnection[] = [];
  #startedAt = 0;
  #shownState: TorrentState | undefined;

  constructor(context: EngineContext, init: TorrentInit<Torrent>) {
    this.#context = context;
    this.init = init;
    this.info = init.info;
    this.infoHash = init.infoHash.toHex();
    this.layout = init.layout;
    const names = new SwarmNames(init.hashes);
    this.wanted = init.wanted;
    this.completedAt = this.firstCompletedAt = init.completedAt;
    this.isWaiting = init.isWaiting;
    const { choices } = init;
    this.seeding = new Seeding(choices.seeded ?? 0);
    this.exchange = new Exchange(context, {
      info: init.info,
      names,
      trees: init.trees,
      infoBytes: init.infoBytes,
      layout: this.layout,
      store: init.store,
      webSeeds: init.webSeeds,
      selection: init.selection,
      picker: init.picker,
      isRunning: () => this.isRunning,
      isActive: () => this.wanted === "active" && !this.recheck.isUrgent,
      canDownload: () => this.#canDownload(),
      emit: (event) => this.#emit(event),
      onHashes: () => init.saveLayers(),
      onVerified: () => this.#onVerified(),
      onError: (error) => this.#failed(error),
      onUnreadable: (error) => this.recheck.unreadable(error),
    });
    this.recheck = new Recheck(context, this, init.files, {
      emit: (event) => this.#emit(event),
      track: (promise) => this.background.run(promise),
      fail: (error) => this.#failed(error),
      changed: () => this.#rechecked(),
    });
    this.exchange.picker.sequential = choices.sequential ?? false;
    for (const { host, port, isSeed } of init.peers) {
      this.exchange.links.pool.add(host, port, "resume", context.now(), { isSeed });
    }
    this.setLimits({ download: choices.downloadLimit, upload: choices.uploadLimit });
    this.announces = new Announces(context, {
      infoHashes: names.all,
      tiers: init.tiers,
      lists: init.lists,
      wasComplete: init.completedAt !== undefined,
      facts: () => ({
        uploaded: this.exchange.up.total,
        downloaded: this.exchange.down.total,
        // BEP 21: who has all it wants and not all there is announces as no seeder.
        left: this.layout.bytesMissing(this.have),
        numwant: this.exchange.links.wantsMore ? 50 : 0,
      }),
      onPeers: (peers, tracker) => this.addPeers(peers, "tracker", tracker),
      emit: (event) => this.#emit(event),
      onFault: (fault) => this.fault(fault),
    });
  }

  get hashes(): readonly Uint8Array[] {
    return swarmHashes(this.init.hashes);
  }

  get isPrivate(): boolean {
    return this.info.private;
  }

  get trackerCount(): number {
    return this.announces.trackerCount;
  }

  get nodes(): readonly (readonly [string, number])[] {
    return this.init.nodes;
  }

  get name(): string {
    return this.info.name;
  }

  get have(): Bitfield {
    return this.exchange.have;
  }

  get selection(): FileSelection {
    return this.exchange.selection;
  }

  /** Whether everything that is wanted is there. */
  get isComplete(): boolean {
    return this.exchange.isComplete;
  }

  /** Whether it is known which pieces are there. */
  get isChecked(): boolean {
    return this.#isChecked;
  }

  /** Settles when it is known, or will not be for now. */
  get started(): Promise<void> | undefined {
    return this.#starting;
  }

  /** Whether it fetches, or would if it were its turn. */
  get isDownload(): boolean {
    return this.#isChecked && this.checking === undefined && this.wanted === "active" &&
      this.error === undefined && !this.isComplete;
  }

  /** Whether it holds no connections because others are before it. */
  get isQueued(): boolean {
    return this.isWaiting && this.isDownload;
  }

  /** Whether it has been seeded enough, and why. */
  enough(goal: SeedGoal): string | undefined {
    if (this.state !== "seeding") return undefined;
    const uploaded = this.init.uploaded + this.exchange.up.total;
    return this.seeding.enough(goal, { uploaded, size: this.selection.size(this.layout) });
  }

  get state(): TorrentState {
    return stateOf(this, this.#isNaming);
  }

  get isRunning(): boolean {
    return this.checking === undefined && this.wanted !== "stopped" && !this.isQueued &&
      !this.#abort.signal.aborted;
  }

  /** Finds out what is there, then takes part. */
  start(): Promise<void> {
    return this.#starting = this.#check().catch((fault) => this.fault(fault));
  }

  async #check(): Promise<void> {
    this.checking = 0;
    this.#startedAt = this.#context.now();
    this.#showState();
    try {
      const { have, problem } = await this.init.check(
        (progress) => this.checking = progress,
        this.#abort.signal,
      );
      await this.exchange.setHave(have);
      this.#isChecked = true;
      const found = { have: have.count, pieces: have.length, ...this.init.files.renamed() };
      this.#emit({ event: "torrent-checked", ...found });
      await this.exchange.finishFiles(true);
      // What was complete once may have been damaged since.
      this.completedAt = this.isComplete ? this.completedAt ?? this.#context.now() : undefined;
      this.firstCompletedAt ??= this.completedAt;
      if (problem !== undefined) this.#failed(problem);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failed(error);
    }
    this.checking = undefined;
    if (this.#abort.signal.aborted) return;
    for (const connection of this.#handed.splice(0)) this.exchange.links.adopt(connection);
    this.remember();
    this.#showState();
    this.tick(this.#context.now());
  }

  /** A second has passed (or something happened that should not wait for it). */
  tick(now: number): void {
    if (now >= this.#retryAt) {
      this.#retryAt = Infinity;
      this.error = undefined;
      if (this.#isChecked) {
        this.background.run(this.#nameFiles(true));
        this.#showState();
      } else this.background.run(this.start());
    }
    this.seeding.tick(now, this.state === "seeding");
    if (!(this.error instanceof TorrentFault)) {
      if (this.#isChecked && this.wanted !== "stopped") this.recheck.tick(now);
      if (this.isRunning) this.announces.tick(now);
      this.exchange.tick(now);
    }
    this.background.run(this.#remembering.tick(now));
  }

  addPeers(
    peers: readonly { host: string; port: number }[],
    source: PeerSource,
    via?: string,
  ): void {
    const now = this.#context.now();
    const { links } = this.exchange;
    this.background.guard(() => {
      links.know(peers, source, now, via);
      if (this.isRunning) links.dial(now);
    });
  }

  /** Other files are wanted from now on, or differently: see `Engine.select`. */
  select(which: Which, priority?: FilePriority): Promise<void> {
    const select = () => this.#select(which, priority);
    return this.#selecting = this.#selecting.then(select, select);
  }

  async #select(which: Which, priority: FilePriority | undefined): Promise<void> {
    const { info: { files }, selection: before } = this;
    const priorities = await slices.run(changedPrioritySteps(files, before.files, which, priority));
    const selection = await slices.run(FileSelection.steps(this.layout, files, priorities));
    const isMore = selection.isMoreThan(this.selection);
    await this.init.store.want(selection.files.map((one) => one !== "skip"), this.have);
    await this.exchange.select(selection);
    this.remember();
    if (this.checking !== undefined) return;
    if (!this.isComplete) this.exchange.links.pool.reconsider(this.#context.now());
    if (!this.isComplete) this.completedAt = undefined;
    this.#isNaming ||= isMore;
    this.background.run(this.#nameFiles(true));
    this.#showState();
  }

  /** Pieces in their order from now on, or the rarest first. */
  setSequential(sequential: boolean): void {
    this.exchange.picker.sequential = sequential;
    this.remember();
  }

  /** Bytes per second; 0 for none, undefined for what it was. */
  setLimits(limits: { download?: number | undefined; upload?: number | undefined }): void {
    const { downLimit, upLimit } = this.exchange;
    downLimit.limit = limits.download ?? downLimit.limit;
    upLimit.limit = limits.upload ?? upLimit.limit;
    this.remember();
  }

  /** Its turn to download has come. */
  admit(): void {
    this.isWaiting = false;
    this.#showState();
    this.announces.hurry(this.#context.now());
    this.tick(this.#context.now());
  }

  /** Goes on with what its link had found; connections are taken on when it was checked. */
  inherit(connections: readonly HandedConnection[], { pool, named }: Links): void {
    this.#handed.push(...connections);
    this.exchange.links.pool.inherit(pool, this.#context.now(), this.isPrivate);
    this.exchange.links.named.inherit(named, this.#context.now());
  }

  /** Somebody called, and asked for this torrent. */
  accept(connection: Connection, theirs: Handshake): void {
    if (!this.isRunning) return connection.close("the torrent is not running");
    this.exchange.links.accept(connection, theirs);
  }

  /** Stops transfers and keeps connections. */
  pause(): void {
    this.#want("paused");
    this.exchange.pause();
  }

  /** @param consent how to go on with files that are missing or differ, where it waits for that */
  resume(consent: Consent = "beside"): void {
    const now = this.#context.now();
    this.seeding.isEndless ||= this.wanted === "stopped" && this.isComplete;
    if (this.#abort.signal.aborted) {
      this.#abort = new AbortController();
      this.exchange.links.reopen();
    }
    const { error } = this;
    this.error = undefined;
    if (error instanceof TorrentFault) this.exchange.links.pool.reconsider(now);
    // Files may be others than before it failed.
    const wasGone = error?.kind === "missing" || error?.kind === "changed";
    if (wasGone) this.init.files.allow(consent);
    if (wasGone || this.recheck.isUrgent) this.recheck.doubt();
    this.#want("active");
    if (!this.#isChecked && this.checking === undefined) return this.background.run(this.start());
    if (!this.recheck.isUrgent) this.exchange.resume();
    if (!this.isRunning) return;
    if (error !== undefined) this.background.run(this.#nameFiles(true));
    this.announces.hurry(now);
    this.tick(now);
  }

  /** Leaves the swarm, for a reason that is told: `stopped` to the trackers, connections closed, everything written. */
  async stop(reason?: string): Promise<void> {
    this.#want("stopped", reason);
    await this.#leave(reason ?? "stopped");
    await this.#remembering.save(false);
  }

  /** See `TorrentInit.delete`. */
  delete(data: boolean, inUse: () => Promise<ReadonlySet<string>>): Promise<KeptFile[]> {
    return this.init.delete(data, this.#isChecked ? this.have : undefined, inUse);
  }

  /** Like `stop`, for the end of the program: what is wanted stays as it is. */
  async close(): Promise<void> {
    const { store } = this.init;
    await this.background.each([
      () => this.#leave("shutting down"),
      () => this.announces.dispose(),
      () => this.#remembering.save(true),
      () => store[Symbol.asyncDispose](),
    ]);
    this.#context.cache.dropAll(store);
  }

  async #leave(reason: string): Promise<void> {
    this.#abort.abort();
    for (const { connection } of this.#handed.splice(0)) connection.close(reason);
    await Promise.all([
      this.exchange.close(reason),
      this.announces.stop(),
      this.recheck.close(),
      this.#starting,
      this.background.settled(),
    ]);
  }

  #canDownload(): boolean {
    return this.wanted === "active" && this.error === undefined && !this.recheck.isUrgent;
  }

  #onVerified(): void {
    this.#remembering.later();
    if (!this.isComplete || this.completedAt !== undefined) return;
    // The swarm may know at once; people hear of it when the files have their names.
    this.announces.hurry(this.#context.now());
    this.background.run(this.#nameFiles());
  }

  #completed(): void {
    const now = this.#context.now();
    this.completedAt = now;
    this.firstCompletedAt ??= now;
    this.remember();
    this.#emit({
      event: "torrent-completed",
      downloaded: this.exchange.down.total,
      seconds: (now - this.#startedAt) / 1000,
    });
    this.#showState();
  }

  /** It cannot go on: because of its files, or of a bug. */
  #failed(error: unknown): void {
    if (!(error instanceof StorageError)) return this.fault(error);
    if (this.error !== undefined) return;
    this.error = error;
    this.#retryAt = error.kind === "full" ? this.#context.now() + DISK_RETRY_MS : Infinity;
    this.exchange.drop();
    this.#showState();
  }

  /**
   * Something threw that nobody expects, while working on this torrent: it says so and leaves its
   * swarm until `resume`. Never throws.
   */
  fault(fault: unknown): void {
    if (this.error instanceof TorrentFault) return;
    this.error = new TorrentFault(fault, this.#context.advice.again);
    this.#retryAt = Infinity;
    this.checking = undefined;
    this.#abort.abort();
    for (const { connection } of this.#handed.splice(0)) connection.close("internal error");
    this.background.run(this.exchange.close("internal error"));
    this.background.run(this.announces.stop());
    this.#showState();
  }

  #rechecked(): void {
    this.remember();
    this.background.run(this.#nameFiles(true));
    this.#showState();
  }

  async #save(clean: boolean): Promise<void> {
    await this.#nameFiles();
    const have = this.have.copy();
    try {
      await this.init.store.sync();
      await this.init.save(this, have, clean);
    } catch (error) {
      this.#failed(error);
    }
  }

  #want(wanted: Wanted, reason?: string): void {
    this.wanted = wanted;
    this.remember();
    this.#showState(reason);
  }

  /** What is to be remembered is written with the next tick. */
  remember(): void {
    this.#remembering.soon();
  }

  /** Names files that became whole; `all`, where that failed before or was not wanted. */
  async #nameFiles(all = false): Promise<void> {
    try {
      await this.exchange.finishFiles(all);
    } catch (error) {
      return this.#failed(error);
    }
    if (!this.exchange.isFinished) return;
    this.#isNaming = false;
    if (this.completedAt === undefined) this.#completed();
    else this.#showState();
  }

  #showState(because?: string): void {
    const { state } = this;
    if (state === this.#shownState) return;
    this.#shownState = state;
    const reason = state === "error" ? this.error?.message : because;
    this.#emit({ event: "torrent-state", state, ...(reason === undefined ? {} : { reason }) });
  }

  #emit(event: TorrentEvent): void {
    this.#context.emit({ infoHash: this.infoHash, name: this.info.name, ...event });
  }
}
