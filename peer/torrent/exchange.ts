/**
 * The exchange of one torrent's pieces: the only place where what peers say, what is decided and what
 * is done meet.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Message } from "../../protocol/message.ts";
import { BlockRequests } from "../downloading/block_requests.ts";
import { SmartBan } from "../downloading/smart_ban.ts";
import { Unchoker } from "../choking/unchoker.ts";
import type { ConnectionsContext } from "../connections/connections.ts";
import type { ExtensionProtocolContext } from "../extensions/extension_protocol.ts";
import type { WebSeedsContext } from "../web_seed/web_seeds.ts";
import type { BlockRequestsContext } from "../downloading/block_requests.ts";
import type { SmartBanContext } from "../downloading/smart_ban.ts";
import type { UnchokerContext } from "../choking/unchoker.ts";
import type { BufferPool } from "../pieces/buffer_pool.ts";
import type { PieceCache } from "../uploading/piece_cache.ts";
import type { RoundRobin } from "../rate/round_robin.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { SeedSparing } from "../downloading/seed_sparing.ts";
import { about, type TorrentEvent } from "../events.ts";
import { ExtensionProtocol } from "../extensions/extension_protocol.ts";
import type { Connection } from "../connections/connection.ts";
import type { ExchangeOwner } from "./exchange_owner.ts";
import { UploadQueue } from "../uploading/upload_queue.ts";
import { AllowedFastOffer } from "../uploading/allowed_fast_offer.ts";
import { FileFinisher } from "../storage/file_finisher.ts";
import { HaveBatch } from "./have_batch.ts";
import { HashExchange } from "../v2/hash_exchange.ts";
import { keepAlive } from "../connections/keep_alive.ts";
import { Connections } from "../connections/connections.ts";
import type { ActivePiece } from "../pieces/active_piece.ts";
import { Download } from "../downloading/download.ts";
import type { FileSelection } from "../pieces/file_priorities.ts";
import { isInteresting } from "../choking/interest.ts";
import type { Peer } from "../peers/peer.ts";
import { PiecePicker } from "../pieces/piece_picker.ts";
import { JointLimit, RateLimit } from "../rate/rate_limit.ts";
import { RateMeter } from "../rate/rate_meter.ts";
import { sayPieces, tellLost } from "./have_messages.ts";
import { SuperSeeding } from "../uploading/super_seeding.ts";
import { PieceWriter } from "../downloading/piece_writer.ts";
import { WebSeeds } from "../web_seed/web_seeds.ts";

/** The part of the engine that exchanging pieces needs. */
export type ExchangeContext =
  & ConnectionsContext
  & ExtensionProtocolContext
  & WebSeedsContext
  & BlockRequestsContext
  & SmartBanContext
  & UnchokerContext
  & {
    readonly buffers: BufferPool;
    readonly cache: PieceCache;
    /** Whether complete torrents are super-seeded (BEP 16). */
    readonly superSeed: boolean;
    readonly downLimit: RateLimit;
    readonly upLimit: RateLimit;
    /** Peers of all torrents that wait for the upload limit. */
    readonly upRoundRobin: RoundRobin<Peer>;
  };

/** Connections, choking, requests and pieces of one torrent. */
export class Exchange {
  readonly links: Connections;
  readonly down: RateMeter = new RateMeter();
  readonly up: RateMeter = new RateMeter();
  /** Of this torrent alone. */
  readonly downLimit: RateLimit = new RateLimit();
  readonly upLimit: RateLimit = new RateLimit();
  readonly picker: PiecePicker;
  readonly download: Download;
  readonly webSeeds: WebSeeds;
  have: Bitfield;
  selection: FileSelection;
  readonly #context: ExchangeContext;
  readonly #owner: ExchangeOwner;
  readonly #layout: Layout;
  readonly #unchoker: Unchoker;
  readonly #keeper: PieceWriter;
  readonly #finisher: FileFinisher;
  readonly #uploads: UploadQueue;
  readonly #news: HaveBatch;
  /** Only where super-seeding is wanted. */
  readonly #superSeeding: SuperSeeding | undefined;
  readonly #fastSets: AllowedFastOffer;
  readonly #blockRequests: BlockRequests;
  readonly #extensions: ExtensionProtocol;
  readonly #hashes: HashExchange;
  readonly #smartBan: SmartBan;
  readonly #background = new BackgroundTasks((fault) => this.#owner.onError(fault));

  constructor(context: ExchangeContext, owner: ExchangeOwner) {
    const { info, names, trees, layout, store } = owner;
    const infoHash = names.primary;
    this.#context = context;
    this.#owner = owner;
    this.#layout = layout;
    this.have = new Bitfield(layout.pieceCount);
    this.selection = owner.selection;
    this.picker = new PiecePicker(layout.pieceCount, context.random);
    this.download = new Download(layout, this.picker, context.buffers);
    this.download.onBegin = (peer, piece, why) =>
      context.tapping.current?.chose({
        infoHash,
        peer,
        piece,
        why,
        copies: this.picker.availability(piece),
        peers: this.links.size,
      });
    const limit = new JointLimit(context.downLimit, this.downLimit);
    this.#keeper = new PieceWriter(info, context.hasher, store, trees);
    this.#finisher = new FileFinisher(info.files, layout, store, (path) => {
      this.#emit({ event: "file-completed", path });
    });
    this.#uploads = new UploadQueue({
      store,
      layout,
      cache: context.cache,
      limit: new JointLimit(context.upLimit, this.upLimit),
      turns: context.upRoundRobin,
      meter: this.up,
      owns: (piece) => this.have.has(piece),
      isGiving: () => this.#isGiving,
      isOnlyHere: (piece) => this.links.size > 1 && this.picker.availability(piece) === 0,
      onError: (error) => owner.onUnreadable(error),
    });
    const isGiving = () => this.#isGiving;
    this.#fastSets = new AllowedFastOffer(context, { infoHash, layout, isGiving });
    this.links = new Connections(context, {
      names,
      pieceCount: layout.pieceCount,
      usesDht: !owner.info.private,
      isSeeding: () => this.isComplete,
      onOpen: (peer, connection) => this.#greet(peer, connection),
      onMessage: (peer, connection, message) => this.#onMessage(peer, connection, message),
      onBatch: (peer, connection) => this.#onBatch(peer, connection),
      onDrained: (peer, { writer }) => this.#uploads.pump(peer, writer, context.now()),
      onClosed: (peer, reason) => this.#onClosed(peer, reason),
      onFault: (fault) => owner.onError(fault),
    });
    this.download.company = new SeedSparing(this.links);
    this.#news = new HaveBatch(this.#background, (pieces) => {
      for (const [, { writer }] of this.links) for (const piece of pieces) writer.have(piece);
    });
    this.#extensions = new ExtensionProtocol(context, {
      infoBytes: owner.infoBytes,
      links: this.links,
      picker: this.picker,
      exchangesPeers: owner.info.private ? "never" : "tells",
      isSeeding: () => this.isComplete && !this.#isHiding,
    });
    this.webSeeds = new WebSeeds(context, owner.webSeeds, {
      info,
      layout,
      download: this.download,
      mayAsk: () => owner.isRunning() && owner.canDownload() && !this.isComplete,
      peers: this.links,
      limit,
      onBlock: (peer, piece, begin, block) => this.#onBlock(peer, piece, begin, block),
      emit: (event) => this.#emit(event),
      onFault: (fault) => owner.onError(fault),
    });
    this.#blockRequests = new BlockRequests(context, {
      download: this.download,
      links: this.links,
      webSeeds: this.webSeeds,
      limit,
      canDownload: () => owner.canDownload(),
      onFault: (fault) => owner.onError(fault),
    }, layout.pieceLength);
    const owns = (piece: number) => this.have.has(piece);
    this.#hashes = new HashExchange(
      context,
      owner,
      this.links,
      owns,
      () => this.select(this.selection),
      (...leaves) => this.#background.run(this.#smartBan.onLeaves(...leaves)),
    );
    this.#smartBan = new SmartBan(context, {
      ...{ links: this.links, download: this.download, webSeeds: this.webSeeds },
      hashes: this.#hashes,
      checkedBy: (piece) => this.#keeper.hashes(piece),
      onLie: (peer) => this.#blockRequests.lied(peer),
      emit: (event) => this.#emit(event),
    });
    if (context.superSeed) {
      this.#superSeeding = new SuperSeeding(this.links, this.picker, context.random);
    }
    this.#unchoker = new Unchoker(context, {
      links: this.links,
      uploads: this.#uploads,
      emit: (event) => this.#emit(event),
    });
  }

  /** Hides what we have from peers, where that is wanted and nothing is missing (BEP 16). */
  get #isHiding(): boolean {
    return this.have.isFull && this.#superSeeding?.isOn === true;
  }

  /** Whether newcomers are given something while they are choked (BEP 6). */
  get #isGiving(): boolean {
    return this.#owner.isActive() && this.have.count > 0 && !this.#isHiding;
  }

  /** Whether everything that is wanted is there. */
  get isComplete(): boolean {
    return this.selection.isComplete(this.have);
  }

  /** What is on disk, known once it was checked. */
  setHave(have: Bitfield): void {
    this.have = have;
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece) || !this.#keeper.canCheck(piece)) this.picker.take(piece);
    }
    this.select(this.selection);
  }

  /** Other files are wanted from now on. Pieces that are on their way are kept when they come. */
  select(selection: FileSelection): void {
    this.selection = selection;
    this.picker.prioritise(
      selection.pieces,
      (piece) =>
        this.have.has(piece) || this.download.isActive(piece) || !this.#keeper.canCheck(piece),
    );
    for (const [peer, connection] of this.links) this.#updateInterest(peer, connection);
    if (this.#owner.isRunning()) this.#blockRequests.askAll();
  }

  /** A second has passed. */
  tick(now: number): void {
    this.down.tick();
    this.up.tick();
    for (const [peer, connection] of this.links) {
      peer.tick();
      if (keepAlive(peer, connection, now, this.isComplete)) this.download.giveUpOverdue(peer, now);
      this.#uploads.pump(peer, connection.writer, now);
    }
    this.webSeeds.tick(now);
    if (!this.#owner.isRunning()) return;
    if (this.#isHiding) this.#superSeeding?.tick(now);
    this.links.dial(now);
    this.#extensions.tick(now);
    this.#hashes.tick(now);
    if (this.#owner.isActive()) this.#unchoker.tick(now, this.isComplete);
    this.#blockRequests.tick(now);
  }

  /** Lets what web seeds send go on; called more often than `tick` while a limit is set. */
  pulse(now: number): void {
    this.webSeeds.pulse(now);
  }

  /** Pieces turned out to be lost, or to be there. */
  correct(lost: readonly number[], found: readonly number[]): void {
    for (const piece of lost) this.have.delete(piece);
    for (const piece of found) {
      this.have.add(piece);
      this.picker.take(piece);
      this.#news.add(piece);
      this.#finisher.add(this.have, piece, piece);
    }
    if (lost.length > 0) {
      this.#context.cache.dropAll(this.#owner.store);
      tellLost(this.links, this.#uploads, new Set(lost));
    }
    this.select(this.selection);
  }

  /** Transfers stop, connections stay. */
  pause(reason = "paused"): void {
    this.#unchoker.close(reason);
    for (const [peer, connection] of this.links) {
      this.#updateInterest(peer, connection);
      this.#blockRequests.cancelAll(peer, connection);
    }
    this.drop();
  }

  /** Transfers go on. */
  resume(): void {
    for (const [peer, connection] of this.links) this.#updateInterest(peer, connection);
    this.#freeSlot();
  }

  /** Lets go of the pieces on their way. */
  drop(): void {
    this.webSeeds.stop();
    this.download.clear(this.links.keys());
  }

  /** Closes all connections and waits for what is being written. */
  async close(reason: string): Promise<void> {
    this.drop();
    const parts = [this.links.close(reason), this.webSeeds.close(), this.#hashes.close()];
    await Promise.all([...parts, this.#background.settled()]);
    // Last: a piece that was being written is news, too.
    this.#news[Symbol.dispose]();
  }

  /**
   * Gives their final names to the files that became whole since the last time, or to `all` that are.
   *
   * @throws {StorageError}
   */
  finishFiles(all = false): Promise<void> {
    if (all) this.#finisher.add(this.have, 0, this.#layout.pieceCount - 1);
    return this.#finisher.finish();
  }

  /** Whether everything that is wanted is there, under its final name. */
  get isFinished(): boolean {
    return this.isComplete && this.#finisher.isIdle;
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
        if (peer.peerChoking) return;
        peer.setChoking(true, this.#context.now());
        if (!peer.fast) this.download.releaseAll(peer, true);
        return this.#emit({ event: "choked-by", ...about(peer) });
      case "unchoke":
        if (!peer.peerChoking) return;
        peer.setChoking(false, this.#context.now());
        return this.#emit({ event: "unchoked-by", ...about(peer) });
      case "interested":
        if (peer.peerInterested) return;
        peer.peerInterested = true;
        if (this.#owner.isActive()) this.#unchoker.admit(peer, connection);
        return;
      case "not-interested":
        if (!peer.peerInterested) return;
        peer.peerInterested = false;
        return peer.amChoking ? undefined : this.#freeSlot();
      case "bitfield":
        return this.#onPieces(peer, connection, Bitfield.parse(message.bytes, peer.pieces.length));
      case "have-all":
        return this.#onPieces(peer, connection, Bitfield.full(peer.pieces.length));
      case "have-none":
        return this.#onPieces(peer, connection, new Bitfield(peer.pieces.length));
      case "cancel":
        return this.#uploads.cancel(peer, connection.writer, message);
      case "reject":
        return this.#blockRequests.rejected(peer, message.piece, message.begin);
      case "allowed-fast":
        if (message.piece < peer.pieces.length && peer.allowedFast.size < 64) {
          peer.allowedFast.add(message.piece);
        }
        return;
      case "extended":
        this.#extensions.onMessage(peer, connection, message.id, message.payload);
        return message.id === 0 ? this.#show(peer) : undefined;
      case "hash-request":
      case "hashes":
      case "hash-reject":
        return this.#hashes.onMessage(peer, connection, message, this.#context.now());
      case "port":
        return this.#extensions.onPort(peer, message.port);
      case "keep-alive":
      case "suggest":
      case "unknown":
        return;
    }
  }

  #onBatch(peer: Peer, connection: Connection): void {
    const now = this.#context.now();
    peer.lastHeardAt = now;
    this.#blockRequests.ask(peer, connection, now);
    this.#uploads.pump(peer, connection.writer, now);
  }

  #onBlock(peer: Peer, piece: number, begin: number, block: Uint8Array): void {
    const outcome = this.download.accept(peer, piece, begin, block, this.#context.now());
    if (outcome.kind === "invalid") throw new ProtocolError("it sent a block of a wrong length");
    if (outcome.again === "of-it") this.links.get(peer)?.writer.cancel(piece, begin, block.length);
    if (outcome.kind === "unrequested" || outcome.kind === "late") return;
    this.down.add(block.length);
    if (this.download.isEndgame || outcome.again !== undefined) {
      for (const other of this.download.alsoAsked(this.webSeeds.everybody(), piece, begin)) {
        this.links.get(other)?.writer.cancel(piece, begin, block.length);
      }
    }
    if (outcome.kind === "complete") this.#background.run(this.#finishPiece(outcome.active));
  }

  #onHave(peer: Peer, connection: Connection, piece: number): void {
    if (piece >= peer.pieces.length) throw new ProtocolError(`it has piece ${piece}, past the end`);
    if (!peer.pieces.add(piece)) return peer.patience.inVain();
    if (!peer.countedAsSeed) this.picker.onHave(piece);
    this.#uploads.onHave(piece, this.#context.now());
    if (this.#isHiding) this.#superSeeding?.onHave(peer, piece, this.#context.now());
    if (!peer.amInterested && !this.have.has(piece) && this.selection.wants(piece)) {
      this.#updateInterest(peer, connection);
    }
  }

  #onPieces(peer: Peer, connection: Connection, pieces: Bitfield): void {
    // BEP 3: only as the first message after the handshake. aria2 sends one later in place of many
    // HAVEs, so what is new in it counts as such.
    if (peer.announcedPieces || peer.pieces.count > 0) {
      peer.patience.repeated({ hasAll: pieces.isFull, hasNone: pieces.count === 0 });
      for (const piece of peer.pieces.lacking(pieces)) this.#onHave(peer, connection, piece);
      return;
    }
    peer.announcedPieces = true;
    peer.pieces = pieces;
    peer.countedAsSeed = pieces.isFull;
    if (peer.countedAsSeed) this.picker.addSeed();
    else this.picker.addPeer(pieces);
    if (this.#isHiding) this.#superSeeding?.onPieces(peer);
    this.#updateInterest(peer, connection);
    if (peer.fast) this.#background.run(this.#fastSets.offer(peer, connection));
  }

  // What is done with it.

  async #finishPiece(active: ActivePiece<Peer>): Promise<void> {
    try {
      if (!await this.#keeper.keep(active.piece, active.bytes)) return this.#pieceFailed(active);
    } catch (error) {
      this.download.abandon(active);
      return this.#owner.onError(error);
    }
    this.#pieceVerified(active);
  }

  #pieceVerified(active: ActivePiece<Peer>): void {
    const { piece, bytes } = active;
    const from = active.senders[active.senders.length - 1];
    this.#smartBan.verified(active);
    this.have.add(piece);
    let wantedByOthers = false;
    for (const [peer, connection] of this.links) {
      if (peer.amInterested) this.#updateInterest(peer, connection);
      wantedByOthers ||= peer.peerInterested && !peer.pieces.has(piece);
    }
    this.#news.add(piece);
    // Those who have everything know by this that they are done with us.
    if (this.isComplete) this.#news[Symbol.dispose]();
    this.#context.buffers.settle(bytes);
    if (!wantedByOthers || !this.#uploads.keep(piece, bytes)) this.#context.buffers.recycle(bytes);
    // The budget has room again: requests may have dried up for want of it.
    this.#blockRequests.askAll();
    const hash = this.#keeper.hashes(piece);
    if (from !== undefined) this.#emit({ event: "piece-verified", piece, hash, ...about(from) });
    this.#finisher.add(this.have, piece, piece);
    this.#owner.onVerified();
  }

  #pieceFailed(active: ActivePiece<Peer>): void {
    this.#smartBan.failed(active);
    this.#blockRequests.askAll();
  }

  /** A slot may have become free. */
  #freeSlot(): void {
    if (this.#owner.isActive()) this.#unchoker.release(this.#context.now(), this.isComplete);
  }

  #updateInterest(peer: Peer, connection: Connection): void {
    const interested = this.#owner.isActive() &&
      isInteresting(peer.pieces, this.have, this.selection.wanted);
    if (interested === peer.amInterested) return;
    peer.amInterested = interested;
    if (interested) connection.writer.interested();
    else connection.writer.notInterested();
  }

  // Connections.

  #onClosed(peer: Peer, reason: string): void {
    this.#blockRequests.left(peer);
    this.#context.downRoundRobin.leave(peer);
    this.#hashes.forget(peer);
    this.#uploads.forget(peer);
    this.#superSeeding?.onLeft(peer);
    if (peer.countedAsSeed) this.picker.removeSeed();
    else this.picker.removePeer(peer.pieces);
    if (peer.wasShown) this.#emit({ event: "peer-disconnected", reason, ...about(peer) });
    if (!this.#owner.isRunning()) return;
    if (!peer.amChoking) this.#freeSlot();
    this.#blockRequests.askAll();
  }

  #greet(peer: Peer, { writer }: Connection): void {
    this.#blockRequests.welcome(peer);
    sayPieces(peer, writer, this.have, this.#isHiding);
    this.#extensions.greet(peer, writer);
    if (!peer.extended) this.#show(peer);
  }

  /** Tells of a new connection, once the peer's name is known. */
  #show(peer: Peer): void {
    if (peer.wasShown) return;
    peer.wasShown = true;
    const { source, client } = peer;
    this.#emit({ event: "peer-connected", source, client, ...about(peer) });
  }

  #emit(event: TorrentEvent): void {
    this.#owner.emit(event);
  }
}
