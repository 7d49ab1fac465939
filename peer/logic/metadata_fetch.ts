/**
 * Which piece of an unknown torrent's info dictionary to ask whom for (BEP 9), and who lied.
 *
 * What is weighed:
 * - its size is only what peers say: the size that most of them say is tried, up to 8 MiB;
 * - nothing is allocated before the first piece was asked for;
 * - one silent peer must not hold everything up: after two seconds others are asked, too;
 * - only the whole can be verified: when it is wrong and several peers sent parts of it, it is
 *   fetched anew from one peer at a time, until it is clear who lied.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { MAX_METADATA_SIZE, METADATA_PIECE_LENGTH } from "../../protocol/extended.ts";

/** Requests out to one peer at once. */
const MAX_OUTSTANDING = 4;
/** ms until another peer is asked for the same piece, and until a request is given up. */
const IMPATIENCE_MS = 2_000;
const GIVE_UP_MS = 15_000;
/** ms that a peer is left alone after it refused or was silent. */
const REST_MS = 10_000;

/** What a peer says of itself, and what it was asked. */
interface Claim {
  readonly size: number;
  /** Piece to ms when it was asked for. */
  readonly asked: Map<number, number>;
  restUntil: number;
}

/** An attempt that did not match: who sent which piece of it. */
interface FailedAttempt<P> {
  readonly bytes: Uint8Array;
  readonly senders: readonly (P | undefined)[];
}

/** One dictionary on its way. `P` is whatever stands for a peer. */
export class MetadataFetch<P> {
  readonly #claims = new Map<P, Claim>();
  /** The size that is tried; 0 before anybody named one. */
  #size = 0;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Who sent each piece that is here. */
  #senders: (P | undefined)[] = [];
  #missing = 0;
  /** The only peer to ask, after an attempt of several failed. */
  #solo: P | undefined;
  #isSolo = false;
  #failed: FailedAttempt<P> | undefined;

  /** Pieces in all, and pieces here; 0 before a size is known. */
  get pieceCount(): number {
    return Math.ceil(this.#size / METADATA_PIECE_LENGTH);
  }

  get piecesHave(): number {
    return this.#bytes === undefined ? 0 : this.pieceCount - this.#missing;
  }

  /** A peer says that it has the dictionary, of so many bytes; false for an impossible size. */
  offer(peer: P, size: number): boolean {
    if (size < 1 || size > MAX_METADATA_SIZE) return false;
    if (this.#claims.get(peer)?.size === size) return true;
    this.#claims.set(peer, { size, asked: new Map(), restUntil: 0 });
    return true;
  }

  /** A peer is gone. What it sent stays. */
  leave(peer: P): void {
    this.#claims.delete(peer);
    this.#release(peer);
  }

  /** The piece to ask this peer for now, noted as asked; undefined for none. */
  next(peer: P, now: number): number | undefined {
    const claim = this.#claims.get(peer);
    if (claim === undefined || claim.restUntil > now || this.#isComplete) return undefined;
    if (this.#isSolo && this.#solo === undefined) this.#solo = peer;
    if (this.#isSolo && this.#solo !== peer) return undefined;
    if (!this.#isPossible(now)) this.#begin(this.#isSolo ? claim.size : this.#commonSize(now));
    if (claim.size !== this.#size || claim.asked.size >= MAX_OUTSTANDING) return undefined;
    for (let piece = 0; piece < this.pieceCount; piece++) {
      if (this.#senders[piece] !== undefined || claim.asked.has(piece)) continue;
      if (this.#askedSince(piece, now - IMPATIENCE_MS)) continue;
      claim.asked.set(piece, now);
      return piece;
    }
    return undefined;
  }

  /** A piece came. "unrequested" is for the caller to count; "complete": see `take`. */
  accept(
    peer: P,
    message: { readonly piece: number; readonly totalSize: number; readonly data: Uint8Array },
  ): "unrequested" | "wrong-size" | "kept" | "complete" {
    const { piece, totalSize, data } = message;
    const claim = this.#claims.get(peer);
    if (claim === undefined || !claim.asked.delete(piece)) return "unrequested";
    if (totalSize !== claim.size) return "wrong-size";
    // Somebody else was faster, or another size is tried by now.
    if (claim.size !== this.#size || this.#senders[piece] !== undefined) return "kept";
    this.#bytes ??= new Uint8Array(this.#size);
    this.#bytes.set(data, piece * METADATA_PIECE_LENGTH);
    this.#senders[piece] = peer;
    this.#missing--;
    return this.#isComplete ? "complete" : "kept";
  }

  /** It will not give a piece, at least not now. */
  rejected(peer: P, piece: number, now: number): void {
    const claim = this.#claims.get(peer);
    if (claim?.asked.delete(piece)) this.#rest(peer, claim, now);
  }

  /** A second has passed. */
  tick(now: number): void {
    for (const [peer, claim] of this.#claims) {
      for (const [piece, at] of claim.asked) {
        if (now - at < GIVE_UP_MS) continue;
        claim.asked.delete(piece);
        this.#rest(peer, claim, now);
      }
    }
  }

  /** The whole, once it is complete: to be hashed, then `failed` or `verified`. */
  get whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#isComplete ? this.#bytes : undefined;
  }

  /** How many peers sent parts of what is here. */
  get senderCount(): number {
    return new Set(this.#senders.filter((sender) => sender !== undefined)).size;
  }

  /** The whole has the wrong hash: everything begins anew. Who alone sent it has lied. */
  failed(): P[] {
    const senders = [...new Set(this.#senders)].filter((peer) => peer !== undefined);
    if (senders.length > 1) this.#failed = { bytes: this.#bytes!, senders: this.#senders };
    this.#isSolo = true;
    this.#solo = undefined;
    this.#size = 0;
    this.#bytes = undefined;
    this.#senders = [];
    return senders.length === 1 ? senders : [];
  }

  /** The whole is right. Whose part of an attempt that failed differs from it has lied. */
  verified(): P[] {
    const { bytes, senders } = this.#failed ?? { bytes: new Uint8Array(), senders: [] };
    const liars = new Set<P>();
    for (const [piece, sender] of senders.entries()) {
      if (sender === undefined) continue;
      const from = piece * METADATA_PIECE_LENGTH;
      const sent = bytes.subarray(from, from + METADATA_PIECE_LENGTH);
      const right = this.#bytes!.subarray(from, from + METADATA_PIECE_LENGTH);
      if (bytes.length !== this.#size || !equalBytes(sent, right)) liars.add(sender);
    }
    return [...liars];
  }

  get #isComplete(): boolean {
    return this.#bytes !== undefined && this.#missing === 0;
  }

  /** Whether somebody can still be asked for the size that is tried. */
  #isPossible(now: number): boolean {
    if (this.#size === 0) return false;
    for (const claim of this.#claims.values()) {
      if (claim.size === this.#size && claim.restUntil <= now) return true;
    }
    return false;
  }

  #begin(size: number): void {
    this.#size = size;
    this.#bytes = undefined;
    this.#missing = this.pieceCount;
    this.#senders = Array<P | undefined>(this.#missing).fill(undefined);
    for (const claim of this.#claims.values()) claim.asked.clear();
  }

  /** The size that most peers name which can be asked. */
  #commonSize(now: number): number {
    const votes = new Map<number, number>();
    for (const { size, restUntil } of this.#claims.values()) {
      if (restUntil <= now) votes.set(size, (votes.get(size) ?? 0) + 1);
    }
    let [best, most] = [0, 0];
    for (const [size, count] of votes) if (count > most) [best, most] = [size, count];
    return best;
  }

  #askedSince(piece: number, time: number): boolean {
    for (const { asked } of this.#claims.values()) {
      const at = asked.get(piece);
      if (at !== undefined && at > time) return true;
    }
    return false;
  }

  #rest(peer: P, claim: Claim, now: number): void {
    claim.restUntil = now + REST_MS;
    this.#release(peer);
  }

  /** Another one has its turn, and no piece of this one is kept with its. */
  #release(peer: P): void {
    if (this.#solo !== peer || this.#isComplete) return;
    this.#solo = undefined;
    this.#size = 0;
  }
}
