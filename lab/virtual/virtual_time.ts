/**
 * A clock that jumps from event to event.
 *
 * @module
 */

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
  readonly at: number;
  readonly order: number;
  /** Planned for the same time, right after it. */
  more: Step[] | undefined;
}

/** Events in the order of their time, and of being planned where that is the same. */
export class VirtualTime {
  /** ms since the simulation began. */
  now = 0;
  #planned = 0;
  readonly #heap: Event[] = [];
  /** The last one that was planned, while others may join it, and its last step. */
  #last: Event | undefined;
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
    if (last !== undefined && last.at === time) {
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
    const order = this.#planned++;
    const event: Event = { at: time, order, run, on, what, also: undefined, more: undefined };
    this.#last = event;
    this.#lastStep = event;
    let at = this.#heap.push(event) - 1;
    for (let up; at > 0 && before(event, this.#heap[up = (at - 1) >> 1]!); at = up) {
      this.#heap[at] = this.#heap[up]!;
      this.#heap[up] = event;
    }
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
      if (this.#heap.length === 0 || this.#heap[0]!.at > limit) return false;
      const event = this.#pop()!;
      if (event === this.#last) this.#last = undefined;
      this.#rest = event.more ?? NOTHING;
      this.#next = 0;
      this.now = event.at;
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
    const next = this.#heap[0]?.at ?? Infinity;
    if (next > limit || next === Infinity) return false;
    const isOver = () =>
      this.#nextAlso >= this.#also.length && this.#next >= this.#rest.length &&
      this.#heap[0]?.at !== next;
    return this.runUntil(isOver, limit);
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || first === last) return first;
    heap[0] = last!;
    for (let at = 0;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) return first;
      const right = left + 1;
      const least = right < heap.length && before(heap[right]!, heap[left]!) ? right : left;
      if (!before(heap[least]!, last!)) return first;
      heap[at] = heap[least]!;
      heap[at = least] = last!;
    }
  }
}

const NOTHING: readonly never[] = [];

function before(a: Event, b: Event): boolean {
  return a.at < b.at || a.at === b.at && a.order < b.order;
}
