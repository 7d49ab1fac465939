/**
 * First copies: a piece that no other peer has goes to one peer at a time. A swarm that starts with
 * one seed is as fast as new pieces leave it, and whoever else wants one has it from the first soon.
 *
 * What it weighs:
 *
 * 1. a piece that just goes out for the first time is kept from all but the one who gets it;
 * 2. until that one has had it for a moment, so that the others can ask it instead;
 * 3. who is kept waiting for all that it asked for, and gets nothing else, is not kept for long: the
 *    first may be slow, or give nothing away;
 * 4. a peer that stops reading in the middle of a piece, or does not say that it has it, keeps it from
 *    nobody, and after a few of them no other piece either;
 * 5. one that never told of a piece that it got first keeps two at a time: who asks for a block of each
 *    piece would keep them all from everybody.
 *
 * @module
 */
import type { FirstCopyDecision } from "../crowd_rules.ts";

/**
 * ms that the first to have a piece may be asked for it before we give it to others; and the same in
 * the time that a piece takes.
 */
const PASS_ON = { least: 1500, pieces: 2, most: 30_000 };
/** That it has to say so after its last block, which may still wait on this machine. */
const SAY = { least: 1000, pieces: 2, most: 30_000 };
/** Without a block, after which a peer is given what was kept from it; the same for its first. */
const PATIENCE = { least: 2000, pieces: 2, most: 15_000 };
const FIRST_PATIENCE = { least: 1000, pieces: 2, most: 15_000 };

/** Pieces that a peer got first, or some of, and was silent about, after which it is first no more. */
const MANY_SILENT = 2;
/** Pieces that it is first with before it told of one. */
const MOST_UNTOLD = 2;

interface Copy<P> {
  readonly first: P;
  readonly to: Set<P>;
  /** When a block of it was sent last, ms. */
  sentAt: number;
  /** When the first of them had it, ms. */
  arrivedAt: number | undefined;
  /** Whether it was told that others wait for it. */
  isTold: boolean;
}

/** Pieces that go out for the first time, and to whom. */
export class FirstCopies<P extends object> {
  readonly #isOnlyHere: (piece: number) => boolean;
  readonly #copies = new Map<number, Copy<P>>();
  /** When each peer last got a block, or began to wait for its first, and how long it waits; ms. */
  readonly #waiting = new WeakMap<P, { since: number; isFirst: boolean; isTold: boolean }>();
  /** ms that a piece takes to one of those we give to. */
  #pieceMs = 0;

  /** Pieces that peers were silent about since the last that they told of. */
  readonly #silent = new WeakMap<P, number>();
  /** Pieces that it was first with before it told of one; -Infinity: it did. */
  readonly #untold = new WeakMap<P, number>();

  /** Told once for each piece, and for each peer that waits. */
  onDecision: ((decision: FirstCopyDecision<P>) => void) | undefined;

  /** @param isOnlyHere whether others want a piece and none of them has it */
  constructor(isOnlyHere: (piece: number) => boolean) {
    this.#isOnlyHere = isOnlyHere;
  }

  /** A second has passed. @param pieceMs that a piece takes to one of those we give to; 0: no time */
  tick(pieceMs: number): void {
    this.#pieceMs = pieceMs;
  }

  /** Whether a piece goes out for the first time, so that requests for it may wait. */
  isUnderWay(piece: number): boolean {
    return this.#copies.has(piece);
  }

  /** Whether a piece is kept from a peer for now (ms), because another one just gets it. */
  isHeld(piece: number, peer: P, now: number): boolean {
    const copy = this.#copies.get(piece);
    if (copy === undefined || copy.to.has(peer)) return false;
    const isSilent = copy.arrivedAt === undefined && now - copy.sentAt >= this.#ms(SAY);
    if (isSilent || now - (copy.arrivedAt ?? copy.sentAt) >= this.#ms(PASS_ON)) {
      if (isSilent) {
        for (const other of copy.to) this.#silent.set(other, (this.#silent.get(other) ?? 0) + 1);
        const [first] = copy.to;
        this.onDecision?.({ what: "silent", peer: first!, piece });
      }
      this.#copies.delete(piece);
      return false;
    }
    const waiting = this.#waiting.get(peer) ?? { since: now, isFirst: true, isTold: false };
    this.#waiting.set(peer, waiting);
    if (now - waiting.since < this.#ms(waiting.isFirst ? FIRST_PATIENCE : PATIENCE)) {
      if (!copy.isTold) {
        copy.isTold = true;
        const [first] = copy.to;
        this.onDecision?.({ what: "kept", peer, piece, first: first! });
      }
      return true;
    }
    if (!waiting.isTold) {
      waiting.isTold = true;
      this.onDecision?.({ what: "waited", peer });
    }
    for (const { to } of this.#copies.values()) to.add(peer);
    return false;
  }

  /** A block of a piece goes to a peer at `now` (ms). */
  onSent(piece: number, peer: P, now: number): void {
    const waiting = this.#waiting.get(peer);
    if (waiting === undefined) {
      this.#waiting.set(peer, { since: now, isFirst: false, isTold: false });
    } else [waiting.since, waiting.isFirst, waiting.isTold] = [now, false, false];
    const copy = this.#copies.get(piece);
    if (copy !== undefined) {
      copy.to.add(peer);
      copy.sentAt = now;
    } else if (this.#mayBeFirst(peer) && this.#isOnlyHere(piece)) {
      this.#untold.set(peer, (this.#untold.get(peer) ?? 0) + 1);
      const to = new Set([peer]);
      this.#copies.set(piece, {
        first: peer,
        to,
        sentAt: now,
        arrivedAt: undefined,
        isTold: false,
      });
    }
  }

  #mayBeFirst(peer: P): boolean {
    return (this.#silent.get(peer) ?? 0) < MANY_SILENT &&
      (this.#untold.get(peer) ?? 0) < MOST_UNTOLD;
  }

  /** A peer has a piece now (ms). */
  onHave(piece: number, now: number): void {
    // Most often nothing goes out for the first time.
    if (this.#copies.size === 0) return;
    const copy = this.#copies.get(piece);
    if (copy !== undefined) {
      copy.arrivedAt ??= now;
      for (const peer of copy.to) {
        this.#silent.delete(peer);
        this.#untold.set(peer, -Infinity);
      }
    }
    for (const [oldest, { arrivedAt }] of this.#copies) {
      if (arrivedAt === undefined || now - arrivedAt < this.#ms(PASS_ON)) return;
      this.#copies.delete(oldest);
    }
  }

  /** A peer went, or is choked: what it was getting is for the others. */
  onLeft(peer: P): void {
    for (const [piece, { first, to }] of this.#copies) {
      if (!to.delete(peer)) continue;
      if (first === peer) this.#untold.set(peer, (this.#untold.get(peer) ?? 0) - 1);
      if (to.size === 0) this.#copies.delete(piece);
    }
  }

  #ms({ least, pieces, most }: { least: number; pieces: number; most: number }): number {
    return Math.max(least, Math.min(most, pieces * this.#pieceMs));
  }
}
