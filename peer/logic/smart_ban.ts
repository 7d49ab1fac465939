/**
 * Pieces whose hash was wrong: what came, from whom. When such a piece is right at last, whoever gave
 * other bytes for it is proven to lie, however many had a part in it ("smart ban").
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/layout.ts";
import type { ActivePiece } from "./active_piece.ts";
import type { Peer } from "./peer.ts";

/** What came of a piece when it failed its hash, from whom. */
export interface FailedPiece {
  readonly bytes: Uint8Array;
  readonly senders: readonly (Peer | undefined)[];
}

/** Failed pieces that are kept; the oldest is dropped beyond it. */
const MAX_FAILED = 8;
/** From so many on somebody is at it whose pieces nobody should have a part in. */
const MANY_FAILED = 3;

/** One torrent's. */
export class SmartBan {
  readonly #failed = new Map<number, FailedPiece[]>();

  /** Whether a piece failed and is not right yet. */
  has(piece: number): boolean {
    return this.#failed.has(piece);
  }

  /** Whether so many failed that whoever is not proven is asked for pieces of its own only. */
  get isBusy(): boolean {
    return this.#failed.size >= MANY_FAILED;
  }

  attempts(piece: number): readonly FailedPiece[] {
    return this.#failed.get(piece) ?? [];
  }

  failed({ piece, bytes, senders }: ActivePiece<Peer>): void {
    this.#failed.set(piece, [
      ...this.attempts(piece),
      { bytes: bytes.slice(), senders: [...senders] },
    ]);
    if (this.#failed.size > MAX_FAILED) this.#failed.delete(this.#failed.keys().next().value!);
  }

  /** The piece is right: those who gave something else before, each with a block of that. */
  verified(active: ActivePiece<Peer>): Map<Peer, number> {
    const liars = new Map<Peer, number>();
    for (const attempt of this.attempts(active.piece)) {
      attempt.senders.forEach((sender, block) => {
        if (sender === undefined || liars.has(sender)) return;
        const from = block * BLOCK_LENGTH;
        const to = from + active.blockSize(block);
        for (let i = from; i < to; i++) {
          if (attempt.bytes[i] !== active.bytes[i]) return void liars.set(sender, block);
        }
      });
    }
    this.#failed.delete(active.piece);
    return liars;
  }
}
