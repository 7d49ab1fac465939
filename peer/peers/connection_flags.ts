/**
 * Connection flags (BEP 3): choked and interested, in both directions.
 *
 * A flag of this instant says little beside a rate: interest in a peer that gets one piece a second
 * comes and goes with each. So it is also known what held at any time of the last second.
 *
 * @module
 */

/** What may hold; each is worth telling beside a rate where it held at all. */
interface Held {
  /** We let it ask us. */
  serving: boolean;
  /** It wants something that we have. */
  wanted: boolean;
  /** It lets us ask. */
  served: boolean;
  /** We want something that it has. */
  wanting: boolean;
}

/** One connection's. */
export class ConnectionFlags {
  readonly #now: Held = { serving: false, wanted: false, served: false, wanting: false };
  /** At any time since the last tick, and in the second before it. */
  readonly #since: Held = { ...this.#now };
  readonly #before: Held = { ...this.#now };

  /** What holds now. */
  get now(): Readonly<Held> {
    return this.#now;
  }

  set(what: keyof Held, holds: boolean): void {
    this.#now[what] = holds;
    this.#since[what] ||= holds;
  }

  /** Whether it holds or did at any time of the last second (of two at most). */
  lately(what: keyof Held): boolean {
    return this.#since[what] || this.#before[what];
  }

  /** A second has passed. */
  tick(): void {
    copy(this.#since, this.#before);
    copy(this.#now, this.#since);
  }
}

/** For each connection each second: field by field it costs a tenth of `Object.assign`. */
function copy(from: Held, to: Held): void {
  to.serving = from.serving;
  to.wanted = from.wanted;
  to.served = from.served;
  to.wanting = from.wanting;
}
