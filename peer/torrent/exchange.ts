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
import { type ExchangeContext, type ExchangeParts, exchangeParts } from "./exchange_parts.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { about, type TorrentEvent } from "../events.ts";
import type { Connection } from "../connections/connection.ts";
import type { ExchangeOwner } from "./exchange_owner.ts";
import { slices } from "../../loop/process_loop.ts";
import { keepAlive } from "../connections/keep_alive.ts";
import type { Connections } from "../connections/connections.ts";
import type { ActivePiece } from "../pieces/active_piece.ts";
import type { Download } from "../downloading/download.ts";
import type { FileSelection } from "../pieces/file_priorities.ts";
import { isInteresting } from "../choking/interest.ts";
import type { Peer } from "../peers/peer.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";
import type { RateLimit } from "../rate/rate_limit.ts";
import type { RateMeter } from "../rate/rate_meter.ts";
import { sayPieces, tellLost } from "./have_messages.ts";
import type { WebSeeds } from "../web_seed/web_seeds.ts";

/** So many pieces in a second bitfield count one by one, as HAVEs do; more are counted with pauses. */
const MANY_HAVES = 1024;

/** Connections, choking, requests and pieces of one torrent. */
export class Exchange {
  readonly connections: Connections;
  readonly down: RateMeter;
  readonly up: RateMeter;
  /** Of this torrent alone. */
  readonly downLimit: RateLimit;
  readonly upLimit: RateLimit;
  readonly picker: PiecePicker;
  readonly download: Download;
  readonly webSeeds: WebSeeds;
  readonly #context: ExchangeContext;
  readonly #owner: ExchangeOwner;
  readonly #layout: Layout;
  readonly #parts: ExchangeParts;
  readonly #background = new BackgroundTasks((fault) => this.#owner.onError(fault));
  #have: Bitfield;
  #selection: FileSelection;

  constructor(context: ExchangeContext, owner: ExchangeOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#layout = owner.layout;
    this.#have = new Bitfield(owner.layout.pieceCount);
    this.#selection = owner.selection;
    this.#parts = exchangeParts(context, owner, {
      background: this.#background,
      have: () => this.#have,
      isComplete: () => this.isComplete,
      isHiding: () => this.#isHiding,
      isGiving: () => this.#isGiving,
      onOpen: (peer, connection) => this.#greet(peer, connection),
      onMessage: (peer, connection, message) => this.#onMessage(peer, connection, message),
      onBatch: (peer, connection) => this.#onBatch(peer, connection),
      onClosed: (peer, reason) => this.#onClosed(peer, reason),
      onBlock: (peer, piece, begin, block) => this.#onBlock(peer, piece, begin, block),
      onCheckable: (pieces) => this.#canCheckNow(pieces),
      emit: (event) => this.#emit(event),
    });
    const { connections, down, up, downLimit, upLimit, picker, download, webSeeds } = this.#parts;
    this.connections = connections;
    this.down = down;
    this.up = up;
    this.downLimit = downLimit;
    this.upLimit = upLimit;
    this.picker = picker;
    this.download = download;
    this.webSeeds = webSeeds;
  }

  /** The pieces owned. */
  get have(): Bitfield {
    return this.#have;
  }

  /** Which files are wanted. */
  get selection(): FileSelection {
    return this.#selection;
  }

  /** Hides what we have from peers, where that is wanted and nothing is missing (BEP 16). */
  get #isHiding(): boolean {
    return this.#have.isFull && this.#parts.superSeeding?.isOn === true;
  }

  /** Whether newcomers are given something while they are choked (BEP 6). */
  get #isGiving(): boolean {
    return this.#owner.isActive() && this.#have.count > 0 && !this.#isHiding;
  }

  /** Whether everything that is wanted is there. */
  get isComplete(): boolean {
    return this.#selection.isComplete(this.#have);
  }

  /** What is on disk, known once it was checked. */
  async setHave(have: Bitfield): Promise<void> {
    await this.#parts.writer.addPadding(have, this.#layout);
    this.#have = have;
    await this.select(this.#selection);
  }

  /** Other files are wanted from now on. Pieces that are on their way are kept when they come. */
  async select(selection: FileSelection): Promise<void> {
    this.#selection = selection;
    const isTaken = (piece: number) => this.#isTaken(piece);
    await slices.run(this.picker.prioritySteps(selection.pieces, isTaken));
    this.#goOn();
  }

  #isTaken(piece: number): boolean {
    return this.#have.has(piece) || this.download.isActive(piece) ||
      !this.#parts.writer.canCheck(piece);
  }

  #canCheckNow(pieces: Iterable<number>): void {
    for (const piece of pieces) if (!this.#isTaken(piece)) this.picker.giveBack(piece);
    if (this.#owner.isRunning()) this.#parts.blockRequests.askAll();
  }

  #goOn(): void {
    for (const [peer, connection] of this.connections) this.#updateInterest(peer, connection);
    if (this.#owner.isRunning()) this.#parts.blockRequests.askAll();
  }

  /** A second has passed. */
  tick(now: number): void {
    this.down.tick();
    this.up.tick();
    let served = 0;
    for (const { amChoking, peerInterested } of this.connections.keys()) {
      if (!amChoking && peerInterested) served++;
    }
    this.#parts.uploads.tick(served, this.#parts.uplink().limit);
    for (const [peer, connection] of this.connections) {
      peer.tick();
      if (keepAlive(peer, connection, now, this.isComplete)) this.download.giveUpOverdue(peer, now);
      this.#parts.uploads.pump(peer, connection.writer, now);
    }
    this.webSeeds.tick(now);
    if (!this.#owner.isRunning()) return;
    if (this.#have.isFull) this.#parts.superSeeding?.tick(now);
    this.connections.dial(now);
    this.#parts.extensions.tick(now);
    this.#parts.hashes.tick(now);
    if (this.#owner.isActive()) this.#parts.unchoker.tick(now, this.isComplete);
    this.#parts.blockRequests.tick(now);
  }

  /** Lets what web seeds send go on; called more often than `tick` while a limit is set. */
  pulse(now: number): void {
    this.webSeeds.pulse(now);
  }

  /** Pieces turned out to be lost, or to be there. */
  correct(lost: readonly number[], found: readonly number[]): void {
    for (const piece of lost) this.#have.delete(piece);
    for (const piece of found) {
      this.#have.add(piece);
      this.picker.take(piece);
      this.#parts.haves.add(piece);
      this.#parts.finisher.add(this.#have, piece, piece);
    }
    if (lost.length > 0) {
      this.#context.cache.dropAll(this.#owner.store);
      tellLost(this.connections, this.#parts.uploads, new Set(lost));
    }
    this.#background.run(this.select(this.#selection));
  }

  /** Decides at once whom to unchoke: the number of upload slots has changed. */
  chokeAnew(): void {
    if (this.#owner.isActive()) this.#parts.unchoker.decide(this.#context.now(), this.isComplete);
  }

  /** Transfers stop, connections stay. */
  pause(reason = "paused"): void {
    this.#parts.unchoker.close(reason);
    for (const [peer, connection] of this.connections) {
      this.#updateInterest(peer, connection);
      this.#parts.blockRequests.cancelAll(peer, connection);
    }
    this.drop();
  }

  /** Transfers go on. */
  resume(): void {
    for (const [peer, connection] of this.connections) this.#updateInterest(peer, connection);
    this.#freeSlot();
  }

  /** Lets go of the pieces on their way. */
  drop(): void {
    this.webSeeds.stop();
    this.download.clear(this.connections.keys());
  }

  /** Closes all connections and waits for what is being written. */
  async close(reason: string): Promise<void> {
    this.drop();
    const parts = [
      this.connections.close(reason),
      this.webSeeds.close(),
      this.#parts.hashes.close(),
    ];
    await Promise.all([...parts, this.#background.settled()]);
    // Last: a piece that was being written is news, too.
    this.#parts.haves[Symbol.dispose]();
  }

  /**
   * Gives their final names to the files that became whole since the last time, or to `all` that are.
   *
   * @throws {StorageError}
   */
  async finishFiles(all = false): Promise<void> {
    if (all) await this.#parts.finisher.addAll(this.#have);
    await this.#parts.finisher.finish();
  }

  /** Whether everything that is wanted is there, under its final name. */
  get isFinished(): boolean {
    return this.isComplete && this.#parts.finisher.isIdle;
  }

  // What peers say. Synchronous: views into the receive buffer live no longer than this call.

  #onMessage(peer: Peer, connection: Connection, message: Message): void {
    switch (message.type) {
      case "piece":
        return this.#onBlock(peer, message.piece, message.begin, message.block);
      case "request":
        return this.#parts.uploads.request(peer, connection.writer, message);
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
        if (this.#owner.isActive()) this.#parts.unchoker.admit(peer, connection);
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
        return this.#parts.uploads.cancel(peer, connection.writer, message);
      case "reject":
        return this.#parts.blockRequests.rejected(peer, message.piece, message.begin);
      case "allowed-fast":
        if (message.piece < peer.pieces.length && peer.allowedFast.size < 64) {
          peer.allowedFast.add(message.piece);
        }
        return;
      case "extended":
        this.#parts.extensions.onMessage(peer, connection, message.id, message.payload);
        return message.id === 0 ? this.#show(peer) : undefined;
      case "hash-request":
      case "hashes":
      case "hash-reject":
        return this.#parts.hashes.onMessage(peer, connection, message, this.#context.now());
      case "port":
        return this.#parts.extensions.onPort(peer, message.port);
      case "keep-alive":
      case "suggest":
      case "unknown":
        return;
    }
  }

  #onBatch(peer: Peer, connection: Connection): void {
    const now = this.#context.now();
    peer.lastHeardAt = now;
    this.#parts.blockRequests.ask(peer, connection, now);
    this.#parts.uploads.pump(peer, connection.writer, now);
  }

  #onBlock(peer: Peer, piece: number, begin: number, block: Uint8Array): void {
    const now = this.#context.now();
    const outcome = this.download.accept(peer, piece, begin, block, now);
    if (outcome.kind === "invalid") throw new ProtocolError("it sent a block of the wrong length");
    if (outcome.again === "of-it") {
      this.connections.get(peer)?.writer.cancel(piece, begin, block.length);
    }
    if (outcome.kind === "unrequested" || outcome.kind === "late") return;
    this.down.add(block.length);
    this.connections.toCall.fed(now);
    if (this.download.isEndgame || outcome.again !== undefined) {
      for (const other of this.download.alsoAsked(this.webSeeds.everybody(), piece, begin)) {
        this.connections.get(other)?.writer.cancel(piece, begin, block.length);
      }
    }
    if (outcome.kind === "complete") this.#background.run(this.#finishPiece(outcome.active));
  }

  #onHave(peer: Peer, connection: Connection, piece: number): void {
    if (piece >= peer.pieces.length) throw new ProtocolError(`it has piece ${piece}, past the end`);
    if (!this.#parts.told.gain(peer, piece)) return peer.patience.inVain();
    this.#parts.uploads.onHave(piece, this.#context.now());
    if (this.#isHiding) this.#parts.superSeeding?.onHave(peer, piece, this.#context.now());
    if (!peer.amInterested && !this.#have.has(piece) && this.#selection.wants(piece)) {
      this.#updateInterest(peer, connection);
    }
  }

  #onPieces(peer: Peer, connection: Connection, pieces: Bitfield): void {
    // BEP 3: only as the first message after the handshake. aria2 sends one later in place of many
    // HAVEs, so what is new in it counts as such.
    if (peer.announcedPieces || peer.pieces.count > 0) {
      peer.patience.repeated({ hasAll: pieces.isFull, hasNone: pieces.count === 0 });
      if (pieces.countWithout(peer.pieces) <= MANY_HAVES) {
        for (const piece of peer.pieces.lacking(pieces)) this.#onHave(peer, connection, piece);
        return;
      }
      this.#parts.told.again(peer, pieces);
      if (this.#isHiding) this.#parts.superSeeding?.onPiecesAgain(peer, this.#context.now());
      return this.#updateInterest(peer, connection);
    }
    this.#parts.told.begin(peer, pieces);
    if (this.#isHiding) this.#parts.superSeeding?.onPieces(peer);
    this.#updateInterest(peer, connection);
    if (peer.fast) this.#background.run(this.#parts.allowedFast.offer(peer, connection));
  }

  // What is done with it.

  async #finishPiece(active: ActivePiece<Peer>): Promise<void> {
    try {
      if (!await this.#parts.writer.keep(active.piece, active.bytes)) {
        return this.#pieceFailed(active);
      }
    } catch (error) {
      this.download.abandon(active);
      return this.#owner.onError(error);
    }
    this.#pieceVerified(active);
  }

  #pieceVerified(active: ActivePiece<Peer>): void {
    const { piece, bytes } = active;
    const from = active.senders[active.senders.length - 1];
    this.#parts.smartBan.verified(active);
    this.#have.add(piece);
    let wantedByOthers = false;
    for (const [peer, connection] of this.connections) {
      if (peer.amInterested) this.#updateInterest(peer, connection);
      wantedByOthers ||= peer.peerInterested && !peer.pieces.has(piece);
    }
    this.#parts.haves.add(piece);
    // Those who have everything know by this that they are done with us.
    if (this.isComplete) this.#parts.haves[Symbol.dispose]();
    this.#context.buffers.settle(bytes);
    if (!wantedByOthers || !this.#parts.uploads.keep(piece, bytes)) {
      this.#context.buffers.recycle(bytes);
    }
    // The budget has room again: requests may have dried up for want of it.
    this.#parts.blockRequests.askAll();
    const hash = this.#parts.writer.hashes(piece);
    if (from !== undefined) this.#emit({ event: "piece-verified", piece, hash, ...about(from) });
    this.#parts.finisher.add(this.#have, piece, piece);
    this.#owner.onVerified();
  }

  #pieceFailed(active: ActivePiece<Peer>): void {
    this.#parts.smartBan.failed(active);
    this.#parts.blockRequests.askAll();
  }

  #freeSlot(): void {
    if (this.#owner.isActive()) this.#parts.unchoker.release(this.#context.now(), this.isComplete);
  }

  #updateInterest(peer: Peer, connection: Connection): void {
    const interested = this.#owner.isActive() &&
      isInteresting(peer.pieces, this.#have, this.#selection.wanted);
    if (interested === peer.amInterested) return;
    peer.amInterested = interested;
    if (interested) connection.writer.interested();
    else connection.writer.notInterested();
  }

  #onClosed(peer: Peer, reason: string): void {
    this.#parts.blockRequests.left(peer);
    this.#context.downRoundRobin.leave(peer);
    this.#parts.hashes.forget(peer);
    this.#parts.uploads.forget(peer);
    this.#parts.superSeeding?.onLeft(peer);
    this.#parts.told.leave(peer);
    if (peer.wasShown) this.#emit({ event: "peer-disconnected", reason, ...about(peer) });
    if (!this.#owner.isRunning()) return;
    if (!peer.amChoking) this.#freeSlot();
    this.#parts.blockRequests.askAll();
  }

  #greet(peer: Peer, { writer }: Connection): void {
    this.#parts.blockRequests.welcome(peer);
    sayPieces(peer, writer, this.#have, this.#isHiding);
    this.#parts.extensions.greet(peer, writer);
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
