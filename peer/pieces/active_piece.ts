/**
 * Active piece: its buffer, the state of its blocks, and which peer sent which.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";

const FREE = 0;
const REQUESTED = 1;
const DOUBLED = 2;
const RECEIVED = 3;

/** What became of a block that arrived. */
export type Accepted = "accepted" | "complete" | "duplicate" | "invalid";

/**
 * Blocks go `free → requested (→ doubled in the endgame) → received`, and back to `free` when all
 * who were asked have choked, rejected, timed out or gone. `Sender` is whatever names a peer.
 */
export class ActivePiece<Sender> {
  readonly piece: number;
  /** Where blocks are copied to: the piece's bytes, contiguous for the hash. */
  readonly bytes: Uint8Array;
  /** Who sent each block. */
  readonly senders: (Sender | undefined)[];
  /** Set: only this peer may be asked (after a failed hash, to find out who lies). */
  parole: Sender | undefined;
  /** Some block was not waited for any more: more than one may have been asked for it. */
  wasGivenUp = false;
  readonly #state: Uint8Array;
  #free: number;
  #missing: number;
  #next = 0;

  /**
   * @param bytes as long as the piece
   * @param contentSize bytes before the padding that the piece ends in (BEP 47): blocks of nothing
   * but zeros are there already
   */
  constructor(piece: number, bytes: Uint8Array, contentSize = bytes.length) {
    this.piece = piece;
    this.bytes = bytes;
    const blocks = Math.ceil(contentSize / BLOCK_LENGTH);
    if (contentSize < bytes.length) bytes.fill(0, blocks * BLOCK_LENGTH);
    this.senders = new Array(blocks).fill(undefined);
    this.#state = new Uint8Array(blocks);
    this.#free = blocks;
    this.#missing = blocks;
  }

  /** Blocks that nobody was asked for. */
  get free(): number {
    return this.#free;
  }

  /** Blocks that have not arrived. */
  get missing(): number {
    return this.#missing;
  }

  /** Length in bytes of a block. */
  blockSize(block: number): number {
    return Math.min(BLOCK_LENGTH, this.bytes.length - block * BLOCK_LENGTH);
  }

  /** Marks the first free block as requested; undefined where there is none. */
  reserve(): number | undefined {
    if (this.#free === 0) return undefined;
    let block = this.#next;
    while (this.#state[block] !== FREE) block++;
    this.#state[block] = REQUESTED;
    this.#next = block + 1;
    this.#free--;
    return block;
  }

  /** Marks a certain block as requested; false where it is not free. */
  claim(block: number): boolean {
    if (this.#state[block] !== FREE) return false;
    this.#state[block] = REQUESTED;
    this.#free--;
    return true;
  }

  /** Whether exactly one peer was asked for a block. */
  isAskedOfOne(block: number): boolean {
    return this.#state[block] === REQUESTED;
  }

  /** Asks a second peer for a block (endgame); false unless exactly one was asked. */
  double(block: number): boolean {
    if (this.#state[block] !== REQUESTED) return false;
    this.#state[block] = DOUBLED;
    return true;
  }

  /** One peer that was asked will not deliver. */
  release(block: number): void {
    if (this.#state[block] === DOUBLED) this.#state[block] = REQUESTED;
    else if (this.#state[block] === REQUESTED) {
      this.#state[block] = FREE;
      this.#free++;
      if (block < this.#next) this.#next = block;
    }
  }

  /** A block arrived. Copies it: the one copy between socket and disk. */
  accept(begin: number, data: Uint8Array, sender: Sender): Accepted {
    const block = begin / BLOCK_LENGTH;
    if (
      !Number.isInteger(block) || block >= this.#state.length ||
      data.length !== this.blockSize(block)
    ) {
      return "invalid";
    }
    const state = this.#state[block];
    if (state === RECEIVED) return "duplicate";
    if (state === FREE) this.#free--;
    this.bytes.set(data, begin);
    this.#state[block] = RECEIVED;
    this.senders[block] = sender;
    return --this.#missing === 0 ? "complete" : "accepted";
  }
}
