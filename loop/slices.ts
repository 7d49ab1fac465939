/**
 * Long work in slices: each takes a turn of the event loop, and everybody else has the turns between.
 *
 * @module
 */
import { stepForEach, type Steps } from "../protocol/steps.ts";

/** What {@linkcode Slices} needs of the world. */
export interface SlicesOptions {
  /** ms, from any start. */
  readonly now: () => number;
  /** Lets everybody else have a turn of the loop. */
  readonly pause: () => Promise<unknown>;
  /** ms of work between two pauses. Default 8. */
  readonly length?: number;
}

/**
 * Does work in slices: one slice in a turn of the loop, whosever it is, so that many pieces of work
 * at once hold up nobody longer than one does.
 */
export class Slices {
  readonly #options: SlicesOptions;
  readonly #length: number;
  /** The end of the turns that were given so far. */
  #turns: Promise<unknown> = Promise.resolve();

  constructor(options: SlicesOptions) {
    this.#options = options;
    this.#length = options.length ?? 8;
  }

  /** What comes of the work. Rejected with what it throws. */
  async run<T>(steps: Steps<T>): Promise<T> {
    const { now } = this.#options;
    while (true) {
      await this.turn();
      const end = now() + this.#length;
      do {
        const { done, value } = steps.next();
        if (done) return value;
      } while (now() < end);
    }
  }

  /** Does something with each, in slices. Rejected with what it throws. */
  each<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
    return this.run(stepForEach(items, work));
  }

  /**
   * For work that waits for other things in between: what to await often. It is there at once until
   * a slice's time has passed, then with the next turn.
   */
  pacer(): () => Promise<unknown> | undefined {
    const { now } = this.#options;
    let end = now() + this.#length;
    return () => {
      if (now() < end) return undefined;
      return this.turn().then(() => {
        end = now() + this.#length;
      });
    };
  }

  /** A turn of the loop in which nobody else's slice is. */
  turn(): Promise<unknown> {
    return this.#turns = this.#turns.then(() => this.#options.pause());
  }
}
