/**
 * Events in the order of their times, and of being put in where those are the same: a heap of four
 * branches. Times lie in arrays of their own, since looking for them in the events would be most of the
 * work.
 *
 * @module
 */

/** Children of a place: fewer levels than with two, and their times lie beside each other. */
const BRANCHES = 4;

/** What is planned. */
export class EventQueue<Event> {
  #times = new Float64Array(1024);
  /** How many were put in before each. */
  #orders = new Float64Array(1024);
  readonly #events: Event[] = [];
  #count = 0;

  /** The time of the first one; Infinity where there is none. */
  get nextAt(): number {
    return this.#events.length === 0 ? Infinity : this.#times[0]!;
  }

  /** Puts one in. */
  push(time: number, event: Event): void {
    const order = this.#count++;
    let at = this.#events.length;
    if (at === this.#times.length) this.#grow();
    this.#events.push(event);
    while (at > 0) {
      const up = (at - 1) >> 2;
      // Of two at the same time the one that was here is first.
      if (this.#times[up]! <= time) break;
      this.#move(up, at);
      at = up;
    }
    this.#set(at, time, order, event);
  }

  /** Takes the first one out; undefined where there is none. */
  pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    const size = events.length;
    if (last === undefined || size === 0) return first;
    const time = this.#times[size]!;
    const order = this.#orders[size]!;
    let at = 0;
    for (;;) {
      const least = this.#leastChild(at, size);
      if (least >= size || !this.#isBefore(least, time, order)) break;
      this.#move(least, at);
      at = least;
    }
    this.#set(at, time, order, last);
    return first;
  }

  /** The first of the children of a place; `size` or more where it has none. */
  #leastChild(at: number, size: number): number {
    let least = BRANCHES * at + 1;
    const end = Math.min(size, least + BRANCHES);
    for (let child = least + 1; child < end; child++) {
      if (this.#isBefore(child, this.#times[least]!, this.#orders[least]!)) least = child;
    }
    return least;
  }

  #isBefore(at: number, time: number, order: number): boolean {
    const theirs = this.#times[at]!;
    return theirs < time || theirs === time && this.#orders[at]! < order;
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from]!, this.#orders[from]!, this.#events[from]!);
  }

  #set(at: number, time: number, order: number, event: Event): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#events[at] = event;
  }

  #grow(): void {
    const [times, orders] = [this.#times, this.#orders];
    this.#times = new Float64Array(2 * times.length);
    this.#times.set(times);
    this.#orders = new Float64Array(2 * orders.length);
    this.#orders.set(orders);
  }
}
