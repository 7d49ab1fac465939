/**
 * Block selection for one torrent: which blocks to request from which peer (strict priority, Cohen
 * 2003), and what becomes of the blocks that arrive.
 *
 * What it weighs, in this order (check all when changing one):
 *
 * 1. a peer goes on with the piece it works on, so that whole pieces come from few peers;
 * 2. pieces already begun are finished before new ones are (fewer half-done pieces, less memory);
 * 3. then the picker's choice, as long as the memory budget lasts;
 * 4. a piece whose hash failed is fetched from one peer alone, to find out who lies;
 * 5. what only seeds have is what seeds are asked for (`seed_sparing.ts`);
 * 6. when nothing is left to ask a peer for, it may give what waits at others (`endgame.ts`); at most
 *    two peers are asked for one block.
 *
 * @module
 */
import type { BeginReason } from "../ports.ts";
import { BLOCK_LENGTH, type Layout } from "../../protocol/piece_layout.ts";
import { ActivePiece } from "../pieces/active_piece.ts";
import type { BufferPool } from "../pieces/buffer_pool.ts";
import type { DownlinkQueue } from "./downlink_queue.ts";
import type { SeedSparing } from "./seed_sparing.ts";
import { isToBeProbed, overdueOf } from "./overdue_requests.ts";
import { type OutstandingRequest, type Peer, requestKey } from "../peers/peer.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";
import { EndgamePlan, type Reassignment } from "./endgame.ts";
import { type FailedPiece, FailedPieces } from "./failed_pieces.ts";

/**
 * What became of a block: `late` ones were cancelled or given to somebody else and still came.
 * `again`: it was given up and asked for once more, which is to be cancelled.
 */
export type BlockOutcome =
  & { readonly again?: "of-it" | "of-others" | undefined }
  & (
    | { readonly kind: "accepted" | "late" | "unrequested" | "invalid" }
    | { readonly kind: "complete"; readonly active: ActivePiece<Peer> }
  );

/** Blocks of one piece that waited at a peer. */
export interface RelievedBlocks {
  readonly from: Peer;
  readonly piece: number;
  readonly how: Reassignment["how"];
  blocks: number;
}

/** Bytes of small neighbouring pieces that a fast peer gives one after the other. */
const RUN_BYTES = 512 * 1024;
/**
 * Bytes per second of a fast peer: a run is with us in a fifth of a second. Of slower ones pieces stay
 * as random as they can be, since peers would wait to pass them on.
 */
const RUN_RATE = 5 * RUN_BYTES;

const NOBODY: readonly Peer[] = [];

/** All pieces on their way of one torrent. */
export class Download {
  readonly picker: PiecePicker;
  /** The other peers; undefined: each is asked as if it were alone. */
  company: SeedSparing | undefined;
  /** What waits before our own line; undefined: it is never full. */
  downlink: DownlinkQueue | undefined;
  readonly #layout: Layout;
  readonly #buffers: BufferPool;
  readonly #active = new Map<number, ActivePiece<Peer>>();
  /** Those with blocks that nobody was asked for. */
  readonly #open = new Set<ActivePiece<Peer>>();
  /** Pieces of which a block was asked for twice, of whomever, or given up: it may come twice. */
  readonly #twice = new Set<number>();
  readonly #smartBan = new FailedPieces();
  readonly #relief: EndgamePlan;
  /** There was no memory for another piece. */
  #isShort = false;
  /** Bytes that came twice or failed. */
  wasted = 0;
  /** Told of each piece that is begun with a peer, and why. */
  onBegin: ((peer: Peer, piece: number, why: BeginReason) => void) | undefined;
  /** Told of blocks in a row that a peer is to give in another's place, or is asked for as well. */
  onRelief: ((peer: Peer, run: RelievedBlocks) => void) | undefined;

  constructor(layout: Layout, picker: PiecePicker, buffers: BufferPool) {
    this.#layout = layout;
    this.picker = picker;
    this.#buffers = buffers;
    this.#relief = new EndgamePlan(layout.totalSize);
  }

  /** Whether a piece is on its way: being fetched, hashed or written. */
  isActive(piece: number): boolean {
    return this.#active.has(piece);
  }

  /** Whether one of the pieces from `from` up to `to` is. */
  isAnyActive(from: number, to: number): boolean {
    for (const piece of this.#active.keys()) if (piece >= from && piece < to) return true;
    return false;
  }

  /** Whether a piece was begun and nobody was asked for some of it. */
  isOpen(piece: number): boolean {
    return (this.#active.get(piece)?.free ?? 0) > 0;
  }

  /** Whether there is anything that nobody was asked for. */
  get #hasFree(): boolean {
    return this.picker.candidates > 0 || this.#open.size > 0;
  }

  /** Whether everything still missing has been asked for. */
  get isEndgame(): boolean {
    return !this.#hasFree && this.#active.size > 0;
  }

  /** How many more blocks to ask a peer for: its window, and what our line takes. */
  roomFor(peer: Peer): number {
    const { room } = peer;
    return room <= 0 || this.downlink === undefined
      ? room
      : Math.min(room, this.downlink.roomFor(peer));
  }

  /**
   * Asks a peer for up to `room` blocks; how many were asked for.
   *
   * @param request says it on the wire: piece, begin and length in bytes
   */
  assign(
    peer: Peer,
    room: number,
    now: number,
    request: (piece: number, begin: number, length: number) => void,
  ): number {
    let asked = 0;
    // Whoever is idle near the end is asked again and again.
    if (!this.#hasFree) return asked;
    while (asked < room) {
      const active = this.#workFor(peer);
      if (active === undefined) break;
      for (let block; asked < room && (block = active.reserve()) !== undefined; asked++) {
        this.#ask(peer, active, block, now, request);
      }
      if (active.free === 0) this.#open.delete(active);
    }
    return asked;
  }

  /**
   * Asks a peer for whole pieces from `first` on that nobody fetches, up to `maxBytes` but at least
   * one; how many blocks were asked for. For web seeds: one request for all of them.
   */
  assignRun(
    peer: Peer,
    first: number,
    maxBytes: number,
    now: number,
    request: (piece: number, begin: number, length: number) => void,
  ): number {
    let asked = 0;
    let bytes = 0;
    for (let piece = first; piece < this.picker.pieceCount && bytes < maxBytes; piece++) {
      if (!this.picker.isCandidate(piece) || !peer.pieces.has(piece)) break;
      const active = this.#beginPiece(piece, peer, "gap");
      if (active === undefined) break;
      for (let block; (block = active.reserve()) !== undefined; asked++) {
        this.#ask(peer, active, block, now, request);
      }
      this.#open.delete(active);
      bytes += active.bytes.length;
    }
    return asked;
  }

  /**
   * Looks for up to `room` blocks that `peer` should give in place of others; how many it was asked
   * for at once.
   *
   * @param others all peers of the torrent
   * @param cancel tells another not to send a block; its refusal (`rejected`) makes `peer` the heir.
   * Without it nothing is withdrawn
   */
  relieve(
    peer: Peer,
    others: Iterable<Peer>,
    room: number,
    now: number,
    request: (piece: number, begin: number, length: number) => void,
    cancel?: (from: Peer, piece: number, begin: number, length: number) => void,
  ): number {
    let asked = 0;
    let run: RelievedBlocks | undefined;
    const { isEndgame } = this;
    const wait = this.downlink?.waitFor(peer) ?? 0;
    const facts = { room, now, wait, isEndgame, mayWithdraw: cancel !== undefined };
    for (const { from, asked: theirs, how } of this.#relief.of(peer, others, facts)) {
      const { active, block } = theirs;
      if (how === "withdraw") {
        theirs.cancelledAt = now;
        theirs.reassignTo = peer;
        cancel!(from, active.piece, block * BLOCK_LENGTH, active.blockSize(block));
      } else if (active.double(block)) {
        this.#twice.add(active.piece);
        this.#ask(peer, active, block, now, request);
        asked++;
      } else continue;
      const { piece } = active;
      if (run?.from === from && run.piece === piece && run.how === how) run.blocks++;
      else {
        if (run !== undefined) this.onRelief?.(peer, run);
        run = { from, piece, how, blocks: 1 };
      }
    }
    if (run !== undefined) this.onRelief?.(peer, run);
    return asked;
  }

  /** A block came from a peer. Copies it. */
  accept(peer: Peer, piece: number, begin: number, data: Uint8Array, now: number): BlockOutcome {
    const block = begin / BLOCK_LENGTH;
    const key = requestKey(piece, block);
    this.downlink?.came(data.length);
    const late = peer.overdue.get(key);
    const asked = peer.requests.get(key) ?? late;
    peer.patience.came();
    // A `begin` past the piece's end may make the key of another piece's block.
    if (asked === undefined || asked.active.piece !== piece) {
      this.wasted += data.length;
      return { kind: "unrequested" };
    }
    this.#strike(peer, key);
    peer.overdue.delete(key);
    const { active } = asked;
    const again = late !== undefined && asked !== late
      ? "of-it"
      : late !== undefined || active.wasGivenUp
      ? "of-others"
      : undefined;
    if (asked === late && !asked.released) peer.answers.wasSlow();
    if (this.#active.get(piece) !== active) {
      this.wasted += data.length;
      return { kind: "late", again };
    }
    const outcome = active.accept(begin, data, peer);
    if (outcome === "duplicate") {
      this.wasted += data.length;
      peer.onBlock(data.length, asked, now);
      return { kind: "late", again };
    }
    if (outcome === "invalid") {
      if (!asked.released && asked !== late) this.#release(active, block);
      return { kind: "invalid" };
    }
    if (active.free === 0) this.#open.delete(active);
    peer.onBlock(data.length, asked, now);
    return outcome === "complete"
      ? { kind: "complete", active, again }
      : { kind: "accepted", again };
  }

  /** Others that were asked for a block that just came, given up or not: they should be told to cancel. */
  alsoAsked(others: Iterable<Peer>, piece: number, begin: number): Iterable<Peer> {
    return this.#twice.has(piece) ? this.#alsoAsked(others, piece, begin) : NOBODY;
  }

  *#alsoAsked(others: Iterable<Peer>, piece: number, begin: number): Generator<Peer> {
    const key = requestKey(piece, begin / BLOCK_LENGTH);
    for (const other of others) {
      const asked = other.requests.get(key);
      if (asked !== undefined && !asked.released) {
        asked.released = true;
        // Who does not speak BEP 6 will not say that it heard.
        if (!other.fast) this.#putOff(other, key, asked);
        yield other;
        continue;
      }
      const late = other.overdue.get(key);
      if (late === undefined || late.released) continue;
      late.released = true;
      yield other;
    }
  }

  /**
   * A peer refused one block (BEP 6).
   *
   * @returns who was meant to give it instead (`relieve`)
   */
  rejected(peer: Peer, piece: number, begin: number): Peer | undefined {
    const key = requestKey(piece, begin / BLOCK_LENGTH);
    const asked = peer.requests.get(key);
    if (asked === undefined) return void peer.overdue.delete(key);
    this.#strike(peer, key);
    if (!asked.released) this.#release(asked.active, asked.block);
    // What a choked peer is let ask for is refused once it had enough of it.
    if (peer.peerChoking) peer.allowedFast.delete(piece);
    else if (asked.cancelledAt === undefined && !asked.released) {
      peer.answers.refused(asked, peer.requests.size === 0);
      this.#endParole(peer, asked.active);
    }
    return asked.reassignTo;
  }

  /** Asks a peer for one block, where nobody else was asked for it; whether it was. */
  askFor(
    peer: Peer,
    piece: number,
    begin: number,
    now: number,
    request: (piece: number, begin: number, length: number) => void,
  ): boolean {
    const active = this.#active.get(piece);
    const block = begin / BLOCK_LENGTH;
    if (active === undefined || peer.peerChoking || !active.claim(block)) return false;
    this.#ask(peer, active, block, now, request, true);
    if (active.free === 0) this.#open.delete(active);
    return true;
  }

  /**
   * A peer will not deliver anything of what it was asked for: it went or, where some of it may be
   * `underWay` all the same, it chokes us.
   *
   * @returns bytes that it was asked for
   */
  releaseAll(peer: Peer, underWay = false): number {
    let bytes = 0;
    for (const [key, asked] of peer.requests) {
      bytes += asked.active.blockSize(asked.block);
      if (!asked.released) this.#release(asked.active, asked.block);
      asked.released = true;
      if (underWay) peer.overdue.set(key, asked);
    }
    this.downlink?.strike(peer, peer.requests.size);
    peer.requests.clear();
    if (!underWay) {
      peer.overdue.clear();
      this.#relief.forget(peer);
    }
    this.#endParole(peer);
    return bytes;
  }

  /**
   * Gives up what a peer was asked for and did not answer in time: it is asked again, of others or of
   * the same one. Whether there was any.
   */
  giveUpOverdue(peer: Peer, now: number): boolean {
    for (const [key, { active }] of peer.overdue) {
      if (this.#active.get(active.piece) !== active) peer.overdue.delete(key);
    }
    const wait = this.downlink?.waitFor(peer) ?? 0;
    const found = overdueOf(peer, now, { isReplaced: this.#isReplaced(peer), wait });
    for (const [key, asked] of found) {
      if (!asked.released) this.#release(asked.active, asked.block);
      asked.active.wasGivenUp = true;
      this.#twice.add(asked.active.piece);
      this.#putOff(peer, key, asked);
      this.#endParole(peer, asked.active);
    }
    if (peer.snubbed) peer.current = undefined;
    return found.length > 0;
  }

  /**
   * Asks a peer that is silent for one block more than it should have, a newcomer for a piece more:
   * where it answers that, what was before it is lost. Whether it was asked.
   */
  probe(
    peer: Peer,
    now: number,
    request: (piece: number, begin: number, length: number) => void,
  ): boolean {
    const { requests } = peer;
    const wait = this.downlink?.waitFor(peer);
    if (!isToBeProbed(peer, now, this.isEndgame, wait)) return false;
    const more = peer.isProven ? 1 : Math.max(1, Math.min(peer.credit, peer.window.size));
    if (this.assign(peer, more, now, request) > 0) return true;
    // Nothing is left but what it was asked for: of that the last one.
    const [key, last] = [...requests].at(-1)!;
    if (last.released || last.cancelledAt !== undefined) return false;
    this.#twice.add(last.active.piece);
    this.#putOff(peer, key, last);
    this.#ask(peer, last.active, last.block, now, request, last.wasReassigned);
    return true;
  }

  /**
   * Lets go of pieces that were begun and that nobody here can go on with, where they take the memory
   * that others need; whether there were any.
   */
  makeRoom(peers: Iterable<Peer>): boolean {
    if (!this.#isShort) return false;
    this.#isShort = false;
    const all = [...peers];
    if (all.some(({ requests }) => requests.size > 0)) return false;
    let found = false;
    for (const active of this.#open) {
      if (all.some((peer) => mayGive(peer, active.piece))) continue;
      this.wasted += active.senders.filter((sender) => sender !== undefined).length * BLOCK_LENGTH;
      this.abandon(active);
      found = true;
    }
    return found;
  }

  /**
   * The piece is right and written.
   *
   * @returns peers whose blocks of an earlier, failed attempt were wrong: proven liars
   */
  verified(active: ActivePiece<Peer>): ReadonlyMap<Peer, number> {
    this.#active.delete(active.piece);
    this.#twice.delete(active.piece);
    return this.#smartBan.verified(active);
  }

  /**
   * The piece failed its hash and will be fetched again.
   *
   * @returns everybody who sent some of it: one alone is proven to lie
   */
  failed(active: ActivePiece<Peer>): Set<Peer> {
    this.wasted += active.bytes.length;
    this.#smartBan.failed(active);
    this.abandon(active);
    return new Set(active.senders.filter((sender) => sender !== undefined));
  }

  /** What came of a piece when it failed, from whom. */
  attempts(piece: number): readonly FailedPiece[] {
    return this.#smartBan.attempts(piece);
  }

  /** A piece could not be kept (disk): it is to be fetched again. */
  abandon(active: ActivePiece<Peer>): void {
    this.#active.delete(active.piece);
    this.#open.delete(active);
    this.#buffers.giveBack(active.bytes);
    this.picker.giveBack(active.piece);
  }

  /** The download stops: all pieces on their way that are not complete are dropped. */
  clear(peers: Iterable<Peer>): void {
    for (const peer of peers) this.releaseAll(peer);
    for (const active of this.#active.values()) if (active.missing > 0) this.abandon(active);
  }

  #workFor(peer: Peer): ActivePiece<Peer> | undefined {
    // Where there is no memory for a new piece, an old one is finished.
    return this.#isScarce(peer) && this.#choose(peer, true) || this.#choose(peer, false);
  }

  /** @param isScarce what leechers have is passed over */
  #choose(peer: Peer, isScarce: boolean): ActivePiece<Peer> | undefined {
    const may = (piece: number) => mayGive(peer, piece);
    let begun: ActivePiece<Peer> | undefined;
    for (const active of this.#open) {
      const { parole, piece } = active;
      if (!may(piece)) continue;
      if (isScarce && this.picker.copies(piece) > 0) continue;
      // Whose piece it is alone gives it, whoever else has it: the others are not asked.
      if (parole !== peer) {
        if (parole !== undefined && mayGoOn(parole, piece)) continue;
        if (this.company?.spares(peer, piece)) continue;
        if (peer.snubbed && this.#isReplaced(peer, piece)) continue;
      }
      if (active === peer.current) return active;
      if (begun === undefined || active.missing < begun.missing) begun = active;
    }
    if (!this.#isOnParole(peer)) return begun ?? this.#begin(peer, may);
    // What others left behind comes last: nothing else may be missing.
    const own = this.#begin(peer, may) ?? begun;
    if (own !== undefined) own.parole = peer;
    return own;
  }

  /** Whether a seed has pieces that no leecher has: what others have is then asked of others. */
  #isScarce(peer: Peer): boolean {
    if (!peer.countedAsSeed || !this.company?.isOn) return false;
    const rarest = this.picker.rarest();
    return rarest !== undefined && this.picker.copies(rarest) === 0;
  }

  /** Whether every piece was begun, and others give what a peer was asked for. */
  #isReplaced(peer: Peer, piece?: number): boolean {
    if (this.picker.candidates > 0 || this.company === undefined) return false;
    const [asked] = peer.requests.values();
    const any = piece ?? asked?.active.piece;
    return any !== undefined && this.company.replaces(peer, any);
  }

  #begin(peer: Peer, may: (piece: number) => boolean): ActivePiece<Peer> | undefined {
    const piece = peer.peerChoking
      ? [...peer.allowedFast].find((piece) => this.picker.isCandidate(piece) && may(piece))
      : this.picker.pick(peer.pieces, this.#runFor(peer), peer.current?.piece);
    if (piece === undefined || this.company?.spares(peer, piece)) return undefined;
    return this.#beginPiece(piece, peer);
  }

  /** How many small pieces in a row a peer gives: as long as that takes it no time. */
  #runFor(peer: Peer): number {
    return peer.recentRate < RUN_RATE
      ? 1
      : Math.max(1, Math.floor(RUN_BYTES / this.#layout.pieceLength));
  }

  /** Opens a piece for a peer; undefined where there is no memory for it. */
  #beginPiece(
    piece: number,
    peer: Peer,
    why: BeginReason = this.#reasonFor(peer, piece),
  ): ActivePiece<Peer> | undefined {
    const bytes = this.#buffers.lend(this.#layout.pieceSize(piece), this.#active.size === 0);
    if (bytes === undefined) {
      this.#isShort = true;
      return undefined;
    }
    const active = new ActivePiece<Peer>(piece, bytes, this.#layout.contentSize(piece));
    if (this.#smartBan.has(piece)) active.parole = peer;
    this.onBegin?.(peer, piece, why);
    this.picker.take(piece);
    this.#active.set(piece, active);
    this.#open.add(active);
    peer.current = active;
    return active;
  }

  /** Where many pieces were wrong, whoever is not proven shares none: whose fault it is then shows. */
  #isOnParole({ isProven }: Peer): boolean {
    return !isProven && this.#smartBan.isBusy;
  }

  #reasonFor(peer: Peer, piece: number): BeginReason {
    if (peer.peerChoking) return "allowed-fast";
    if (this.#smartBan.has(piece)) return "retry";
    return this.picker.sequential ? "in-order" : "rarest";
  }

  #ask(
    peer: Peer,
    active: ActivePiece<Peer>,
    block: number,
    now: number,
    request: (piece: number, begin: number, length: number) => void,
    wasReassigned = false,
  ): void {
    const { requests, answers } = peer;
    const key = requestKey(active.piece, block);
    // Where it still owes the same block of a piece that failed, this is the last that it was asked for.
    this.#strike(peer, key);
    // It was not silent while it had nothing to answer.
    if (requests.size === 0) peer.lastBlockAt = now;
    const place = { at: now, turn: answers.nextTurn(), ahead: requests.size };
    requests.set(key, { active, block, ...place, released: false, wasReassigned });
    this.downlink?.add(peer);
    peer.patience.asked();
    request(active.piece, block * BLOCK_LENGTH, active.blockSize(block));
  }

  #release(active: ActivePiece<Peer>, block: number): void {
    if (this.#active.get(active.piece) !== active) return;
    active.release(block);
    if (active.free > 0) this.#open.add(active);
  }

  /** It is no longer what a peer was asked for. */
  #strike(peer: Peer, key: number): void {
    if (peer.requests.delete(key)) this.downlink?.strike(peer, 1);
  }

  /** It is not waited for any more; where it comes all the same, it counts. */
  #putOff(peer: Peer, key: number, asked: OutstandingRequest): void {
    this.#strike(peer, key);
    peer.overdue.set(key, asked);
  }

  /** Others may be asked for the piece, too; for all that a peer was to give alone by default. */
  #endParole(peer: Peer, only?: ActivePiece<Peer>): void {
    for (const active of only === undefined ? this.#active.values() : [only]) {
      if (active.parole === peer) active.parole = undefined;
    }
    if (only === undefined) peer.current = undefined;
  }
}

/** Whether a peer could be asked for a piece now. */
function mayGive(peer: Peer, piece: number): boolean {
  return peer.pieces.has(piece) && (!peer.peerChoking || peer.allowedFast.has(piece));
}

/** Whether a peer may be asked for the rest of a piece that is kept for it. */
function mayGoOn(peer: Peer, piece: number): boolean {
  return peer.credit > 0 && mayGive(peer, piece);
}
