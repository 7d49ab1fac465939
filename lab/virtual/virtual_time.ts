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
  /** What it is run with after `on`, one after the other: who else hears the same. */
  also: unknown[] | undefined;
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
  /** The last one that was planned, while others may join it, its time and its last step. */
  #last: Event | undefined;
  #lastAt = 0;
  #lastStep: Step | undefined;
  /** What is left of the step that is being run, and of its event. */
  #step: Step | undefined;
  #also: readonly unknown[] = NOTHING;
  #nextAlso = 0;
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
      const before = this.#lastStep!;
      if (before.run === run && before.what === what) {
        if (before.also === undefined) before.also = [on];
        else before.also.push(on);
        return;
      }
      const step: Step = { run, on, what, also: undefined };
      this.#lastStep = step;
      if (last.more === undefined) last.more = [step];
      else last.more.push(step);
      return;
    }
    const event: Event = { run, on, what, also: undefined, more: undefined };
    this.#last = event;
    this.#lastAt = time;
    this.#lastStep = event;
    this.#queue.push(time, event);
  }

  /** Runs events until `done` says so; false where `limit` (ms) was reached first. */
  runUntil(done: () => boolean, limit: number): boolean {
    while (!done()) {
      if (this.#nextAlso < this.#also.length) {
        const { run, what } = this.#step!;
        run(this.#also[this.#nextAlso++], what);
        continue;
      }
      if (this.#next < this.#rest.length) {
        this.#run(this.#rest[this.#next++]!);
        continue;
      }
      const { nextAt } = this.#queue;
      if (nextAt > limit || nextAt === Infinity) return false;
      const event = this.#queue.pop()!;
      if (event === this.#last) this.#last = undefined;
      this.#rest = event.more ?? NOTHING;
      this.#next = 0;
      this.now = nextAt;
      this.#run(event);
    }
    return true;
  }

  #run(step: Step): void {
    this.#step = step;
    this.#also = step.also ?? NOTHING;
    this.#nextAlso = 0;
    step.run(step.on, step.what);
  }

  /** Runs all events of the next time at which there are any; false where that is beyond `limit` (ms). */
  runNext(limit: number): boolean {
    const next = this.#queue.nextAt;
    if (next > limit || next === Infinity) return false;
    const isOver = () =>
      this.#nextAlso >= this.#also.length && this.#next >= this.#rest.length &&
      this.#queue.nextAt !== next;
    return this.runUntil(isOver, limit);
  }
}

const NOTHING: readonly never[] = [];
