/**
 * The exchange of one torrent's pieces: the only place where what peers say, what is decided and what
 * is done meet.
 *
 * @module
 */
import { Bitfield } from "../protocol/bitfield.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Layout } from "../protocol/layout.ts";
import type { Message } from "../protocol/message.ts";
import { Asking } from "./asking.ts";
import { Blame } from "./blame.ts";
import { Choking } from "./choking.ts";
import type { EngineContext } from "./context.ts";
import { Background } from "./logic/background.ts";
import { Company } from "./logic/company.ts";
import { about, type TorrentEvent } from "./events.ts";
import { Extensions } from "./extensions.ts";
import type { Connection } from "./io/connection.ts";
import type { ExchangeOwner } from "./exchange_owner.ts";
import { slices } from "./io/slices.ts";
import { Uploads } from "./io/uploads.ts";
import { FastSets } from "./fast_sets.ts";
import { FileFinisher } from "./file_finisher.ts";
import { HaveNews } from "./have_news.ts";
import { HashExchange } from "./hash_exchange.ts";
import { keepAlive } from "./keep_alive.ts";
import { Links } from "./links.ts";
import type { ActivePiece } from "./logic/active_piece.ts";
import { Download } from "./logic/download.ts";
import type { FileSelection } from "./logic/file_selection.ts";
import { beginWith, gainPiece } from "./logic/gained_pieces.ts";
import { isInteresting } from "./logic/interest.ts";
import type { Peer } from "./logic/peer.ts";
import type { PiecePicker } from "./logic/piece_picker.ts";
import { JointLimit, RateLimit } from "./logic/rate_limit.ts";
import { RateMeter } from "./logic/rate_meter.ts";
import { sayPieces, tellLost } from "./say_pieces.ts";
import { Showing } from "./showing.ts";
import { PieceKeeper } from "./piece_keeper.ts";
import { WebSeeds } from "./web_seeds.ts";

/** Connections, choking, requests and pieces of one torrent. */
export class Exchange {
  readonly links: Links;
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
  readonly #context: EngineContext;
  readonly #owner: ExchangeOwner;
  readonly #layout: Layout;
  readonly #choking: Choking;
  readonly #keeper: PieceKeeper;
  readonly #finisher: FileFinisher;
  readonly #uploads: Uploads;
  readonly #news: HaveNews;
  /** Only where super-seeding is wanted. */
  readonly #showing: Showing | undefined;
  readonly #fastSets: FastSets;
  readonly #asking: Asking;
  readonly #extensions: Extensions;
  readonly #hashes: HashExchange;
  readonly #blame: Blame;
  readonly #background = new Background((fault) => this.#owner.onError(fault));

  constructor(context: EngineContext, owner: ExchangeOwner) {
    const { info, names, trees, layout, store } = owner;
    const infoHash = names.primary;
    this.#context = context;
    this.#owner = owner;
    this.#layout = layout;
    this.have = new Bitfield(layout.pieceCount);
    this.selection = owner.selection;
    this.picker = owner.picker;
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
    this.#keeper = new PieceKeeper(info, context.hasher, store, trees);
    this.#finisher = new FileFinisher(info.files, layout, store, (path, disk) => {
      this.#emit({ event: "file-completed", path, disk });
    });
    this.#uploads = new Uploads({
      store,
      layout,
      cache: context.cache,
      limit: new JointLimit(context.upLimit, this.upLimit),
      turns: context.upTurns,
      meter: this.up,
      owns: (piece) => this.have.has(piece),
      isGiving: () => this.#isGiving,
      isOnlyHere: (piece) => this.links.size > 1 && this.picker.availability(piece) === 0,
      onError: (error) => owner.onUnreadable(error),
    });
    const isGiving = () => this.#isGiving;
    this.#fastSets = new FastSets(context, { infoHash, layout, isGiving });
    this.links = new Links(context, {
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
    this.download.company = new Company(this.links);
    this.#news = new HaveNews(this.#background, (pieces) => {
      for (const [, { writer }] of this.links) for (const piece of pieces) writer.have(piece);
    });
    this.#extensions = new Extensions(context, {
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
    this.#asking = new Asking(context, {
      download: this.download,
      links: this.links,
      webSeeds: this.webSeeds,
      limit,
      canDownload: () => owner.canDownload(),
      onFault: (fault) => owner.onError(fault),
    }, layout.pieceLength);
    this.#hashes = new HashExchange(
      context,
      owner,
      this.links,
      (piece) => this.have.has(piece),
      (pieces) => this.#canCheckNow(pieces),
      (...leaves) => this.#background.run(this.#blame.onLeaves(...leaves)),
    );
    this.#blame = new Blame(context, {
      ...{ links: this.links, download: this.download, webSeeds: this.webSeeds },
      hashes: this.#hashes,
      checkedBy: (piece) => this.#keeper.hashes(piece),
      onLie: (peer) => this.#asking.lied(peer),
      emit: (event) => this.#emit(event),
    });
    if (context.superSeed) this.#showing = new Showing(this.links, this.picker, context.random);
    this.#choking = new Choking(context, {
      links: this.links,
      uploads: this.#uploads,
      emit: (event) => this.#emit(event),
    });
  }

  /** Hides what we have from peers, where that is wanted and nothing is missing (BEP 16). */
  get #isHiding(): boolean {
    return this.have.isFull && this.#showing?.isOn === true;
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
  async setHave(have: Bitfield): Promise<void> {
    await this.#keeper.addPadding(have, this.#layout);
    this.have = have;
    await this.select(this.selection);
  }

  /** Other files are wanted from now on. Pieces that are on their way are kept when they come. */
  async select(selection: FileSelection): Promise<void> {
    this.selection = selection;
    const isTaken = (piece: number) => this.#isTaken(piece);
    await slices.run(this.picker.prioritySteps(selection.pieces, isTaken));
    this.#goOn();
  }

  #isTaken(piece: number): boolean {
    return this.have.has(piece) || this.download.isActive(piece) || !this.#keeper.canCheck(piece);
  }

  #canCheckNow(pieces: Iterable<number>): void {
    for (const piece of pieces) if (!this.#isTaken(piece)) this.picker.giveBack(piece);
    if (this.#owner.isRunning()) this.#asking.askAll();
  }

  #goOn(): void {
    for (const [peer, connection] of this.links) this.#updateInterest(peer, connection);
    if (this.#owner.isRunning()) this.#asking.askAll();
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
    if (this.#isHiding) this.#showing?.tick(now);
    this.links.dial(now);
    this.#extensions.tick(now);
    this.#hashes.tick(now);
    if (this.#owner.isActive()) this.#choking.tick(now, this.isComplete);
    this.#asking.tick(now);
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
    this.#background.run(this.select(this.selection));
  }

  /** Transfers stop, connections stay. */
  pause(reason = "paused"): void {
    this.#choking.close(reason);
    for (const [peer, connection] of this.links) {
      this.#updateInterest(peer, connection);
      this.#asking.cancelAll(peer, connection);
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
  async finishFiles(all = false): Promise<void> {
    if (all) await this.#finisher.addAll(this.have);
    await this.#finisher.finish();
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
        if (this.#owner.isActive()) this.#choking.admit(peer, connection);
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
        return this.#asking.rejected(peer, message.piece, message.begin);
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
    this.#asking.ask(peer, connection, now);
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
    if (!gainPiece(peer, piece, this.picker, this.#layout)) return peer.patience.inVain();
    this.#uploads.onHave(piece, this.#context.now());
    if (this.#isHiding) this.#showing?.onHave(peer, piece, this.#context.now());
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
    beginWith(peer, pieces, this.picker, this.#layout);
    if (this.#isHiding) this.#showing?.onPieces(peer);
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
    this.#blame.verified(active);
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
    this.#asking.askAll();
    const hash = this.#keeper.hashes(piece);
    if (from !== undefined) this.#emit({ event: "piece-verified", piece, hash, ...about(from) });
    this.#finisher.add(this.have, piece, piece);
    this.#owner.onVerified();
  }

  #pieceFailed(active: ActivePiece<Peer>): void {
    this.#blame.failed(active);
    this.#asking.askAll();
  }

  #freeSlot(): void {
    if (this.#owner.isActive()) this.#choking.release(this.#context.now(), this.isComplete);
  }

  #updateInterest(peer: Peer, connection: Connection): void {
    const interested = this.#owner.isActive() &&
      isInteresting(peer.pieces, this.have, this.selection.wanted);
    if (interested === peer.amInterested) return;
    peer.amInterested = interested;
    if (interested) connection.writer.interested();
    else connection.writer.notInterested();
  }

  #onClosed(peer: Peer, reason: string): void {
    this.#asking.left(peer);
    this.#context.downTurns.leave(peer);
    this.#hashes.forget(peer);
    this.#uploads.forget(peer);
    this.#showing?.onLeft(peer);
    if (peer.countedAsSeed) this.picker.removeSeed();
    else this.picker.removePeer(peer.pieces);
    if (peer.wasShown) this.#emit({ event: "peer-disconnected", reason, ...about(peer) });
    if (!this.#owner.isRunning()) return;
    if (!peer.amChoking) this.#freeSlot();
    this.#asking.askAll();
  }

  #greet(peer: Peer, { writer }: Connection): void {
    this.#asking.welcome(peer);
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
