/**
 * One torrent: the only place where what peers say, what is decided and what is done meet.
 *
 * @module
 */
import { Bitfield } from "../protocol/bitfield.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { encodeExtensionHandshake, parseExtensionHandshake } from "../protocol/extended.ts";
import type { Handshake } from "../protocol/handshake.ts";
import { BLOCK_LENGTH, Layout } from "../protocol/layout.ts";
import type { Message } from "../protocol/message.ts";
import type { Info } from "../protocol/metainfo.ts";
import { Announces } from "./announces.ts";
import { Choking } from "./choking.ts";
import type { EngineContext } from "./context.ts";
import { about, type TorrentEvent } from "./events.ts";
import type { Connection } from "./io/connection.ts";
import { MAX_UPLOAD_QUEUE, Uploads } from "./io/uploads.ts";
import type { ActivePiece } from "./logic/active_piece.ts";
import { Download, isInteresting } from "./logic/download.ts";
import type { Peer } from "./logic/peer.ts";
import { PiecePicker } from "./logic/piece_picker.ts";
import { RateMeter } from "./logic/rate_meter.ts";
import { Links } from "./links.ts";
import { bytesMissing, PieceKeeper } from "./piece_keeper.ts";
import { type PieceStore, StorageError } from "./ports.ts";
import type { PeerSource, TorrentState } from "./snapshot.ts";

/** BEP 3: choking is reconsidered every ten seconds. */
const CHOKE_ROUND_MS = 10_000;
/** A peer that says nothing for this long is gone; we say something twice as often. */
const IDLE_MS = 120_000;
const KEEP_ALIVE_MS = 60_000;
/** What was written is made safe against a power failure this often. */
const SAVE_MS = 15_000;
/** A full disk may have room again. */
const DISK_RETRY_MS = 30_000;

/** What the user wants of a torrent. */
export type Wanted = "active" | "paused" | "stopped";

/** What a torrent is made of and what is known of its past. */
export interface TorrentInit {
  readonly info: Info;
  readonly infoHash: Uint8Array;
  readonly tiers: readonly (readonly string[])[];
  readonly dir: string;
  readonly store: PieceStore;
  readonly wanted: Wanted;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly addedAt: number;
  readonly completedAt: number | undefined;
  /** Finds out which pieces are there; tells how far it is (0 to 1). */
  check(onProgress: (progress: number) => void, signal: AbortSignal): Promise<Bitfield>;
  /** Deletes the files. @throws {StorageError} */
  deleteData(): Promise<void>;
  /** Writes down what is owned; called after the bytes were made safe. `clean`: files are closed. */
  save(torrent: Torrent, have: Bitfield, clean: boolean): Promise<void>;
}

/** A torrent with its peers, from the moment it was added. */
export class Torrent {
  readonly init: TorrentInit;
  readonly info: Info;
  readonly layout: Layout;
  /** The info hash in hex. */
  readonly infoHash: string;
  readonly announces: Announces;
  readonly down: RateMeter = new RateMeter();
  readonly up: RateMeter = new RateMeter();
  have: Bitfield;
  picker: PiecePicker;
  download: Download;
  wanted: Wanted;
  error: StorageError | undefined;
  completedAt: number | undefined;
  /** 0 to 1 while it is checked; undefined otherwise. */
  checking: number | undefined;

  readonly #context: EngineContext;
  readonly #links: Links;
  readonly #choking: Choking;
  readonly #keeper: PieceKeeper;
  readonly #uploads: Uploads;
  readonly #background = new Set<Promise<void>>();
  #abort = new AbortController();
  #nextSave = 0;
  #retryAt = Infinity;
  #unsaved = false;
  #isChecked = false;
  #startedAt = 0;
  #shownState: TorrentState | undefined;

  constructor(context: EngineContext, init: TorrentInit) {
    this.#context = context;
    this.init = init;
    this.info = init.info;
    this.infoHash = init.infoHash.toHex();
    this.layout = new Layout(init.info.totalSize, init.info.pieceLength);
    this.wanted = init.wanted;
    this.completedAt = init.completedAt;
    this.have = new Bitfield(this.layout.pieceCount);
    this.picker = new PiecePicker(this.layout.pieceCount, context.random);
    this.download = new Download(this.layout, this.picker, context.buffers);
    this.#keeper = new PieceKeeper(this.info, this.layout, context.hasher, init.store);
    this.#uploads = new Uploads({
      store: init.store,
      layout: this.layout,
      cache: context.cache,
      limit: context.upLimit,
      meter: this.up,
      owns: (piece) => this.have.has(piece),
      onError: (error) => this.#storageFailed(error),
    });
    this.#links = new Links(context, {
      infoHash: init.infoHash,
      pieceCount: this.layout.pieceCount,
      isSeeding: () => this.have.isFull,
      onOpen: (peer, connection) => this.#greet(peer, connection),
      onMessage: (peer, connection, message) => this.#onMessage(peer, connection, message),
      onBatch: (peer, connection) => this.#onBatch(peer, connection),
      onDrained: (peer, { writer }) => this.#uploads.pump(peer, writer, context.now()),
      onClosed: (peer, reason) => this.#onClosed(peer, reason),
    });
    this.#choking = new Choking(context, {
      links: this.#links,
      uploads: this.#uploads,
      emit: (event) => this.#emit(event),
    });
    this.announces = new Announces(context, {
      infoHash: init.infoHash,
      tiers: init.tiers,
      facts: () => ({
        uploaded: this.up.total,
        downloaded: this.down.total,
        left: this.left,
        numwant: this.#links.wantsMore ? 50 : 0,
      }),
      onPeers: (peers) => this.addPeers(peers, "tracker"),
      emit: (event) => this.#emit(event),
    });
  }

  get peers(): Iterable<Peer> {
    return this.#links.keys();
  }

  get peerCount(): number {
    return this.#links.size;
  }

  /** Bytes still missing. */
  get left(): number {
    return bytesMissing(this.have, this.layout);
  }

  get state(): TorrentState {
    if (this.checking !== undefined) return "checking";
    if (this.wanted === "stopped") return "stopped";
    if (this.error !== undefined) return "error";
    if (this.wanted === "paused") return "paused";
    return this.have.isFull ? "seeding" : "downloading";
  }

  /** Whether connections are held. */
  get isRunning(): boolean {
    return this.checking === undefined && this.wanted !== "stopped" && !this.#abort.signal.aborted;
  }

  /** Finds out what is there, then takes part. */
  async start(): Promise<void> {
    this.checking = 0;
    this.#startedAt = this.#context.now();
    this.#showState();
    try {
      const have = await this.init.check(
        (progress) => this.checking = progress,
        this.#abort.signal,
      );
      this.#setHave(have);
      this.#isChecked = true;
      const { count: owned, length: pieces } = have;
      this.#emit({ event: "torrent-checked", have: owned, pieces });
      if (have.isFull) await this.#finishFiles(0, this.layout.pieceCount - 1);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#storageFailed(error);
    }
    this.checking = undefined;
    if (this.#abort.signal.aborted) return;
    this.#unsaved = true;
    this.#nextSave = 0;
    this.#showState();
    this.tick(this.#context.now());
  }

  /** A second has passed (or something happened that should not wait for it). */
  tick(now: number): void {
    this.down.tick();
    this.up.tick();
    if (now >= this.#retryAt) {
      this.#retryAt = Infinity;
      this.error = undefined;
      if (this.#isChecked) this.#showState();
      else this.#track(this.start());
    }
    for (const [peer, connection] of this.#links) this.#tickPeer(peer, connection, now);
    if (this.isRunning) {
      this.announces.tick(now);
      this.#links.dial(now);
      if (this.wanted === "active") this.#choking.tick(now, this.have.isFull);
      for (const [peer, connection] of this.#links) this.#ask(peer, connection, now);
    }
    if (this.#unsaved && this.checking === undefined && now >= this.#nextSave) {
      this.#unsaved = false;
      this.#nextSave = now + SAVE_MS;
      this.#track(this.#save(false));
    }
  }

  /** Lets rate-limited transfers go on; called more often than `tick` while a limit is set. */
  pulse(now: number): void {
    for (const [peer, connection] of this.#links) {
      this.#uploads.pump(peer, connection.writer, now);
      this.#ask(peer, connection, now);
    }
  }

  /** Addresses somebody told us of. */
  addPeers(peers: readonly { host: string; port: number }[], source: PeerSource): void {
    const now = this.#context.now();
    for (const { host, port } of peers) this.#links.pool.add(host, port, source, now);
    if (this.isRunning) this.#links.dial(now);
  }

  /** Somebody called, and asked for this torrent. */
  accept(connection: Connection, theirs: Handshake): void {
    if (!this.isRunning) return connection.close("the torrent is not running");
    this.#links.accept(connection, theirs);
  }

  /** Stops transfers and keeps connections. */
  pause(): void {
    this.#want("paused");
    this.#choking.close("paused");
    for (const [peer, connection] of this.#links) {
      this.#updateInterest(peer, connection);
      this.#cancelAll(peer, connection);
    }
    this.download.clear(this.#links.keys());
  }

  resume(): void {
    const now = this.#context.now();
    if (this.#abort.signal.aborted) {
      this.#abort = new AbortController();
      this.#links.reopen();
    }
    this.error = undefined;
    this.#want("active");
    if (!this.#isChecked && this.checking === undefined) return this.#track(this.start());
    for (const [peer, connection] of this.#links) this.#updateInterest(peer, connection);
    if (!this.isRunning) return;
    this.announces.hurry(now);
    this.tick(now);
  }

  /** Leaves the swarm: `stopped` to the trackers, connections closed, everything written. */
  async stop(): Promise<void> {
    this.#want("stopped");
    await this.#leave("stopped");
    await this.#save(false);
  }

  /** Like `stop`, for the end of the program: what is wanted stays as it is. */
  async close(): Promise<void> {
    await this.#leave("shutting down");
    await this.announces.dispose();
    if (this.checking === undefined) await this.#save(true);
    await this.init.store[Symbol.asyncDispose]();
    this.#context.cache.dropAll(this.init.store);
  }

  async #leave(reason: string): Promise<void> {
    this.#abort.abort();
    this.download.clear(this.#links.keys());
    await Promise.all([this.#links.close(reason), this.announces.stop(), ...this.#background]);
  }

  // What peers say. Synchronous: views into the receive buffer live no longer than this call.

  #onMessage(peer: Peer, connection: Connection, message: Message): void {
    switch (message.type) {
      case "piece":
        return this.#onBlock(peer, message.piece, message.begin, message.block);
      case "request":
        return this.#uploads.request(peer, connection.writer, message);
      case "have":
        return this.#onHave(peer, connection, message.piece);
      case "choke":
        peer.peerChoking = true;
        if (!peer.fast) this.download.releaseAll(peer);
        return this.#emit({ event: "choked-by", ...about(peer) });
      case "unchoke":
        peer.peerChoking = false;
        peer.lastBlockAt = this.#context.now();
        return this.#emit({ event: "unchoked-by", ...about(peer) });
      case "interested":
        if (peer.peerInterested) return;
        peer.peerInterested = true;
        if (this.wanted === "active") this.#choking.admit(peer, connection);
        return;
      case "not-interested":
        peer.peerInterested = false;
        return this.#rechoke();
      case "bitfield":
        return this.#onPieces(peer, connection, Bitfield.parse(message.bytes, peer.pieces.length));
      case "have-all":
        return this.#onPieces(peer, connection, Bitfield.full(peer.pieces.length));
      case "have-none":
        return this.#onPieces(peer, connection, new Bitfield(peer.pieces.length));
      case "cancel":
        return this.#uploads.cancel(peer, connection.writer, message);
      case "reject":
        return this.download.rejected(peer, message.piece, message.begin);
      case "allowed-fast":
        if (message.piece < peer.pieces.length && peer.allowedFast.size < 64) {
          peer.allowedFast.add(message.piece);
        }
        return;
      case "extended":
        if (message.id === 0) this.#onExtensionHandshake(peer, message.payload);
        return;
      case "keep-alive":
      case "suggest":
      case "port":
      case "unknown":
        return;
    }
  }

  #onBatch(peer: Peer, connection: Connection): void {
    const now = this.#context.now();
    peer.lastHeardAt = now;
    this.#ask(peer, connection, now);
    this.#uploads.pump(peer, connection.writer, now);
  }

  #onBlock(peer: Peer, piece: number, begin: number, block: Uint8Array): void {
    const outcome = this.download.accept(peer, piece, begin, block, this.#context.now());
    if (outcome.kind === "invalid") throw new ProtocolError("it sent a block of a wrong length");
    if (outcome.kind === "unrequested" || outcome.kind === "late") return;
    this.down.add(block.length);
    if (this.download.isEndgame) {
      for (const other of this.download.alsoAsked(this.#links.keys(), piece, begin)) {
        this.#links.get(other)!.writer.cancel(piece, begin, block.length);
      }
    }
    if (outcome.kind === "complete") this.#track(this.#finishPiece(outcome.active));
  }

  #onHave(peer: Peer, connection: Connection, piece: number): void {
    if (piece >= peer.pieces.length) throw new ProtocolError(`it has piece ${piece}, past the end`);
    if (!peer.pieces.add(piece)) return;
    if (!peer.countedAsSeed) this.picker.onHave(piece);
    if (!peer.amInterested && !this.have.has(piece)) this.#updateInterest(peer, connection);
  }

  #onPieces(peer: Peer, connection: Connection, pieces: Bitfield): void {
    // BEP 3: only as the first message after the handshake; a second one would be counted twice.
    if (peer.announcedPieces || peer.pieces.count > 0) {
      throw new ProtocolError("it sent its bitfield twice or late");
    }
    peer.announcedPieces = true;
    peer.pieces = pieces;
    peer.countedAsSeed = pieces.isFull;
    if (peer.countedAsSeed) this.picker.addSeed();
    else this.picker.addPeer(pieces);
    this.#updateInterest(peer, connection);
  }

  #onExtensionHandshake(peer: Peer, payload: Uint8Array): void {
    const hello = parseExtensionHandshake(payload);
    peer.extensions = hello.messages;
    if (hello.client !== undefined) peer.client = hello.client;
    peer.name = hello.name;
    if (hello.reqq !== undefined) peer.maxRequests = Math.max(1, hello.reqq);
    if (hello.port !== undefined && peer.incoming && hello.port !== peer.port) {
      // Its listening port: where it can be called again, and others should not call it twice.
      this.#links.pool.add(peer.host, hello.port, "incoming", this.#context.now());
      this.#links.pool.learnPeerId(peer.host, hello.port, peer.peerId.toHex());
      peer.port = hello.port;
    }
    this.#show(peer);
  }

  // What is done with it.

  /** Asks a peer for as many blocks as its window, the budget and the rate limit take. */
  #ask(peer: Peer, connection: Connection, now: number): void {
    if (!peer.amInterested || this.wanted !== "active" || this.error !== undefined) return;
    if (peer.peerChoking && peer.allowedFast.size === 0) return;
    const allowed = this.#context.downLimit.available(now);
    const room = Math.min(peer.room, Math.ceil(allowed / BLOCK_LENGTH));
    if (room <= 0) return;
    if (peer.requests.size === 0) peer.lastBlockAt = now;
    const { writer } = connection;
    const request = (piece: number, begin: number, length: number) =>
      writer.request(piece, begin, length);
    let asked = this.download.assign(peer, room, now, request);
    if (asked < room && this.download.isEndgame) {
      asked += this.download.assignEndgame(peer, this.#links.keys(), room - asked, now, request);
    }
    if (asked === 0) return;
    this.#context.downLimit.spend(asked * BLOCK_LENGTH);
    peer.lastSaidAt = now;
  }

  #askAll(): void {
    const now = this.#context.now();
    for (const [peer, connection] of this.#links) this.#ask(peer, connection, now);
  }

  async #finishPiece(active: ActivePiece<Peer>): Promise<void> {
    try {
      if (!await this.#keeper.keep(active.piece, active.bytes)) return this.#pieceFailed(active);
    } catch (error) {
      this.download.abandon(active);
      return this.#storageFailed(error);
    }
    await this.#pieceVerified(active);
  }

  async #pieceVerified(active: ActivePiece<Peer>): Promise<void> {
    const { piece, bytes } = active;
    const from = active.senders[active.senders.length - 1];
    for (const [liar, block] of this.download.verified(active)) {
      this.#ban(liar, `block ${block} of piece ${piece} was wrong`);
    }
    this.have.add(piece);
    this.#unsaved = true;
    let wantedByOthers = false;
    for (const [peer, connection] of this.#links) {
      connection.writer.have(piece);
      if (peer.amInterested) this.#updateInterest(peer, connection);
      wantedByOthers ||= peer.peerInterested && !peer.pieces.has(piece);
    }
    this.#context.buffers.settle(bytes);
    if (wantedByOthers) this.#context.cache.put(this.init.store, piece, bytes);
    else this.#context.buffers.recycle(bytes);
    // The budget has room again: requests may have dried up for want of it.
    this.#askAll();
    if (from !== undefined) this.#emit({ event: "piece-verified", piece, ...about(from) });
    try {
      await this.#finishFiles(piece, piece);
    } catch (error) {
      return this.#storageFailed(error);
    }
    if (this.have.isFull && this.completedAt === undefined) this.#completed();
  }

  #pieceFailed(active: ActivePiece<Peer>): void {
    const { piece } = active;
    const suspects = this.download.failed(active);
    this.#emit({
      event: "piece-failed",
      piece,
      suspects: [...suspects].map((peer) => `${peer.label} (${peer.address})`),
    });
    if (suspects.size === 1) {
      for (const liar of suspects) this.#ban(liar, `piece ${piece}, all from it, was wrong`);
    }
    this.#askAll();
  }

  async #finishFiles(first: number, last: number): Promise<void> {
    for (const path of await this.#keeper.finishFiles(this.have, first, last)) {
      this.#emit({ event: "file-completed", path });
    }
  }

  #completed(): void {
    const now = this.#context.now();
    this.completedAt = now;
    this.#nextSave = 0;
    this.#emit({
      event: "torrent-completed",
      downloaded: this.down.total,
      seconds: (now - this.#startedAt) / 1000,
    });
    this.#showState();
    this.announces.hurry(now);
  }

  #ban(peer: Peer, reason: string): void {
    const now = this.#context.now();
    const id = peer.peerId.toHex();
    if (this.#links.pool.isBanned(peer.host, peer.port, id, now)) return;
    this.#links.pool.ban(peer.host, peer.port, id, now);
    this.#emit({ event: "peer-banned", reason, ...about(peer) });
    this.#links.get(peer)?.close(`banned: ${reason}`);
  }

  #storageFailed(error: unknown): void {
    if (!(error instanceof StorageError)) throw error;
    if (this.error !== undefined) return;
    this.error = error;
    this.#retryAt = error.kind === "full" ? this.#context.now() + DISK_RETRY_MS : Infinity;
    this.download.clear(this.#links.keys());
    this.#showState();
  }

  /** A slot may have become free. */
  #rechoke(): void {
    if (this.wanted === "active") this.#choking.decide(this.#context.now(), this.have.isFull);
  }

  #updateInterest(peer: Peer, connection: Connection): void {
    const interested = this.wanted === "active" && isInteresting(peer.pieces, this.have);
    if (interested === peer.amInterested) return;
    peer.amInterested = interested;
    if (interested) connection.writer.interested();
    else connection.writer.notInterested();
  }

  #cancelAll(peer: Peer, connection: Connection): void {
    for (const { active, block } of peer.requests.values()) {
      connection.writer.cancel(active.piece, block * BLOCK_LENGTH, active.blockSize(block));
    }
  }

  // Connections.

  #onClosed(peer: Peer, reason: string): void {
    this.download.releaseAll(peer);
    peer.uploads.length = 0;
    if (peer.countedAsSeed) this.picker.removeSeed();
    else this.picker.removePeer(peer.pieces);
    if (peer.wasShown) this.#emit({ event: "peer-disconnected", reason, ...about(peer) });
    if (!this.isRunning) return;
    const now = this.#context.now();
    if (!peer.amChoking) this.#rechoke();
    this.#askAll();
  }

  #greet(peer: Peer, { writer }: Connection): void {
    if (peer.fast && this.have.isFull) writer.haveAll();
    else if (peer.fast && this.have.count === 0) writer.haveNone();
    else if (this.have.count > 0) writer.bitfield(this.have.bytes);
    if (!peer.extended) {
      return this.#show(peer);
    }
    writer.extended(
      0,
      encodeExtensionHandshake({
        messages: {},
        client: CLIENT,
        port: this.#context.port,
        reqq: MAX_UPLOAD_QUEUE,
        name: this.#context.name(),
        uploadOnly: this.have.isFull,
      }),
    );
  }

  #tickPeer(peer: Peer, connection: Connection, now: number): void {
    peer.tick();
    if (now - peer.lastHeardAt > IDLE_MS) return connection.close("silent for two minutes");
    if (now - peer.lastSaidAt > KEEP_ALIVE_MS) {
      connection.writer.keepAlive();
      peer.lastSaidAt = now;
    }
    this.download.checkSnubbed(peer, now);
  }

  /** Tells of a new connection, once the peer's name is known. */
  #show(peer: Peer): void {
    if (peer.wasShown) return;
    peer.wasShown = true;
    const { source, client } = peer;
    this.#emit({ event: "peer-connected", source, client, ...about(peer) });
  }

  // The rest.

  #setHave(have: Bitfield): void {
    this.have = have;
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece)) this.picker.take(piece);
    }
    if (have.isFull && this.completedAt === undefined) this.completedAt = this.#context.now();
  }

  async #save(clean: boolean): Promise<void> {
    const have = this.have.copy();
    try {
      await this.init.store.sync();
      await this.init.save(this, have, clean);
    } catch (error) {
      this.#storageFailed(error);
    }
  }

  #want(wanted: Wanted): void {
    this.wanted = wanted;
    this.#unsaved = true;
    this.#nextSave = 0;
    this.#showState();
  }

  #showState(): void {
    const { state } = this;
    if (state === this.#shownState) return;
    this.#shownState = state;
    const reason = state === "error" ? this.error?.message : undefined;
    this.#emit({ event: "torrent-state", state, ...(reason === undefined ? {} : { reason }) });
  }

  /** Nothing floats: what runs beside is awaited when the torrent leaves. */
  #track(promise: Promise<void>): void {
    this.#background.add(promise);
    promise.finally(() => this.#background.delete(promise));
  }

  #emit(event: TorrentEvent): void {
    this.#context.emit({ infoHash: this.infoHash, name: this.info.name, ...event });
  }
}

/** Client and version as told to others (BEP 10 `v`). */
export const CLIENT = "vtorrent 0.1.0";
