/**
 * Upload queue: the blocks that peers have requested, served with one write for many.
 *
 * @module
 */
import type { CrowdRules, TellRule } from "../crowd_rules.ts";
import { MAX_UPLOAD_QUEUE } from "../options.ts";
import type { MessageWriter } from "../../protocol/message_writer.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { BLOCK_LENGTH, type Layout } from "../../protocol/piece_layout.ts";
import { FirstCopies } from "./first_copies.ts";
import { PieceTurns } from "./piece_turns.ts";
import { spendGrant } from "./allowed_fast_quota.ts";
import { type Peer, placeOf, type UploadRequest } from "../peers/peer.ts";
import type { Limit } from "../rate/rate_limit.ts";
import type { RateMeter } from "../rate/rate_meter.ts";
import type { RoundRobin, Served } from "../rate/round_robin.ts";
import { SLICE_LENGTH, sliceKey, sliceOf } from "./upload_slice.ts";
import type { PieceStore } from "../ports.ts";
import type { PieceCache } from "./piece_cache.ts";

/** Bytes encoded ahead of the socket: one write of up to this many. */
const CORK = 1 << 18;
/** What is left of the highest rate after a second. */
const PEAK_KEPT = 0.98;

/** One torrent's serving side. */
export class UploadQueue {
  readonly #store: PieceStore;
  readonly #layout: Layout;
  readonly #cache: PieceCache;
  readonly #limit: Limit;
  readonly #turns: RoundRobin<Peer>;
  readonly #meter: RateMeter;
  readonly #owns: (piece: number) => boolean;
  readonly #isGiving: () => boolean;
  readonly #onError: (error: unknown) => void;
  readonly #firstCopies: FirstCopies<Peer>;
  readonly #pieceTurns: PieceTurns<Peer> | undefined;
  readonly #waiting = new Set<Peer>();
  /** The highest rate of late, bytes per second. */
  #peak = 0;

  /**
   * @param options.turns who waits for the limit that all torrents share
   * @param options.meter counts what is sent in all
   * @param options.isGiving whether choked newcomers are given anything (BEP 6)
   * @param options.isOnlyHere whether others want a piece and none of them has it
   * @param options.onError a piece could not be read, or there is a bug; must not throw
   */
  constructor(options: {
    store: PieceStore;
    layout: Layout;
    cache: PieceCache;
    limit: Limit;
    turns: RoundRobin<Peer>;
    rules: CrowdRules;
    tell: TellRule;
    meter: RateMeter;
    owns: (piece: number) => boolean;
    isGiving: () => boolean;
    isOnlyHere: (piece: number) => boolean;
    onError: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#layout = options.layout;
    this.#cache = options.cache;
    this.#limit = options.limit;
    this.#turns = options.turns;
    this.#meter = options.meter;
    this.#owns = options.owns;
    this.#isGiving = options.isGiving;
    this.#firstCopies = new FirstCopies(
      options.rules.has("first-copies") ? options.isOnlyHere : () => false,
    );
    const { tell } = options;
    this.#firstCopies.onDecision = (decision) => tell({ rule: "first-copies", ...decision });
    if (options.rules.has("piece-turns")) {
      this.#pieceTurns = new PieceTurns();
      this.#pieceTurns.onDecision = (waiting) => tell({ rule: "piece-turns", waiting });
    }
    this.#onError = options.onError;
  }

  /**
   * A second has passed.
   *
   * @param served peers that are given to
   * @param limit bytes per second; 0 for none
   */
  tick(served: number, limit: number): void {
    // Little is given where little is wanted, too: the line is what it was seen to take.
    this.#peak = Math.max(this.#meter.rate, PEAK_KEPT * this.#peak);
    const rate = limit > 0 ? limit : this.#peak;
    this.#firstCopies.tick(rate === 0 ? 0 : 1000 * served * this.#layout.pieceLength / rate);
  }

  /** A piece was verified that others wait for: its buffer serves them, where it is small enough. */
  keep(piece: number, bytes: Uint8Array): boolean {
    if (bytes.length > SLICE_LENGTH + BLOCK_LENGTH) return false;
    this.#cache.put(this.#store, sliceKey(piece, 0), bytes);
    return true;
  }

  /**
   * A peer asks for a block.
   *
   * @throws {ProtocolError} where it does not exist or is larger than all clients' blocks, or where
   * it goes on asking for what it does not get
   */
  request(peer: Peer, writer: MessageWriter, request: UploadRequest): void {
    const { piece, begin, length } = request;
    if (!this.#layout.contains(piece, begin, length)) {
      throw new ProtocolError(`it requested bytes past the end (piece ${piece})`);
    }
    if (length > BLOCK_LENGTH) throw new ProtocolError(`it requested a block of ${length} bytes`);
    if (
      this.#owns(piece) && peer.uploads.length < MAX_UPLOAD_QUEUE &&
      (!peer.amChoking || this.#isGiving() && spendGrant(peer, piece, length))
    ) {
      // Whoever is kept waiting takes its request for lost, and says it again.
      const isAgain = this.#firstCopies.isUnderWay(piece) && placeOf(peer, request) >= 0;
      if (!isAgain) peer.uploads.push({ piece, begin, length });
      return;
    }
    peer.patience.inVain();
    // Without BEP 6 silence is the only way to say no.
    if (peer.fast) writer.reject(piece, begin, length);
  }

  /** It no longer wants a block. BEP 6: it still hears what became of it. */
  cancel(peer: Peer, writer: MessageWriter, request: UploadRequest): void {
    const { piece, begin, length } = request;
    const at = placeOf(peer, request);
    if (at < 0) return peer.patience.inVain();
    peer.uploads.splice(at, 1);
    if (peer.fast) writer.reject(piece, begin, length);
  }

  /** These pieces are not given any more: what waits of them is refused. */
  refuse(peer: Peer, writer: MessageWriter, pieces: ReadonlySet<number>): void {
    for (const request of peer.uploads.splice(0)) {
      const { piece, begin, length } = request;
      if (!pieces.has(piece)) peer.uploads.push(request);
      else if (peer.fast) writer.reject(piece, begin, length);
    }
  }

  /** A peer has a piece now (ms): others may get it from there. */
  onHave(piece: number, now: number): void {
    this.#firstCopies.onHave(piece, now);
  }

  /** It went: nothing of what it asked for is sent. */
  forget(peer: Peer): void {
    peer.uploads.length = 0;
    this.#turns.leave(peer);
    this.#firstCopies.onLeft(peer);
  }

  /** It was choked: of what waits, only what it may have all the same (BEP 6) will be sent. */
  refuseAll(peer: Peer, writer: MessageWriter): void {
    this.#firstCopies.onLeft(peer);
    for (const request of peer.uploads.splice(0)) {
      const { piece, begin, length } = request;
      if (this.#isGiving() && spendGrant(peer, piece, length)) peer.uploads.push(request);
      else if (peer.fast) writer.reject(piece, begin, length);
    }
  }

  /**
   * Encodes as many of a peer's requested blocks as the cork and the rate limit take: under a limit
   * in turn with all who wait. Goes on by itself when a piece had to be read first; is to be called
   * again when output has drained.
   */
  pump(peer: Peer, writer: MessageWriter, now: number): void {
    if (this.#waiting.has(peer) || peer.uploads.length === 0) return;
    if (this.#limit.available(now) === Infinity) return this.#send(peer, writer, now, Infinity);
    this.#turns.queue(peer, (now) => this.#takeSafely(peer, writer, now));
    this.#turns.run(now);
  }

  /** Whose turn it is may be found out by another torrent: a fault is ours all the same. */
  #takeSafely(peer: Peer, writer: MessageWriter, now: number): Served {
    try {
      return this.#take(peer, writer, now);
    } catch (fault) {
      this.#onError(fault);
      return "done";
    }
  }

  /** A turn under a rate limit: one block. */
  #take(peer: Peer, writer: MessageWriter, now: number): Served {
    const isFree = ({ piece }: UploadRequest) => !this.#firstCopies.isHeld(piece, peer, now);
    const next = () =>
      this.#waiting.has(peer) || writer.length >= CORK ? undefined : peer.uploads.find(isFree);
    if (next() === undefined) return "done";
    const budget = this.#limit.available(now);
    if (budget <= 0) return "later";
    this.#send(peer, writer, now, budget === Infinity ? Infinity : 1);
    const after = next();
    if (after === undefined) return "done";
    const goesOn = this.#pieceTurns?.goesOn(peer, after.piece, this.#turns.size + 1, now);
    return goesOn ? "on" : "more";
  }

  /** @param most blocks */
  #send(peer: Peer, writer: MessageWriter, now: number, most: number): void {
    let sent = 0;
    let done = 0;
    const held: UploadRequest[] = [];
    for (
      ;
      done < peer.uploads.length && writer.length < CORK && done - held.length < most;
      done++
    ) {
      const request = peer.uploads[done]!;
      const { piece, begin, length } = request;
      if (this.#firstCopies.isHeld(piece, peer, now)) {
        held.push(request);
        continue;
      }
      const bytes = this.#cache.get(this.#store, sliceKey(piece, begin));
      if (bytes === undefined) {
        this.#load(peer, writer, piece, begin);
        break;
      }
      this.#firstCopies.onSent(piece, peer, now);
      this.#pieceTurns?.onSent(peer, piece, now);
      writer.piece(piece, begin, blockOf(bytes, begin % SLICE_LENGTH, length));
      sent += length;
    }
    peer.uploads.splice(0, done, ...held);
    if (sent === 0) return;
    this.#limit.spend(sent);
    this.#meter.add(sent);
    peer.up.add(sent);
    peer.lastSaidAt = now;
    peer.usedAt = now;
    peer.slotUsedAt = now;
    peer.idleTurns = 0;
    this.#readAhead(peer);
  }

  /** The next other slice that a peer waits for is read while this one is sent. */
  #readAhead(peer: Peer): void {
    const [first] = peer.uploads;
    if (first === undefined) return;
    const now = sliceKey(first.piece, first.begin);
    const next = peer.uploads.find(({ piece, begin }) => sliceKey(piece, begin) !== now) ?? first;
    if (this.#cache.get(this.#store, sliceKey(next.piece, next.begin)) !== undefined) return;
    void this.#read(next.piece, next.begin).catch(this.#onError);
  }

  #read(piece: number, begin: number): Promise<void> {
    const slice = sliceOf(this.#layout, piece, begin);
    const offset = this.#layout.pieceOffset(piece) + slice.begin;
    return this.#cache.load(this.#store, slice.key, offset, slice.length);
  }

  #load(peer: Peer, writer: MessageWriter, piece: number, begin: number): void {
    this.#waiting.add(peer);
    this.#read(piece, begin)
      .then(() => {
        this.#waiting.delete(peer);
        this.pump(peer, writer, peer.lastHeardAt);
      }, (error) => {
        this.#waiting.delete(peer);
        this.#onError(error);
        this.refuseAll(peer, writer);
      })
      .catch(this.#onError);
  }
}

/** A block of a slice; zeros for the gap behind a v2 file (`Layout.contains`). */
function blockOf(slice: Uint8Array, begin: number, length: number): Uint8Array {
  const block = slice.subarray(begin, begin + length);
  if (block.length === length) return block;
  const whole = new Uint8Array(length);
  whole.set(block);
  return whole;
}
