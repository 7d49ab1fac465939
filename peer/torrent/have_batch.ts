/**
 * HAVE batch: tells all peers about several new pieces in one write. HAVE suppression is not done:
 * a peer counts copies for rarest first by the HAVEs of pieces that it owns, too.
 *
 * @module
 */
import type { BackgroundTasks } from "../background_tasks.ts";
import type { Clock } from "../clock.ts";

/**
 * In a fast swarm every piece of everybody's would be a write, a wake-up and a read on every
 * connection, of nine bytes each: a quarter of all the work. A peer that hears of a piece this much
 * later has still been busy with others.
 */
const REST_MS = 20;

/** The first piece after a rest is told at once, those that follow it together. */
export class HaveBatch implements Disposable {
  readonly #background: Pick<BackgroundTasks, "guard">;
  readonly #clock: Clock;
  readonly #tell: (pieces: readonly number[]) => void;
  #pieces: number[] = [];
  #timer: Disposable | undefined;

  /** @param tell says HAVE for each of the pieces to everybody */
  constructor(
    background: Pick<BackgroundTasks, "guard">,
    clock: Clock,
    tell: (pieces: readonly number[]) => void,
  ) {
    this.#background = background;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** We have a new piece. */
  add(piece: number): void {
    this.#pieces.push(piece);
    if (this.#timer === undefined) this.#tellAll();
  }

  /** Whatever waits is told now. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#pieces.length > 0) this.#tell(this.#pieces.splice(0));
  }

  #tellAll(): void {
    this.#timer = undefined;
    if (this.#pieces.length === 0) return;
    this.#timer = this.#clock.after(REST_MS, () => this.#background.guard(() => this.#tellAll()));
    this.#tell(this.#pieces.splice(0));
  }
}
