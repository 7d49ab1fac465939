/**
 * The peer: its torrents, its listening port, what they share, and the one tick that drives them.
 *
 * @module
 */
import { addPieceLayers } from "../../protocol/add_piece_layers.ts";
import { swarmHashes } from "../../protocol/info_hash.ts";
import { isSomeLeftOut } from "../../protocol/left_out.ts";
import type { PieceLayers } from "../../protocol/piece_layers.ts";
import type { Magnet } from "../../protocol/magnet.ts";
import { IncomingHandshakes } from "../connections/incoming_handshake.ts";
import type { EngineContext } from "./context.ts";
import { AlreadyAddedError, UnknownTorrentError } from "../errors.ts";
import { leftOutOf, leftOutOfLink, tellLeftOut, type UsedSources } from "../left_out.ts";
import type { EngineEvent, EngineListener } from "../events.ts";
import { PeerDiscovery } from "../discovery/peer_discovery.ts";
import { type CreateOptions, createTorrent } from "../metainfo/create_torrent.ts";
import { torrentInside } from "../metainfo/source_files.ts";
import type { KeptFile } from "../storage/delete_files.ts";
import { infoHashesOf } from "../metainfo/info_hashes.ts";
import { OpeningMarks } from "../resume/opening_marks.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import { readMetainfo, slices } from "../../loop/process_loop.ts";
import { guardTap } from "./guard_tap.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { portWarnings } from "../destination/destination.ts";
import type { FilePriority } from "../snapshot.ts";
import type { Which } from "../pieces/file_priorities.ts";
import type { Connections } from "../connections/connections.ts";
import type { MagnetTorrent } from "../magnet/magnet_torrent.ts";
import { MagnetList } from "../magnet/magnet_list.ts";
import { alreadyHere, sourcesOf, sourcesOfMagnet, withLink } from "./more_sources.ts";
import { DisconnectedPeers } from "./disconnect.ts";
import { moveTorrent } from "./move_torrent.ts";
import type { NewPlace } from "./relocate.ts";
import { keepLimits, withKeptLimits } from "./kept_limits.ts";
import { newContext } from "./new_context.ts";
import { openTorrent } from "./open_torrent.ts";
import type { TorrentFacts } from "./torrent_facts.ts";
import { realWorld } from "./real_world.ts";
import type { World } from "./world.ts";
import type { AddOptions, Consent, EngineOptions, Shared } from "../options.ts";
import { choiceSteps } from "./add_choices.ts";
import { ConnectionLimits } from "../connections/connection_limits.ts";
import type { Listener, Socket, Tap } from "../ports.ts";
import type { RecheckResult } from "../torrent/recheck.ts";
import { restoreTorrent, restoreTorrents, type Restoring } from "./restore.ts";
import type { EngineSnapshot } from "../snapshot.ts";
import { snapshotEngine, snapshotTorrent } from "../torrent/torrent_snapshot.ts";
import { pathsInUse } from "./paths_in_use.ts";
import { Tick } from "./tick.ts";
import type { OpenDisk } from "./torrent_disk.ts";
import { TorrentFiles } from "./torrent_files.ts";
import { TorrentTurns } from "./torrent_turns.ts";
import { TorrentList } from "./torrent_list.ts";
import { Torrent } from "../torrent/torrent.ts";
import { Unopened } from "../resume/unopened.ts";

/** A running peer. Dispose it to leave all swarms and save everything. */
export class Engine implements AsyncDisposable {
  readonly dir: string;
  readonly peerId: Uint8Array;
  readonly port: number;
  #options: EngineOptions;
  readonly #world: World;
  readonly #context: EngineContext;
  readonly #db: ResumeRecords | undefined;
  readonly #listener: Listener;
  readonly #torrents = new TorrentList();
  readonly #magnets: MagnetList;
  readonly #unopened = new Unopened();
  readonly #adds = new TorrentTurns();
  readonly #removals = new TorrentTurns();
  readonly #marks: OpeningMarks;
  /** Peers that are kept away. */
  readonly sentAway: DisconnectedPeers;
  readonly #files: TorrentFiles;
  readonly #listeners = new Set<EngineListener>();
  readonly #background = new BackgroundTasks((fault) => this.#context.onFault(fault));
  readonly #callers: IncomingHandshakes;
  #discovery: PeerDiscovery | undefined;
  readonly #tick: Tick;
  #name: string;
  #closing = false;
  /** Going on with the torrents of last time. */
  #restored: Promise<void> = Promise.resolve();

  private constructor(
    options: EngineOptions,
    world: World,
    db: ResumeRecords | undefined,
    listener: Listener,
  ) {
    options = withKeptLimits(options, db);
    this.#options = options;
    this.#world = world;
    this.#db = db;
    this.#files = new TorrentFiles(db);
    this.#marks = new OpeningMarks(db);
    this.#listener = listener;
    this.#name = db?.setting("name") ?? options.name;
    this.dir = options.dir;
    this.port = listener.port;
    const random = () => world.random();
    this.#context = newContext(options, world, {
      port: this.port,
      name: () => this.#name,
      places: new ConnectionLimits(options.maxConnections, () => this.#connections(), random),
      onCall: (socket) => this.#welcome(socket),
      emit: (event) => this.#emit(event),
      onFault: options.onFault ?? ((fault) => reportError(fault)),
      dhtPort: () => this.#discovery?.dhtPort,
      meetNode: (node) => this.#discovery?.meet(node),
    });
    this.peerId = this.#context.peerId;
    this.#magnets = new MagnetList(this.#context, {
      dir: options.dir,
      records: options.stateDir === undefined
        ? undefined
        : world.disk.magnetRecords(options.stateDir),
      uses: this.#uses(),
      become: async (torrent, options) => void await this.add(torrent, options),
      marks: this.#marks,
      track: (promise) => this.#background.run(promise),
    });
    this.sentAway = new DisconnectedPeers(this.#context, this.#torrents, this.#magnets);
    this.#callers = new IncomingHandshakes(this.#context, {
      infoHashes: () => [...this.#torrents.swarms(), ...this.#magnets.swarms()],
      onHandshake: (connection, theirs) => {
        const hex = theirs.infoHash.toHex();
        const torrent = this.#torrents.get(hex) ?? this.#magnets.get(hex);
        if (torrent === undefined) connection.close("unknown torrent");
        else torrent.accept(connection, theirs);
      },
    });
    this.#tick = new Tick(this.#context, {
      torrents: this.#torrents,
      magnets: this.#magnets,
      callers: this.#callers,
      finders: () => this.#discovery,
      background: this.#background,
    }, options);
  }

  /**
   * Opens the store and the port and goes on with the torrents of last time, unless
   * `options.restoresLater`: then `restore` does.
   *
   * @param world its clock, chance, network and disk. Default: those of this machine
   * @throws {StoreBusyError} where another process uses the store
   * @throws {TcpError} where the port is taken
   * @throws {StorageError} where the folder cannot be used
   */
  static async start(options: EngineOptions, world: World = realWorld()): Promise<Engine> {
    const { stateDir } = options;
    const db = stateDir === undefined ? undefined : await world.disk.openRecords(stateDir);
    let listener: Listener;
    try {
      listener = world.network.listen({
        host: options.host ?? "0.0.0.0",
        port: options.port ?? 6881,
        next: options.nextFreePort ?? options.port === undefined,
      });
    } catch (error) {
      db?.[Symbol.dispose]();
      throw error;
    }
    const engine = new Engine(options, world, db, listener);
    engine.#background.run(engine.#listen());
    engine.#tick.start();
    engine.#discovery = await PeerDiscovery.start(
      engine.#context,
      {
        host: options.host ?? "0.0.0.0",
        bootstrap: options.dhtBootstrap ?? [],
        memory: stateDir === undefined ? undefined : world.disk.dhtMemory(stateDir),
      },
      () => [...engine.#torrents, ...engine.#magnets],
    );
    if (!options.restoresLater) await engine.restore();
    return engine;
  }

  /** Goes on with what the store remembers; once, and only after `EngineOptions.restoresLater`. */
  restore(): Promise<void> {
    return this.#restored = this.#restoreAll();
  }

  async #restoreAll(): Promise<void> {
    if (this.#db !== undefined) await restoreTorrents(this.#db, this.#restoring());
    if (this.#closing) return;
    this.#magnets.restore((infoHash) => this.#torrents.get(infoHash) !== undefined);
  }

  /** Info hashes, in hex, of what the store remembers: known at once, before anything is opened. */
  get remembered(): readonly string[] {
    return [...new Set([...this.#db?.infoHashes() ?? [], ...this.#magnets.remembered()])];
  }

  /** Which sources of torrents are used. */
  #uses(): UsedSources {
    const { webSeeds = true } = this.#options;
    return { webSeeds, dht: this.#context.sources.dht !== "off" };
  }

  #restoring(): Restoring {
    return {
      moreTrackers: this.#options.moreTrackers ?? [],
      marks: this.#marks,
      unopened: this.#unopened,
      isClosing: () => this.#closing,
      take: (facts, bytes) => this.#take(facts, bytes),
      start: (torrent) => this.#background.run(torrent.start()),
      emit: (event) => this.#emit(event),
    };
  }

  get name(): string {
    return this.#name;
  }

  /** What was mended in the store and what is wrong with the port, in sentences for the user. */
  get warnings(): readonly string[] {
    return [...this.#db?.warnings ?? [], ...portWarnings(this.port)];
  }

  /**
   * Takes a torrent in and starts it. One that is here already gets the trackers, web seeds and
   * peers that are new.
   *
   * @returns its info hash in hex
   * @throws {BencodeError | MetainfoError} for bytes that are no .torrent
   * @throws {StorageError} where its files cannot be put there
   * @throws {AlreadyAddedError} where it is here already
   */
  async add(torrent: Uint8Array, options: AddOptions = {}): Promise<string> {
    const metainfo = await readMetainfo(torrent);
    const hashes = await infoHashesOf(metainfo);
    const names = swarmHashes(hashes).map((name) => name.toHex());
    using _turn = await this.#adds.begin(names);
    const known = names.map((name) => this.#torrents.get(name)).find(Boolean);
    const tiers = options.trackers ?? metainfo.trackers;
    if (known !== undefined) {
      throw alreadyHere(this.#context, this.#files, known, sourcesOf(metainfo, options));
    }
    // It goes on by the name that its link had: a hybrid has two (BEP 52).
    const hex = names.find((name) => this.#magnets.get(name)) ?? names[0]!;
    const { whole, lists } = withLink(torrent, tiers, this.#magnets.get(hex), options.lists);
    const added = await this.#take({
      metainfo: whole === torrent ? metainfo : await readMetainfo(whole),
      infoHash: Uint8Array.fromHex(hex),
      hashes,
      dir: options.dir ?? this.dir,
      tiers,
      wanted: options.paused ? "paused" : "active",
      data: options.data ?? "check",
      differing: options.differing,
      paths: options.paths,
      addedAt: this.#context.now(),
      choices: await slices.run(choiceSteps({ ...options, lists }, metainfo.info)),
    }, whole);
    try {
      await this.#db?.saveTorrentFile(hex, whole);
      // Whoever hears of it may rely on it: it is here after a `kill -9`, too.
      await added.init.save(added, added.have, false);
    } catch (error) {
      this.#torrents.delete(added);
      this.#files.delete(hex);
      throw error;
    }
    const magnet = this.#magnets.forget(hex);
    this.#unopened.delete(hex);
    this.#marks.end(hex);
    this.#emit({
      event: "torrent-added",
      infoHash: hex,
      name: added.info.name,
      size: added.info.totalSize,
      pieces: added.info.pieceCount,
    });
    const uses = this.#uses();
    // What its link left out was told when that came.
    const isTold = magnet !== undefined &&
      isSomeLeftOut(leftOutOfLink(magnet.init.magnet, uses));
    if (!isTold) tellLeftOut((event) => this.#emit(event), added, leftOutOf(metainfo, uses));
    if (magnet !== undefined) {
      added.inherit(magnet.handOver(), magnet);
      this.#background.run(magnet.announces.dispose());
    }
    // First the check: who connects before it is told that nothing is here.
    this.#background.run(added.start());
    added.addPeers(options.peers ?? [], "manual");
    return hex;
  }

  /**
   * Takes in a torrent of which only a link is known: its metadata is fetched from peers (BEP 9),
   * then it is added as by `add`. What is here already gets what is new, as there.
   *
   * @returns its info hash in hex
   * @throws {AlreadyAddedError} where it is here already
   */
  addMagnet(magnet: Magnet, options: AddOptions = {}): string {
    const hex = magnet.infoHash.toHex();
    const here = this.#torrents.get(hex) ?? this.#magnets.get(hex);
    if (here !== undefined) {
      throw alreadyHere(this.#context, this.#files, here, sourcesOfMagnet(magnet, options));
    }
    const held = this.#unopened.get(hex);
    if (held !== undefined) throw new AlreadyAddedError(hex, held.name);
    return this.#magnets.add(magnet, options);
  }

  /**
   * Makes a torrent of a file or folder where it lies and seeds it. The same content again gives
   * the same info hash and is no error.
   *
   * @param options.beforeStart what is to happen before anybody hears of it: it is not announced
   * until that is done
   */
  async share(
    path: string,
    options: Omit<CreateOptions, "path"> & { beforeStart?: (shared: Shared) => Promise<void> } = {},
  ): Promise<Shared> {
    const { beforeStart, ...facts } = options;
    const trackers = options.trackers ?? (this.#options.trackers ?? []).map((url) => [url]);
    const created = await createTorrent({ output: torrentInside, ...facts, path, trackers });
    const infoHash = created.infoHash.toHex();
    const { info: { name }, bytes, dir, paths, leftOut } = created;
    const known = this.#files.get(infoHash);
    await beforeStart?.({ infoHash, name, torrent: known ?? bytes, leftOut });
    if (this.#torrents.get(infoHash) === undefined) {
      await this.add(bytes, { dir, data: "trust", paths }).catch((error) => {
        if (!(error instanceof AlreadyAddedError)) throw error;
      });
    }
    return { infoHash, name, torrent: this.torrentBytes(infoHash), leftOut };
  }

  /** Stops transfers and keeps connections. */
  pause(infoHash: string): void {
    this.#joined(infoHash).pause();
  }

  /** Goes on after `pause` or `stop`, or after an error that was mended: see `Torrent.resume`. */
  resume(infoHash: string, differing?: Consent): void {
    if (this.#db === undefined || this.#unopened.get(infoHash)?.record === undefined) {
      return this.#joined(infoHash).resume(differing);
    }
    const db = this.#db;
    const again = { wanted: "active", differing } as const;
    this.#background.run(
      this.#unopened.retry(infoHash, (one) => restoreTorrent(db, this.#restoring(), one, again)),
    );
  }

  /**
   * Hashes all that is there of a torrent, while it goes on. Damaged pieces are not given any more
   * and are fetched again.
   *
   * @throws {StorageError} where files cannot be read
   */
  verify(
    infoHash: string,
    options: { onProgress?: (done: number) => void; signal?: AbortSignal } = {},
  ): Promise<RecheckResult> {
    return this.#torrent(infoHash).recheck.all(options.onProgress, options.signal);
  }

  /**
   * Moves a torrent's files to another folder, or gives its file or folder another name there. It
   * leaves its swarm meanwhile. Nothing is written over.
   *
   * @throws {StorageError} where they cannot be there, or another torrent uses them: all stays as it was
   */
  async relocate(infoHash: string, place: NewPlace): Promise<void> {
    const moved = moveTorrent(() => this.#torrent(infoHash), place, {
      records: this.#db,
      mover: this.#world.disk.mover,
      torrents: this.#torrents,
      restoring: this.#restoring(),
    });
    this.#background.run(moved.catch(() => {}));
    await moved;
  }

  /** Leaves the swarm and keeps everything. */
  async stop(infoHash: string): Promise<void> {
    await this.#joined(infoHash).stop();
  }

  /**
   * Forgets a torrent; its files stay unless `data` says otherwise.
   *
   * @returns which stay all the same: not downloaded, changed since, or used by another torrent
   * @throws {UnknownTorrentError} where it is not here, or somebody removes it already
   */
  async remove(infoHash: string, options: { data?: boolean } = {}): Promise<KeptFile[]> {
    using _turn = await this.#removals.begin([infoHash]);
    const held = options.data ? undefined : this.#unopened.get(infoHash);
    const torrent = held ?? this.#joined(infoHash);
    if (!("record" in torrent)) await torrent.close();
    this.#unopened.delete(infoHash);
    this.#marks.end(infoHash);
    this.#magnets.forget(infoHash);
    if (torrent instanceof Torrent) this.#torrents.delete(torrent);
    this.#files.delete(infoHash);
    this.#db?.remove(infoHash);
    const inUse = () => pathsInUse(this.#torrents, this.#db);
    const kept = "record" in torrent ? [] : await torrent.delete(options.data ?? false, inUse);
    this.#emit({ event: "torrent-removed", infoHash, name: torrent.name });
    return kept;
  }

  addPeer(infoHash: string, peer: { host: string; port: number }): void {
    this.#joined(infoHash).addPeers([peer], "manual");
  }

  /** Announces everything to one more tracker when its own fail (BEP 27: but private torrents). */
  addTracker(url: string): void {
    this.#options = { ...this.#options, trackers: [url] };
    this.#context.typedTrackers.add(url);
    for (const { info, init, announces } of this.#torrents) {
      if (!info.private || init.tiers.length === 0) announces.addTracker(url);
    }
    this.#magnets.addTracker(url);
  }

  announceNow(infoHash: string): void {
    this.#joined(infoHash).announces.hurry(this.#context.now());
  }

  /** Counts as the torrent's tracker has them. @throws {TrackerError} */
  async scrape(infoHash: string): Promise<
    { tracker: string; seeders: number; leechers: number; completed: number }
  > {
    return await this.#joined(infoHash).announces.scrape();
  }

  /**
   * Says how much files are wanted: those that `which` means (as `AddOptions.select`) get `priority`.
   * Without one they alone are wanted, and all others are not.
   *
   * @throws {SelectionError} where `which` means no file
   */
  select(infoHash: string, which: Which, priority?: FilePriority): Promise<void> {
    return this.#torrent(infoHash).select(which, priority);
  }

  /** Whether a torrent's pieces come in their order instead of the rarest first. */
  setSequential(infoHash: string, sequential: boolean): void {
    this.#torrent(infoHash).setSequential(sequential);
  }

  /** The .torrent as it was added. @throws {UnknownTorrentError} also while only its link is known */
  torrentBytes(infoHash: string): Uint8Array {
    return this.#files.bytes(infoHash);
  }

  /** Changes the name others see. */
  rename(name: string): void {
    this.#name = name;
    this.#db?.setSetting("name", name);
    for (const torrent of this.#torrents) torrent.announces.hurry(this.#context.now());
  }

  /** Bytes per second of one torrent, or of all together; 0 for none. They outlast the session. */
  setLimits(limits: { download?: number; upload?: number }, infoHash?: string): void {
    if (infoHash !== undefined) return this.#torrent(infoHash).setLimits(limits);
    if (limits.download !== undefined) this.#context.downLimit.limit = limits.download;
    if (limits.upload !== undefined) this.#context.upLimit.limit = limits.upload;
    keepLimits(limits, this.#db);
  }

  /**
   * How many peers each torrent unchokes by their rate, from now on and after a restart.
   *
   * @param uploadSlots 1 to `MAX_UPLOAD_SLOTS`; one optimistic unchoke comes on top
   */
  setUploadSlots(uploadSlots: number): void {
    this.#context.uploadSlots = uploadSlots;
    this.#context.slotsFollowUplink = false;
    keepLimits({ uploadSlots }, this.#db);
    for (const { exchange } of this.#torrents) exchange.chokeAnew();
  }

  snapshot(): EngineSnapshot {
    const now = this.#context.now();
    const torrents = [...this.#torrents].map((torrent) => snapshotTorrent(torrent, now));
    torrents.push(...this.#magnets.snapshot(now), ...this.#unopened.snapshot());
    const { peerId, port } = this;
    return snapshotEngine({
      name: this.#name,
      peerId: peerId.toHex(),
      port,
      downloadLimit: this.#context.downLimit.limit,
      uploadLimit: this.#context.upLimit.limit,
      uploadSlots: this.#context.uploadSlots,
    }, torrents);
  }

  /** Calls `listener` with everything that happens, until the result is disposed. */
  subscribe(listener: EngineListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Lets `tap` see everything that is said and decided from now on; undefined ends that. */
  set tap(tap: Tap | undefined) {
    const { tapping, onFault } = this.#context;
    tapping.current = tap && guardTap(tap, tapping, onFault);
    for (const torrent of this.#torrents) torrent.exchange.connections.introduce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#tick[Symbol.dispose]();
    this.#listener[Symbol.dispose]();
    this.#callers.close("shutting down");
    // Whatever fails, the rest is done all the same.
    await this.#background.each([
      // The torrent that is opened at this moment is closed with the others.
      () => this.#restored,
      () => this.#discovery?.[Symbol.asyncDispose](),
      () => this.#magnets.close(),
      () => Promise.all([...this.#torrents].map((torrent) => torrent.close())),
      () => this.#background.settled(),
      () => this.#context.close(),
      () => this.#db?.[Symbol.dispose](),
    ]);
  }

  /** The torrent, where more is known of it than its link. */
  #torrent(infoHash: string): Torrent {
    const torrent = this.#joined(infoHash);
    if (torrent instanceof Torrent) return torrent;
    throw new UnknownTorrentError(`The metadata of "${torrent.name}" is not here yet`);
  }

  #joined(infoHash: string): Torrent | MagnetTorrent {
    const torrent = this.#torrents.get(infoHash) ?? this.#magnets.get(infoHash);
    if (torrent !== undefined) return torrent;
    const held = this.#unopened.get(infoHash);
    if (held === undefined) throw new UnknownTorrentError(`No torrent ${infoHash} here`);
    const { name, problem } = held;
    throw new UnknownTorrentError(`"${name}" is not open: ${problem.message}`, problem.remedy);
  }

  /** Builds a torrent around its files. */
  async #take(facts: TorrentFacts, bytes: Uint8Array): Promise<Torrent> {
    const { webSeeds, maxActive = 0 } = this.#options;
    const { random } = this.#context;
    const saveLayers = (layers: PieceLayers): void => {
      this.#files.replace(hex, addPieceLayers(this.#files.get(hex) ?? bytes, layers));
    };
    const openDisk: OpenDisk = (about) => this.#world.disk.openTorrent(about);
    const how = {
      ...{ openDisk, isWaiting: maxActive > 0, webSeeds, saveLayers, random },
    };
    const init = await openTorrent(facts, this.#db, how);
    const torrent = new Torrent(this.#context, init);
    const hex = torrent.infoHash;
    this.#torrents.add(torrent);
    this.#files.set(hex, bytes);
    return torrent;
  }

  async #listen(): Promise<void> {
    for await (const socket of this.#listener) this.#welcome(socket);
  }

  #welcome(socket: Socket): void {
    if (this.#closing) socket[Symbol.dispose]();
    else this.#background.run(this.#callers.welcome(socket));
  }

  *#connections(): Generator<Connections> {
    for (const { exchange } of this.#torrents) yield exchange.connections;
    for (const { connections } of this.#magnets) yield connections;
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) this.#background.guard(() => listener(event));
    // Whoever began, ended or was removed may make room for others, once it is done with it.
    if (event.event === "torrent-state" || event.event === "torrent-removed") {
      queueMicrotask(() => this.#closing || this.#tick.admit());
    }
  }
}
