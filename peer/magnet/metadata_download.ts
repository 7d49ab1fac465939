/**
 * Metadata download (BEP 9): which piece of the info dictionary to request from which peer, and
 * which peer sent bad data.
 *
 * What is weighed:
 * - its size is only what peers say: the size that most of them say is tried, up to 8 MiB, and another
 *   one when nothing comes of it;
 * - nothing is allocated before the first piece was asked for;
 * - one request is out to each peer (rtorrent answers no second one), to all of them side by side;
 * - silent ones must not hold up anything: a piece that did not come within a second is asked of one
 *   more, after two seconds of four, and so on; whose turn brought nothing comes after all others;
 * - only the whole can be verified: when it is wrong and several peers sent parts of it, it is
 *   fetched anew from one peer at a time, until it is clear who lied.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { MAX_METADATA_SIZE, METADATA_PIECE_LENGTH } from "../../protocol/extension_message.ts";

/** ms until another peer is asked for the same piece, too; then until twice as many are. */
const IMPATIENCE_MS = 1_000;
/** ms until a request is given up; where all depends on one peer, and others wait for its turn. */
const GIVE_UP_MS = 15_000;
const SOLO_MS = 5_000;
/** ms that a peer is left alone after it refused or was silent. */
const REST_MS = 10_000;
/** ms without a piece after which another size is tried, where one was named. */
const SIZE_MS = 10_000;
/** Turns in a row that brought nothing after which a peer should be called anew. */
const MAX_FAILURES = 3;

/** What a peer says of itself, and what it was asked. */
interface Claim {
  readonly size: number;
  /** What it was asked for, and when (ms). */
  asked: { readonly piece: number; readonly at: number } | undefined;
  /** What it was asked for and did not send in time. */
  readonly overdue: Set<number>;
  restUntil: number;
  /** Turns in a row that brought nothing. */
  failures: number;
}

/** An attempt that did not match: who sent which piece of it. */
interface FailedAttempt<P> {
  readonly bytes: Uint8Array;
  readonly senders: readonly (P | undefined)[];
}

/** One dictionary on its way. `P` is whatever stands for a peer. */
export class MetadataDownload<P> {
  readonly #claims = new Map<P, Claim>();
  /** The size that is tried; 0 before anybody named one. */
  #size = 0;
  /** When it was begun, or its last piece came (ms). */
  #progressAt = 0;
  /** How often each size was tried in vain. */
  readonly #vain = new Map<number, number>();
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
    const asked = { asked: undefined, overdue: new Set<number>() };
    this.#claims.set(peer, { size, ...asked, restUntil: 0, failures: 0 });
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
    if (claim === undefined || claim.asked !== undefined || this.#isComplete) return undefined;
    if (claim.restUntil > now || this.#comesLater(claim, now)) return undefined;
    if (this.#isSolo && this.#solo === undefined) this.#solo = peer;
    if (this.#isSolo && this.#solo !== peer) return undefined;
    if (!this.#isPossible(now)) this.#begin(this.#isSolo ? claim.size : this.#commonSize(now), now);
    if (claim.size !== this.#size) return undefined;
    const piece = this.#pieceFor(claim, now);
    if (piece !== undefined) claim.asked = { piece, at: now };
    return piece;
  }

  /** Whether a peer's turns bring nothing: another connection to it may do better. */
  isSilent(peer: P): boolean {
    return (this.#claims.get(peer)?.failures ?? 0) >= MAX_FAILURES;
  }

  /** A piece came. "unrequested" is for the caller to count; "complete": see `take`. */
  accept(
    peer: P,
    message: { readonly piece: number; readonly totalSize: number; readonly data: Uint8Array },
    now: number,
  ): "unrequested" | "wrong-size" | "kept" | "complete" {
    const { piece, totalSize, data } = message;
    const claim = this.#claims.get(peer);
    if (claim === undefined) return "unrequested";
    if (claim.asked?.piece === piece) claim.asked = undefined;
    else if (!claim.overdue.delete(piece)) return "unrequested";
    if (totalSize !== claim.size) return "wrong-size";
    claim.failures = 0;
    // Somebody else was faster, or another size is tried by now.
    if (claim.size !== this.#size || this.#senders[piece] !== undefined) return "kept";
    this.#bytes ??= new Uint8Array(this.#size);
    this.#bytes.set(data, piece * METADATA_PIECE_LENGTH);
    this.#senders[piece] = peer;
    this.#missing--;
    this.#progressAt = now;
    return this.#isComplete ? "complete" : "kept";
  }

  /** It will not give a piece, at least not now. */
  rejected(peer: P, piece: number, now: number): void {
    const claim = this.#claims.get(peer);
    if (claim?.asked?.piece !== piece) return void claim?.overdue.delete(piece);
    claim.asked = undefined;
    this.#rest(peer, claim, now);
  }

  /** A second has passed. */
  tick(now: number): void {
    for (const [peer, claim] of this.#claims) {
      const { asked } = claim;
      if (asked === undefined) continue;
      const isAwaited = peer === this.#solo && this.#claims.size > 1;
      if (now - asked.at < (isAwaited ? SOLO_MS : GIVE_UP_MS)) continue;
      claim.asked = undefined;
      if (asked.piece < this.pieceCount) claim.overdue.add(asked.piece);
      this.#rest(peer, claim, now);
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
    else if (this.#failed !== undefined) {
      // It is known for a liar now, and need not be told of again.
      const others = this.#failed.senders.map((peer) => peer === senders[0] ? undefined : peer);
      this.#failed = { bytes: this.#failed.bytes, senders: others };
    }
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

  /** Whether others are to be asked first, since this one's turns brought nothing. */
  #comesLater({ failures }: Claim, now: number): boolean {
    for (const other of this.#claims.values()) {
      if (other.failures >= failures || other.restUntil > now || other.asked !== undefined) {
        continue;
      }
      // Without the whole for itself, whoever names another size has no turn before this one is given up.
      if (this.#isSolo || other.size === this.#size) return true;
    }
    return false;
  }

  /** The first piece that nobody is asked for, or else one that has been waited for too long. */
  #pieceFor({ failures }: Claim, now: number): number | undefined {
    /** By piece: how many who are as good are asked for it, and since when. */
    const asked = new Map<number, { count: number; since: number }>();
    for (const other of this.#claims.values()) {
      if (other.asked === undefined || other.failures > failures) continue;
      const { count, since } = asked.get(other.asked.piece) ?? { count: 0, since: Infinity };
      asked.set(other.asked.piece, { count: count + 1, since: Math.min(since, other.asked.at) });
    }
    let [best, longest] = [undefined as number | undefined, 0];
    for (let piece = 0; piece < this.pieceCount; piece++) {
      if (this.#senders[piece] !== undefined) continue;
      const others = asked.get(piece);
      if (others === undefined) return piece;
      const waited = now - others.since;
      if (others.count >= 2 ** Math.floor(waited / IMPATIENCE_MS) || waited <= longest) continue;
      [best, longest] = [piece, waited];
    }
    return best;
  }

  /** Whether somebody can still be asked for the size that is tried, and something comes of it. */
  #isPossible(now: number): boolean {
    if (this.#size === 0) return false;
    const isVain = !this.#isSolo && now - this.#progressAt >= SIZE_MS;
    let isPossible = false;
    for (const { size, restUntil } of this.#claims.values()) {
      if (size === this.#size) isPossible ||= restUntil <= now;
      else if (isVain && restUntil <= now) {
        this.#vain.set(this.#size, (this.#vain.get(this.#size) ?? 0) + 1);
        return false;
      }
    }
    return isPossible;
  }

  #begin(size: number, now: number): void {
    this.#size = size;
    this.#progressAt = now;
    this.#bytes = undefined;
    this.#missing = this.pieceCount;
    this.#senders = Array<P | undefined>(this.#missing).fill(undefined);
    for (const claim of this.#claims.values()) {
      claim.asked = undefined;
      claim.overdue.clear();
    }
  }

  /** Of the sizes that were tried in vain least often the one that most peers name. */
  #commonSize(now: number): number {
    const votes = new Map<number, number>();
    for (const { size, restUntil } of this.#claims.values()) {
      votes.set(size, (votes.get(size) ?? 0) + (restUntil <= now ? 1 : 0));
    }
    for (const size of this.#vain.keys()) if (!votes.has(size)) this.#vain.delete(size);
    let [best, least, most] = [0, Infinity, 0];
    for (const [size, count] of votes) {
      if (count === 0) continue;
      const vain = this.#vain.get(size) ?? 0;
      if (vain < least || vain === least && count > most) [best, least, most] = [size, vain, count];
    }
    return best;
  }

  #rest(peer: P, claim: Claim, now: number): void {
    claim.restUntil = now + REST_MS;
    claim.failures++;
    this.#release(peer);
  }

  /** Another one has its turn, and no piece of this one is kept with its. */
  #release(peer: P): void {
    if (this.#solo !== peer || this.#isComplete) return;
    this.#solo = undefined;
    this.#size = 0;
  }
}
