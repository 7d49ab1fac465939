/**
 * Turns of the event loop for loops that read what comes. A read is done at once where something is
 * there already, and goes on without a turn: whoever sends faster than we work would keep everything
 * else waiting, timers and other sockets, for as long as it likes.
 *
 * @module
 */

/** What {@linkcode LoopTurns} needs of the world. */
export interface LoopTurnsOptions {
  /** ms, from any start. */
  readonly now: () => number;
  /** Lets everybody else have a turn of the loop. */
  readonly pause: () => Promise<unknown>;
  /** ms of work between two turns. Default 8. */
  readonly length?: number;
}

/** Of reads that bring little, one in so many reads the clock. */
const LITTLE = 8;

/** One for all loops of a process: together they work for so long in a turn. */
export class LoopTurns {
  readonly #options: LoopTurnsOptions;
  readonly #length: number;
  #begun: number;
  #turn: Promise<void> | undefined;
  #little = 0;

  constructor(options: LoopTurnsOptions) {
    this.#options = options;
    this.#length = options.length ?? 8;
    this.#begun = options.now();
  }

  /**
   * To be called before each read. Undefined: go on. Otherwise the loop's turn, after which it is to be
   * called again, since others may have used that turn up.
   */
  due(): Promise<void> | undefined {
    if (this.#turn !== undefined) return this.#turn;
    if (this.#options.now() - this.#begun < this.#length) return undefined;
    return this.#turn = this.#options.pause().then(() => {
      this.#turn = undefined;
      this.#begun = this.#options.now();
    });
  }

  /**
   * As {@linkcode due}, where a read brings one small request: to read the clock costs as much as to
   * parse it.
   */
  dueNowAndThen(): Promise<void> | undefined {
    if (this.#turn === undefined && this.#little++ % LITTLE !== 0) return undefined;
    return this.due();
  }
}
