/**
 * Joined writes: pieces that are neighbours in a file and wait to be written at the same time leave in
 * one call.
 *
 * @module
 */
import { BufferPool } from "../pieces/buffer_pool.ts";

/** Bytes and their place in the file. */
export interface Run {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A run that leaves in one call, with those who wait for it. */
interface TakenRun extends Run {
  readonly pieces: readonly WaitingPiece[];
  /** What is to be given back. */
  readonly lent: Uint8Array | undefined;
}

interface WaitingPiece {
  readonly bytes: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

/** Of the whole process, for what is joined: lent as long as a call takes. */
const buffers = new BufferPool(1 << 20);

/** What {@linkcode JoinedWrites} is told about the file. */
export interface JoinedWritesOptions {
  /** Calls at a time. */
  readonly lanes: number;
  /** Most bytes that are joined. */
  readonly size: number;
  /** Makes one call, once there is a handle for it: of what is `next` then, if anything is. */
  write(next: () => Run | undefined): Promise<void>;
}

/**
 * What is to be written to one file. A call is a hop to another thread and back, which takes several
 * times as long as the bytes of a small piece do. So what waits anyway, for one of the lanes or for the
 * end of the turn in which it came, is joined; nothing waits for a neighbour.
 */
export class JoinedWrites {
  /** By where they begin, the longest waiting first. */
  readonly #waiting = new Map<number, WaitingPiece>();
  readonly #lanes = new Set<Promise<void>>();
  readonly #options: JoinedWritesOptions;

  constructor(options: JoinedWritesOptions) {
    this.#options = options;
  }

  /** Writes `bytes`, which must not change until the promise settles. */
  write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#waiting.has(offset)) return this.settled().then(() => this.write(offset, bytes));
    return new Promise((resolve, reject) => {
      this.#waiting.set(offset, { bytes, resolve, reject });
      if (this.#lanes.size < this.#options.lanes) this.#openLane();
    });
  }

  /** Resolves when nothing waits or is being written. */
  async settled(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
  }

  /** One call; the next one stands in line again, behind whoever else wants the file. */
  #openLane(): void {
    const lane = this.#writeNext().finally(() => {
      this.#lanes.delete(lane);
      if (this.#waiting.size > 0) this.#openLane();
    });
    this.#lanes.add(lane);
  }

  async #writeNext(): Promise<void> {
    let run: TakenRun | undefined;
    // What comes in the same turn comes after this call.
    await undefined;
    try {
      await this.#options.write(() => run = this.#take());
      for (const piece of run?.pieces ?? []) piece.resolve();
    } catch (error) {
      // Where there is no handle nobody else gets one, either.
      for (const piece of run?.pieces ?? this.#waiting.values()) piece.reject(error);
      if (run === undefined) this.#waiting.clear();
    } finally {
      if (run?.lent !== undefined) buffers.giveBack(run.lent);
    }
  }

  /** The piece that waits longest, and its neighbours after it. */
  #take(): TakenRun | undefined {
    const [offset] = this.#waiting.keys();
    if (offset === undefined) return undefined;
    const pieces: WaitingPiece[] = [];
    let length = 0;
    for (let next; (next = this.#waiting.get(offset + length)) !== undefined;) {
      if (length > 0 && length + next.bytes.length > this.#options.size) break;
      this.#waiting.delete(offset + length);
      pieces.push(next);
      length += next.bytes.length;
    }
    if (pieces.length === 1) return { offset, bytes: pieces[0]!.bytes, pieces, lent: undefined };
    const lent = buffers.lend(this.#options.size, true)!;
    let at = 0;
    for (const { bytes } of pieces) {
      lent.set(bytes, at);
      at += bytes.length;
    }
    return { offset, bytes: lent.subarray(0, length), pieces, lent };
  }
}
