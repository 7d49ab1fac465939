/**
 * Failed pieces: which peer sent which bytes of a piece whose hash was wrong; what smart ban judges
 * by. When such a piece is right at last, whoever gave other bytes for it is proven to lie, however
 * many had a part in it ("smart ban").
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { ActivePiece } from "../pieces/active_piece.ts";
import type { Peer } from "../peers/peer.ts";

/** What came of a piece when it failed its hash, from whom. */
export interface FailedPiece {
  readonly bytes: Uint8Array;
  readonly senders: readonly (Peer | undefined)[];
}

/** Failed pieces that are remembered, and bytes of what came of them; the oldest go first. */
const MAX_FAILED = 8;
const MAX_BYTES = 64 << 20;
/** From so many failed pieces on, somebody is at it. */
const MANY_FAILED = 3;

const NOBODY: ReadonlyMap<Peer, number> = new Map();

/** One torrent's. */
export class FailedPieces {
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

  /** A piece failed. One sender alone is a proven liar as it is: what it gave is not kept. */
  failed({ piece, bytes, senders }: ActivePiece<Peer>): void {
    const attempts = [...this.attempts(piece)];
    if (new Set(senders).size > 1) attempts.push({ bytes: bytes.slice(), senders: [...senders] });
    this.#failed.set(piece, attempts);
    if (this.#failed.size > MAX_FAILED) this.#failed.delete(this.#failed.keys().next().value!);
    let excess = [...this.#failed.values()].flat()
      .reduce((sum, { bytes }) => sum + bytes.length, -MAX_BYTES);
    for (const attempts of this.#failed.values()) {
      while (excess > 0 && attempts.length > 0) excess -= attempts.shift()!.bytes.length;
    }
  }

  /** The piece is right: those who gave something else before, each with a block of that. */
  verified(active: ActivePiece<Peer>): ReadonlyMap<Peer, number> {
    if (!this.#failed.has(active.piece)) return NOBODY;
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
