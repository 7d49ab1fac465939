/**
 * Magnet link without metadata: finds peers and fetches the info dictionary from several of them at
 * once (BEP 9). Its connections go over to the torrent that comes of it.
 *
 * @module
 */
import { type Problem, reasonOf } from "../remedy.ts";
import { MAX_USED_WEB_SEEDS } from "../../protocol/bounds.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { encodeMetadataMessage, parseMetadataMessage } from "../../protocol/extension_message.ts";
import type { KeptFile } from "../storage/delete_files.ts";
import type { Handshake } from "../../protocol/handshake.ts";
import { type Magnet, magnetHashes } from "../../protocol/magnet.ts";
import type { Message } from "../../protocol/message.ts";
import { Announcer } from "../trackers/announcer.ts";
import type { EngineEvent } from "../events.ts";
import type { AnnouncerContext } from "../trackers/announcer.ts";
import type { ConnectionsContext } from "../connections/connections.ts";
import type { ExtensionProtocolContext } from "../extensions/extension_protocol.ts";
import { about, type TorrentEvent } from "../events.ts";
import { ExtensionProtocol } from "../extensions/extension_protocol.ts";
import type { Connection, ConnectionOwner } from "../connections/connection.ts";
import { isInfoOf } from "../metainfo/info_hashes.ts";
import { keepAlive } from "../connections/keep_alive.ts";
import { Connections, type HandedConnection } from "../connections/connections.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { MessageBacklog } from "./message_backlog.ts";
import { OUR_EXTENSIONS } from "../../protocol/extension_ids.ts";
import { MetadataDownload } from "./metadata_download.ts";
import type { Peer } from "../peers/peer.ts";
import { SwarmHashes } from "../peers/swarm_hashes.ts";
import type { ChosenOptions } from "../options.ts";
import { TorrentFault } from "../ports.ts";
import type { Discoverable } from "../discoverable.ts";
import type { PeerSource, TorrentState } from "../snapshot.ts";
import type { Wanted } from "../events.ts";

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
  readonly backlog: MessageBacklog;
  unrequested: number;
  /** Who hears it from now on, once the torrent is there. */
  reassignTo: ConnectionOwner | undefined;
  readonly ended: PromiseWithResolvers<string>;
}

/** The part of the engine that one magnet link needs. */
export type MagnetContext = AnnouncerContext & ConnectionsContext & ExtensionProtocolContext & {
  emit(event: EngineEvent): void;
};

/** A magnet link that becomes a torrent. */
export class MagnetTorrent implements Discoverable {
  init: MagnetInit;
  /** In hex. */
  readonly infoHash: string;
  readonly name: string;
  readonly names: SwarmHashes;
  readonly announces: Announcer;
  readonly connections: Connections;
  wanted: Wanted;
  /** Why it cannot go on. */
  error: Problem | undefined;
  readonly #context: MagnetContext;
  readonly #extensions: ExtensionProtocol;
  readonly #fetch = new MetadataDownload<Peer>();
  readonly #candidates = new Map<Peer, Candidate>();
  readonly #owner: MagnetOwner;
  /** What is done for it: what that throws ends this link alone. */
  readonly background: BackgroundTasks = new BackgroundTasks((fault) => this.fault(fault));
  #isVerifying = false;
  /** Right, and still no torrent came of it: `resume` tries again. */
  #metadata: Uint8Array<ArrayBuffer> | undefined;
  #isOver = false;
  #shownState: TorrentState | undefined;

  constructor(context: MagnetContext, init: MagnetInit, owner: MagnetOwner) {
    this.#context = context;
    this.init = init;
    this.infoHash = init.magnet.infoHash.toHex();
    this.name = init.magnet.name ?? this.infoHash;
    const names = new SwarmHashes(magnetHashes(init.magnet));
    this.names = names;
    this.wanted = init.wanted;
    this.#owner = owner;
    this.announces = new Announcer(context, {
      infoHashes: names.all,
      tiers: init.tiers,
      lists: init.choices.lists,
      facts: () => ({ uploaded: 0, downloaded: 0, left: LEFT, numwant: 50 }),
      onPeers: (peers, tracker) => this.addPeers(peers, "tracker", tracker),
      emit: (event) => this.#emit(event),
      onFault: (fault) => this.fault(fault),
    });
    this.connections = new Connections(context, {
      names,
      pieceCount: 0,
      usesDht: true,
      isSeeding: () => false,
      isFetching: () => true,
      onOpen: (peer, connection) => this.#greet(peer, connection),
      onMessage: (peer, connection, message) => this.#onMessage(peer, connection, message),
      onBatch: (peer, connection) => this.#onBatch(peer, connection),
      onDrained: (peer, connection) => this.#onDrained(peer, connection),
      onClosed: (peer, reason) => this.#onClosed(peer, reason),
      onFault: (fault) => this.fault(fault),
    });
    this.#extensions = new ExtensionProtocol(context, {
      infoBytes: undefined,
      connections: this.connections,
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
  start(heldBecause?: Problem): void {
    this.error = heldBecause;
    this.addPeers(this.init.magnet.peers, "magnet");
    this.#showState();
    this.background.guard(() => this.tick(this.#context.now()));
  }

  /** A second has passed (or something happened that should not wait for it). */
  tick(now: number): void {
    if (!this.isRunning) return;
    this.announces.tick(now);
    this.connections.dial(now);
    this.#fetch.tick(now);
    for (const [peer, connection] of this.connections) {
      peer.patience.tick();
      if (!keepAlive(peer, connection, now)) continue;
      if (this.#fetch.isSilent(peer)) connection.close("it does not send the metadata");
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
      this.connections.know(peers, source, now, via);
      if (this.isRunning) this.connections.dial(now);
    });
  }

  /** Web seeds for the torrent that it becomes: how many were not known, and found no room. */
  addWebSeeds(urls: readonly string[]): { added: number; leftOut: number } {
    const { magnet } = this.init;
    const known = new Set(magnet.webSeeds);
    const fresh = [...new Set(urls)].filter((url) => !known.has(url));
    const taken = fresh.slice(0, Math.max(0, MAX_USED_WEB_SEEDS - known.size));
    this.init = { ...this.init, magnet: { ...magnet, webSeeds: [...known, ...taken] } };
    return { added: taken.length, leftOut: fresh.length - taken.length };
  }

  /** Keeps what was added to it. */
  remember(): void {
    this.#owner.onSources();
  }

  /** Somebody called, and asked for this torrent. */
  accept(connection: Connection, theirs: Handshake): void {
    if (!this.isRunning) return connection.close("the torrent is not running");
    this.connections.accept(connection, theirs);
  }

  /** Without pieces to keep connections for, they are closed. */
  pause(): void {
    this.#want("paused");
    this.background.run(this.connections.close("paused"));
  }

  resume(): void {
    this.error = undefined;
    this.connections.reopen();
    this.#want("active");
    this.connections.peerList.reconsider(this.#context.now());
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
   * with every address heard of (`connections.peerList`).
   */
  handOver(): HandedConnection[] {
    this.#isOver = true;
    return [...this.connections].flatMap(([peer, connection]) => {
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
    candidate.reassignTo = owner;
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
    if (this.#isOver) return connection.close("the torrent was added in the meantime");
    const { writer } = connection;
    this.#candidates.set(peer, {
      backlog: new MessageBacklog(),
      unrequested: 0,
      reassignTo: undefined,
      ended: Promise.withResolvers(),
    });
    if (peer.fast) writer.haveNone();
    this.#extensions.greet(peer, writer);
  }

  #onMessage(peer: Peer, connection: Connection, message: Message): void {
    const candidate = this.#candidates.get(peer)!;
    if (candidate.reassignTo !== undefined) {
      try {
        return candidate.reassignTo.onMessage(message);
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
        throw new ProtocolError(`it claims metadata of ${metadataSize} bytes`);
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
    if (outcome === "wrong-size") throw new ProtocolError("its metadata size changed");
    if (outcome === "unrequested" && ++candidate.unrequested > MAX_UNREQUESTED) {
      throw new ProtocolError("it sent metadata that we did not request");
    }
    if (outcome === "complete" && !this.#isVerifying) this.background.run(this.#verify());
  }

  #onBatch(peer: Peer, connection: Connection): void {
    const candidate = this.#candidates.get(peer);
    if (candidate?.reassignTo !== undefined) {
      try {
        return candidate.reassignTo.onBatch();
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
      candidate?.reassignTo?.onDrained();
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
    if (candidate?.reassignTo !== undefined || !peer.wasShown) return;
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
    this.connections.peerList.ban(peer.host, peer.port, id, this.#context.now());
    this.#emit({ event: "peer-banned", reason, ...about(peer) });
    this.connections.get(peer)?.close(`banned: ${reason}`);
  }

  async #leave(reason: string): Promise<void> {
    await Promise.all([
      this.connections.close(reason),
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
    const problem = state === "error" ? this.error : undefined;
    this.#emit({ event: "torrent-state", state, ...reasonOf(problem) });
  }

  /** It has its metadata and still cannot be downloaded. */
  fail(problem: Problem): void {
    this.error = problem;
    this.#showState();
    this.background.run(this.connections.close(problem.message));
  }

  /** Something threw that nobody expects, while working on this link. Never throws. */
  fault(fault: unknown): void {
    if (this.error === undefined) this.fail(new TorrentFault(fault));
  }

  #emit(event: TorrentEvent): void {
    this.#context.emit({ infoHash: this.infoHash, name: this.name, ...event });
  }
}
