/**
 * A clock that jumps from event to event.
 *
 * @module
 */
import { EventQueue } from "./event_queue.ts";

/** What is run, and with what: a function for each of many that hear the same would be most of them. */
interface Step {
  readonly run: Run;
  readonly on: unknown;
  readonly what: unknown;
}

type Run = (on: unknown, what: unknown) => void;

interface Event extends Step {
  /** Planned for the same time, right after it. */
  more: Step[] | undefined;
}

/** Events in the order of their time, and of being planned where that is the same. */
export class VirtualTime {
  /** ms since the simulation began. */
  now = 0;
  readonly #queue = new EventQueue<Event>();
  /** The last one that was planned, while others may join it, and its time. */
  #last: Event | undefined;
  #lastAt = 0;
  /** What is left of the event that is being run. */
  #rest: readonly Step[] = NOTHING;
  #next = 0;

  /** Runs something `ms` from now. */
  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /** Runs something at a time (ms) that is not past. */
  at(time: number, run: () => void): void;
  /** Runs it with `on` and `what`. */
  at<On, What>(time: number, run: (on: On, what: What) => void, on: On, what: What): void;
  at(time: number, run: Run, on?: unknown, what?: unknown): void {
    const last = this.#last;
    // What is said to all at once is one event: nothing could come between.
    if (last !== undefined && this.#lastAt === time) {
      const step: Step = { run, on, what };
      if (last.more === undefined) last.more = [step];
      else last.more.push(step);
      return;
    }
    const event: Event = { run, on, what, more: undefined };
    this.#last = event;
    this.#lastAt = time;
    this.#queue.push(time, event);
  }

  /** Runs events until `done` says so; false where `limit` (ms) was reached first. */
  runUntil(done: () => boolean, limit: number): boolean {
    while (!done()) {
      if (this.#next < this.#rest.length) {
        const { run, on, what } = this.#rest[this.#next++]!;
        run(on, what);
        continue;
      }
      const { nextAt } = this.#queue;
      if (nextAt > limit || nextAt === Infinity) return false;
      const event = this.#queue.pop()!;
      if (event === this.#last) this.#last = undefined;
      this.#rest = event.more ?? NOTHING;
      this.#next = 0;
      this.now = nextAt;
      event.run(event.on, event.what);
    }
    return true;
  }

  /** Runs all events of the next time at which there are any; false where that is beyond `limit` (ms). */
  runNext(limit: number): boolean {
    const next = this.#queue.nextAt;
    if (next > limit || next === Infinity) return false;
    const isOver = () =>
      this.#next >= this.#rest.length &&
      this.#queue.nextAt !== next;
    return this.runUntil(isOver, limit);
  }
}

const NOTHING: readonly Step[] = [];
