/**
 * A torrent of which only the info hash is known: finds peers and fetches its info dictionary from
 * several of them at once (BEP 9). Its connections go over to the torrent that comes of it.
 *
 * @module
 */
import { ProtocolError } from "../protocol/errors.ts";
import { encodeMetadataMessage, parseMetadataMessage } from "../protocol/extended.ts";
import type { KeptFile } from "./io/delete_files.ts";
import type { Handshake } from "../protocol/handshake.ts";
import { type Magnet, magnetHashes } from "../protocol/magnet.ts";
import type { Message } from "../protocol/message.ts";
import { Announces } from "./announces.ts";
import type { EngineContext } from "./context.ts";
import { about, type TorrentEvent } from "./events.ts";
import { Extensions } from "./extensions.ts";
import type { Connection, ConnectionOwner } from "./io/connection.ts";
import { isInfoOf } from "./io/info_hashes.ts";
import { keepAlive } from "./keep_alive.ts";
import { type HandedConnection, Links } from "./links.ts";
import { Background } from "./logic/background.ts";
import { Backlog } from "./logic/backlog.ts";
import { OUR_EXTENSIONS } from "./logic/extensions.ts";
import { MetadataFetch } from "./logic/metadata_fetch.ts";
import type { Peer } from "./logic/peer.ts";
import { SwarmNames } from "./logic/swarm_names.ts";
import type { ChosenOptions } from "./options.ts";
import { TorrentFault } from "./ports.ts";
import type { Searched } from "./searched.ts";
import type { PeerSource, TorrentState } from "./snapshot.ts";
import type { Wanted } from "./events.ts";

/** `left` in announces, in bytes: unknown, but not nothing. */
const LEFT = 16384;
/** Pieces that nobody asked for which a peer may send. */
const MAX_UNREQUESTED = 64;

/** What is known of a torrent that is only a link. */
export interface MagnetInit {
  readonly magnet: Magnet;
  readonly tiers: readonly (readonly string[])[];
  /** The folder its files will go to. */
  readonly dir: string;
  readonly wanted: Wanted;
  readonly addedAt: number;
  /** Where it selects no files, `so=` in the link does. */
  readonly choices: ChosenOptions;
}

/** Who is told. */
export interface MagnetOwner {
  /** Bytes whose hash is right. Called once, unless the torrent could not be begun. */
  onMetadata(infoBytes: Uint8Array<ArrayBuffer>): void;
  /** Somebody wants something else of it now. */
  onWanted(): void;
  /** There are more places to get it from. */
  onSources(): void;
}

/** What is kept of a peer that is asked for metadata. */
interface Candidate {
  readonly backlog: Backlog;
  unrequested: number;
  /** Who hears it from now on, once the torrent is there. */
  heir: ConnectionOwner | undefined;
  readonly ended: PromiseWithResolvers<string>;
}

/** A magnet link that becomes a torrent. */
export class MagnetTorrent implements Searched {
  init: MagnetInit;
  /** In hex. */
  readonly infoHash: string;
  readonly name: string;
  readonly names: SwarmNames;
  readonly announces: Announces;
  readonly links: Links;
  wanted: Wanted;
  /** Why it cannot go on. */
  error: string | undefined;
  readonly #context: EngineContext;
  readonly #extensions: Extensions;
  readonly #fetch = new MetadataFetch<Peer>();
  readonly #candidates = new Map<Peer, Candidate>();
  readonly #owner: MagnetOwner;
  /** What is done for it: what that throws ends this link alone. */
  readonly background: Background = new Background((fault) => this.fault(fault));
  #isVerifying = false;
  /** Right, and still no torrent came of it: `resume` tries again. */
  #metadata: Uint8Array<ArrayBuffer> | undefined;
  #isOver = false;
  #shownState: TorrentState | undefined;

  constructor(context: EngineContext, init: MagnetInit, owner: MagnetOwner) {
    this.#context = context;
    this.init = init;
    this.infoHash = init.magnet.infoHash.toHex();
    this.name = init.magnet.name ?? this.infoHash;
    const names = new SwarmNames(magnetHashes(init.magnet));
    this.names = names;
    this.wanted = init.wanted;
    this.#owner = owner;
    this.announces = new Announces(context, {
      infoHashes: names.all,
      tiers: init.tiers,
      lists: init.choices.lists,
      facts: () => ({ uploaded: 0, downloaded: 0, left: LEFT, numwant: 50 }),
      onPeers: (peers, tracker) => this.addPeers(peers, "tracker", tracker),
      emit: (event) => this.#emit(event),
      onFault: (fault) => this.fault(fault),
    });
    this.links = new Links(context, {
      names,
      pieceCount: 0,
      usesDht: true,
      isSeeding: () => false,
      onOpen: (peer, connection) => this.#greet(peer, connection),
      onMessage: (peer, connection, message) => this.#onMessage(peer, connection, message),
      onBatch: (peer, connection) => this.#onBatch(peer, connection),
      onDrained: (peer, connection) => this.#onDrained(peer, connection),
      onClosed: (peer, reason) => this.#onClosed(peer, reason),
      onFault: (fault) => this.fault(fault),
    });
    this.#extensions = new Extensions(context, {
      infoBytes: undefined,
      links: this.links,
      // Nobody knows yet whether it is private: nothing is told of its peers.
      exchangesPeers: "listens",
      isSeeding: () => false,
    });
  }

  get hashes(): readonly Uint8Array[] {
    return this.names.all;
  }

  /** Nobody knows yet; once it is known, what strangers named is forgotten. */
  get isPrivate(): boolean {
    return false;
  }

  get isComplete(): boolean {
    return false;
  }

  get trackerCount(): number {
    return this.announces.trackerCount;
  }

  get nodes(): readonly (readonly [string, number])[] {
    return [];
  }

  get state(): TorrentState {
    if (this.wanted === "stopped") return "stopped";
    if (this.error !== undefined) return "error";
    return this.wanted === "paused" ? "paused" : "metadata";
  }

  /** 0 to 1; 0 before anybody told its size. */
  get progress(): number {
    const { pieceCount, piecesHave } = this.#fetch;
    return pieceCount === 0 ? 0 : piecesHave / pieceCount;
  }

  get isRunning(): boolean {
    return this.state === "metadata" && !this.#isOver;
  }

  /** @param heldBecause why it waits for a person before it does anything */
  start(heldBecause?: string): void {
    this.error = heldBecause;
    this.addPeers(this.init.magnet.peers, "magnet");
    this.#showState();
    this.background.guard(() => this.tick(this.#context.now()));
  }

  /** A second has passed (or something happened that should not wait for it). */
  tick(now: number): void {
    if (!this.isRunning) return;
    this.announces.tick(now);
    this.links.dial(now);
    this.#fetch.tick(now);
    for (const [peer, connection] of this.links) {
      peer.patience.tick();
      if (!keepAlive(peer, connection, now)) continue;
      if (this.#fetch.isSilent(peer)) connection.close("it does not give its metadata");
      else this.#ask(peer, connection, now);
    }
  }

  addPeers(
    peers: readonly { host: string; port: number }[],
    source: PeerSource,
    via?: string,
  ): void {
    const now = this.#context.now();
    this.background.guard(() => {
      this.links.know(peers, source, now, via);
      if (this.isRunning) this.links.dial(now);
    });
  }

  /** Web seeds for the torrent that it becomes; how many were not known. */
  addWebSeeds(urls: readonly string[]): number {
    const { magnet } = this.init;
    const webSeeds = [...new Set([...magnet.webSeeds, ...urls])];
    this.init = { ...this.init, magnet: { ...magnet, webSeeds } };
    return webSeeds.length - new Set(magnet.webSeeds).size;
  }

  /** Keeps what was added to it. */
  remember(): void {
    this.#owner.onSources();
  }

  /** Somebody called, and asked for this torrent. */
  accept(connection: Connection, theirs: Handshake): void {
    if (!this.isRunning) return connection.close("the torrent is not running");
    this.links.accept(connection, theirs);
  }

  /** Without pieces to keep connections for, they are closed. */
  pause(): void {
    this.#want("paused");
    this.background.run(this.links.close("paused"));
  }

  resume(): void {
    this.error = undefined;
    this.links.reopen();
    this.#want("active");
    this.links.pool.reconsider(this.#context.now());
    if (this.#metadata !== undefined) return this.#owner.onMetadata(this.#metadata);
    this.announces.hurry(this.#context.now());
    this.tick(this.#context.now());
  }

  async stop(): Promise<void> {
    this.#want("stopped");
    await this.#leave("stopped");
  }

  /** Like `stop`, for the end of the program: what is wanted stays as it is. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#leave("shutting down");
    await this.announces.dispose();
  }

  /** Nothing of it is on disk. */
  delete(): Promise<KeptFile[]> {
    return Promise.resolve([]);
  }

  /**
   * The torrent is known: no more dials and announces. The connections are the caller's, together
   * with every address heard of (`links.pool`).
   */
  handOver(): HandedConnection[] {
    this.#isOver = true;
    return [...this.links].flatMap(([peer, connection]) => {
      const candidate = this.#candidates.get(peer);
      return candidate === undefined
        ? []
        : [{ peer, connection, run: (owner) => this.#inherit(candidate, connection, owner) }];
    });
  }

  #inherit(
    candidate: Candidate,
    connection: Connection,
    owner: ConnectionOwner,
  ): Promise<string> {
    candidate.heir = owner;
    try {
      for (const message of candidate.backlog.take()) owner.onMessage(message);
      owner.onBatch();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      connection.close(error.message);
    }
    return candidate.ended.promise;
  }

  #greet(peer: Peer, connection: Connection): void {
    // A call that got through too late: the torrent makes its own.
    if (this.#isOver) return connection.close("its torrent is here by now");
    const { writer } = connection;
    this.#candidates.set(peer, {
      backlog: new Backlog(),
      unrequested: 0,
      heir: undefined,
      ended: Promise.withResolvers(),
    });
    if (peer.fast) writer.haveNone();
    this.#extensions.greet(peer, writer);
  }

  #onMessage(peer: Peer, connection: Connection, message: Message): void {
    const candidate = this.#candidates.get(peer)!;
    if (candidate.heir !== undefined) {
      try {
        return candidate.heir.onMessage(message);
      } catch (fault) {
        return this.#heirFailed(candidate, connection, fault);
      }
    }
    if (message.type === "extended" && message.id === OUR_EXTENSIONS["ut_metadata"]) {
      return this.#onMetadataMessage(peer, connection, candidate, message.payload);
    }
    candidate.backlog.add(message);
    if (message.type !== "extended") return;
    this.#extensions.onMessage(peer, connection, message.id, message.payload);
    if (message.id === 0) this.#onHello(peer);
  }

  #onHello(peer: Peer): void {
    this.#show(peer);
    const { extensions, metadataSize } = peer;
    if (extensions["ut_metadata"] && metadataSize !== undefined) {
      if (!this.#fetch.offer(peer, metadataSize)) {
        throw new ProtocolError(`its metadata is said to have ${metadataSize} bytes`);
      }
    } else this.#fetch.leave(peer);
  }

  #show(peer: Peer): void {
    if (peer.wasShown) return;
    peer.wasShown = true;
    const { source, client } = peer;
    this.#emit({ event: "peer-connected", source, client, ...about(peer) });
  }

  #onMetadataMessage(
    peer: Peer,
    { writer }: Connection,
    candidate: Candidate,
    payload: Uint8Array,
  ): void {
    const message = parseMetadataMessage(payload);
    if (message === undefined) return;
    const { piece } = message;
    if (message.type === "reject") {
      return this.#fetch.rejected(peer, piece, this.#context.now());
    }
    if (message.type !== "data") {
      const id = peer.extensions["ut_metadata"];
      if (id) writer.extended(id, encodeMetadataMessage({ type: "reject", piece }));
      return;
    }
    const outcome = this.#fetch.accept(peer, message, this.#context.now());
    if (outcome === "wrong-size") throw new ProtocolError("its metadata changes its size");
    if (outcome === "unrequested" && ++candidate.unrequested > MAX_UNREQUESTED) {
      throw new ProtocolError("it sends metadata that nobody asked for");
    }
    if (outcome === "complete" && !this.#isVerifying) this.background.run(this.#verify());
  }

  #onBatch(peer: Peer, connection: Connection): void {
    const candidate = this.#candidates.get(peer);
    if (candidate?.heir !== undefined) {
      try {
        return candidate.heir.onBatch();
      } catch (fault) {
        return this.#heirFailed(candidate, connection, fault);
      }
    }
    const now = this.#context.now();
    peer.lastHeardAt = now;
    this.#ask(peer, connection, now);
  }

  #onDrained(peer: Peer, connection: Connection): void {
    const candidate = this.#candidates.get(peer);
    try {
      candidate?.heir?.onDrained();
    } catch (fault) {
      this.#heirFailed(candidate!, connection, fault);
    }
  }

  /** What the torrent throws on a connection that it has from here is a fault of the torrent. */
  #heirFailed(candidate: Candidate, connection: Connection, fault: unknown): void {
    if (fault instanceof ProtocolError) throw fault;
    candidate.ended.reject(fault);
    connection.close("internal error");
  }

  #onClosed(peer: Peer, reason: string): void {
    const candidate = this.#candidates.get(peer);
    this.#candidates.delete(peer);
    this.#fetch.leave(peer);
    candidate?.ended.resolve(reason);
    if (candidate?.heir !== undefined || !peer.wasShown) return;
    this.#emit({ event: "peer-disconnected", reason, ...about(peer) });
  }

  #ask(peer: Peer, { writer }: Connection, now: number): void {
    const id = peer.extensions["ut_metadata"];
    if (!id || !this.isRunning) return;
    const piece = this.#fetch.next(peer, now);
    if (piece === undefined) return;
    writer.extended(id, encodeMetadataMessage({ type: "request", piece }));
    peer.lastSaidAt = now;
  }

  async #verify(): Promise<void> {
    this.#isVerifying = true;
    const bytes = this.#fetch.whole!;
    const peers = this.#fetch.senderCount;
    const isRight = await isInfoOf(bytes, magnetHashes(this.init.magnet))
      .finally(() => this.#isVerifying = false);
    if (this.#isOver) return;
    if (!isRight) {
      const liars = this.#fetch.failed();
      this.#emit({ event: "metadata-failed", size: bytes.length, peers });
      for (const liar of liars) this.#ban(liar, "its metadata does not match the info hash");
      return this.tick(this.#context.now());
    }
    for (const liar of this.#fetch.verified()) this.#ban(liar, "it sent wrong metadata");
    this.#emit({ event: "metadata-received", size: bytes.length, peers });
    this.#metadata = bytes;
    this.#owner.onMetadata(bytes);
  }

  #ban(peer: Peer, reason: string): void {
    const id = peer.peerId.toHex();
    this.links.pool.ban(peer.host, peer.port, id, this.#context.now());
    this.#emit({ event: "peer-banned", reason, ...about(peer) });
    this.links.get(peer)?.close(`banned: ${reason}`);
  }

  async #leave(reason: string): Promise<void> {
    await Promise.all([
      this.links.close(reason),
      this.announces.stop(),
      this.background.settled(),
    ]);
  }

  #want(wanted: Wanted): void {
    this.wanted = wanted;
    this.#owner.onWanted();
    this.#showState();
  }

  #showState(): void {
    const { state } = this;
    if (state === this.#shownState) return;
    this.#shownState = state;
    const reason = state === "error" ? this.error : undefined;
    this.#emit({ event: "torrent-state", state, ...(reason === undefined ? {} : { reason }) });
  }

  /** It has its metadata and still cannot be downloaded. */
  fail(reason: string): void {
    this.error = reason;
    this.#showState();
    this.background.run(this.links.close(reason));
  }

  /** Something threw that nobody expects, while working on this link. Never throws. */
  fault(fault: unknown): void {
    const { again } = this.#context.advice;
    if (this.error === undefined) this.fail(new TorrentFault(fault, again).message);
  }

  #emit(event: TorrentEvent): void {
    this.#context.emit({ infoHash: this.infoHash, name: this.name, ...event });
  }
}
