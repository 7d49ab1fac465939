/**
 * Torrent, from the moment it was added: what is wanted of it, its state, its trackers, and what is
 * remembered of it. The exchange with its peers is in `exchange.ts`.
 *
 * @module
 */
import type { Consent, SeedGoal } from "../options.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Handshake } from "../../protocol/handshake.ts";
import { swarmHashes } from "../../protocol/info_hash.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Info } from "../../protocol/metainfo.ts";
import { Autosave } from "./autosave.ts";
import { DiskRetry } from "./disk_retry.ts";
import { Announcer } from "../trackers/announcer.ts";
import type { EngineEvent, TorrentEvent, Wanted } from "../events.ts";
import { reasonOf } from "../remedy.ts";
import type { ExchangeContext } from "./exchange_parts.ts";
import type { AnnouncerContext } from "../trackers/announcer.ts";
import type { RecheckContext } from "./recheck.ts";
import { Exchange } from "./exchange.ts";
import type { Connection } from "../connections/connection.ts";
import type { KeptFile } from "../storage/delete_files.ts";
import type { FilePriority, PeerSource, TorrentState } from "../snapshot.ts";
import { slices } from "../../loop/process_loop.ts";
import { changedPrioritySteps, FileSelection, type Which } from "../pieces/file_priorities.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { SwarmHashes } from "../peers/swarm_hashes.ts";
import { stateOf } from "./torrent_state.ts";
import type { Connections, HandedConnection } from "../connections/connections.ts";
import { StorageError, TorrentFault } from "../ports.ts";
import { Recheck } from "./recheck.ts";
import { Seeding } from "./seeding.ts";
import type { TorrentInit } from "./torrent_init.ts";
import type { Discoverable } from "../discoverable.ts";

/** The part of the engine that one torrent needs. */
export type TorrentContext = ExchangeContext & AnnouncerContext & RecheckContext & {
  emit(event: EngineEvent): void;
};

/** A torrent with its peers, from the moment it was added. */
export class Torrent implements Discoverable {
  readonly init: TorrentInit<Torrent>;
  readonly info: Info;
  readonly layout: Layout;
  /** The info hash in hex. */
  readonly infoHash: string;
  readonly announces: Announcer;
  readonly exchange: Exchange;
  readonly recheck: Recheck;
  wanted: Wanted;
  error: StorageError | TorrentFault | undefined;
  completedAt: number | undefined;
  /** Complete for the first time, whatever was lost since. */
  firstCompletedAt: number | undefined;
  /** 0 to 1 while it is checked; undefined otherwise. */
  checking: number | undefined;
  readonly seeding: Seeding;
  /** What is done for it: what that throws ends this torrent alone. */
  readonly background: BackgroundTasks = new BackgroundTasks((fault) => this.#failed(fault));

  readonly #context: TorrentContext;
  /** It has to wait for its turn to download: the engine admits it. */
  #isWaiting: boolean;
  #abort = new AbortController();
  #starting: Promise<void> | undefined;
  readonly #autosave = new Autosave((clean) => this.#save(clean));
  readonly #diskRetry = new DiskRetry();
  #selecting: Promise<void> = Promise.resolve();
  #isChecked = false;
  /** Files that are wanted after all get their names first. */
  #isNaming = false;
  readonly #handed: HandedConnection[] = [];
  /** Of the link that it came of, until it is checked. */
  #linkAnnounces: Announcer | undefined;
  #startedAt = 0;
  #shownState: TorrentState | undefined;

  constructor(context: TorrentContext, init: TorrentInit<Torrent>) {
    this.#context = context;
    this.init = init;
    this.info = init.info;
    this.infoHash = init.infoHash.toHex();
    this.layout = init.layout;
    const names = new SwarmHashes(init.hashes);
    this.wanted = init.wanted;
    this.completedAt = this.firstCompletedAt = init.completedAt;
    this.#isWaiting = init.isWaiting;
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
      known: (wasUrgent) => this.#filesKnown(wasUrgent),
      changed: () => this.#rechecked(),
    });
    this.exchange.picker.sequential = choices.sequential ?? false;
    for (const { host, port, isSeed } of init.peers) {
      this.exchange.connections.peerList.add(host, port, "resume", context.now(), { isSeed });
    }
    this.setLimits({ download: choices.downloadLimit, upload: choices.uploadLimit });
    this.announces = new Announcer(context, {
      infoHashes: names.all,
      tiers: init.tiers,
      lists: init.lists,
      wasComplete: init.completedAt !== undefined,
      facts: () => ({
        uploaded: this.exchange.up.total,
        downloaded: this.exchange.down.total,
        // BEP 21: who has all it wants and not all there is announces as no seeder.
        left: this.layout.bytesMissing(this.have),
        numwant: this.exchange.connections.wantsMore ? 50 : 0,
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
    return this.#isWaiting && this.isDownload;
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
      if (this.#linkAnnounces !== undefined) {
        this.announces.inherit(this.#linkAnnounces, this.isComplete);
        this.#linkAnnounces = undefined;
      }
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
    for (const connection of this.#handed.splice(0)) this.exchange.connections.adopt(connection);
    this.remember();
    this.#showState();
    this.tick(this.#context.now());
  }

  /** A second has passed (or something happened that should not wait for it). */
  tick(now: number): void {
    if (this.#diskRetry.isDue(now)) {
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
    this.background.run(this.#autosave.tick(now));
  }

  addPeers(
    peers: readonly { host: string; port: number }[],
    source: PeerSource,
    via?: string,
  ): void {
    const now = this.#context.now();
    const { connections } = this.exchange;
    this.background.guard(() => {
      connections.know(peers, source, now, via);
      if (this.isRunning) connections.dial(now);
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
    if (!this.isComplete) this.exchange.connections.peerList.reconsider(this.#context.now());
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

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Others are before it: it downloads when it is admitted. */
  queue(): void {
    this.#isWaiting = true;
  }

  /** Its turn to download has come. */
  admit(): void {
    this.#isWaiting = false;
    this.#showState();
    this.announces.hurry(this.#context.now());
    this.tick(this.#context.now());
  }

  /** Goes on with what its link had found; connections are taken on when it was checked. */
  inherit(
    connections: readonly HandedConnection[],
    { connections: { peerList, named }, announces }: {
      connections: Connections;
      announces: Announcer;
    },
  ): void {
    this.#handed.push(...connections);
    this.#linkAnnounces = announces;
    this.exchange.connections.peerList.inherit(peerList, this.#context.now(), this.isPrivate);
    this.exchange.connections.named.inherit(named, this.#context.now());
  }

  /** Somebody called, and asked for this torrent. */
  accept(connection: Connection, theirs: Handshake): void {
    if (!this.isRunning) return connection.close("the torrent is not running");
    this.exchange.connections.accept(connection, theirs);
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
      this.exchange.connections.reopen();
    }
    const { error } = this;
    this.error = undefined;
    if (error instanceof TorrentFault) this.exchange.connections.peerList.reconsider(now);
    // Files may be others than before it failed.
    const wasGone = error?.kind === "missing" || error?.kind === "changed";
    if (wasGone) this.init.files.allow(consent);
    const wasElsewhere = error?.kind === "in-use" && this.#isChecked;
    if (wasGone || wasElsewhere || this.recheck.isUrgent) this.recheck.doubt();
    this.#want("active");
    if (!this.#isChecked && this.checking === undefined) return this.background.run(this.start());
    if (!this.recheck.isUrgent) this.exchange.resume();
    if (!this.isRunning) return;
    if (error !== undefined) this.background.run(this.#nameFiles(true));
    this.announces.hurry(now);
    this.tick(now);
  }

  /** Leaves the swarm: announces `stopped`, closes connections, writes everything; `reason` appears in the event. */
  async stop(reason?: string): Promise<void> {
    this.#want("stopped", reason);
    await this.#leave(reason ?? "stopped");
    await this.#autosave.save(false);
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
      () => this.#autosave.save(true),
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
    this.#autosave.later();
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
    this.#diskRetry.failed(error, this.#context.now());
    this.exchange.drop();
    this.#showState();
  }

  /**
   * Something threw that nobody expects, while working on this torrent: it says so and leaves its
   * swarm until `resume`. Never throws.
   */
  fault(fault: unknown): void {
    if (this.error instanceof TorrentFault) return;
    this.error = new TorrentFault(fault);
    this.#diskRetry.cancel();
    this.checking = undefined;
    this.#abort.abort();
    for (const { connection } of this.#handed.splice(0)) connection.close("internal error");
    this.background.run(this.exchange.close("internal error"));
    this.background.run(this.announces.stop());
    this.#showState();
  }

  #filesKnown(wasUrgent: boolean): void {
    if (!this.isComplete) this.completedAt = undefined;
    else if (this.error instanceof StorageError) {
      const { kind } = this.error;
      if (wasUrgent || kind === "missing" || kind === "changed") this.error = undefined;
    }
  }

  #rechecked(): void {
    this.remember();
    this.background.run(this.#nameFiles(true));
    this.#showState();
  }

  async #save(clean: boolean): Promise<void> {
    if (this.#isChecked) await this.#nameFiles();
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
    this.#autosave.soon();
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

  #showState(why?: string): void {
    const { state } = this;
    if (state === this.#shownState) return;
    this.#shownState = state;
    const because = why === undefined ? {} : { reason: why };
    const reason = state === "error" ? reasonOf(this.error) : because;
    this.#emit({ event: "torrent-state", state, ...reason });
  }

  #emit(event: TorrentEvent): void {
    this.#context.emit({ infoHash: this.infoHash, name: this.info.name, ...event });
  }
}
