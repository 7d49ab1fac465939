/**
 * Replay of the board: the last minute is kept, and shown live, paused, at half speed or once more.
 * Pure: times are ms of whatever clock its caller has.
 *
 * @module
 */

/** What is kept of one time. */
export interface Recorded {
  readonly at: number;
}

/** How long moments are kept, ms. */
export const KEPT_MS = 60_000;
/** Moments at most, however long somebody looks at an old one. */
const MAX_MOMENTS = 360;
/** What all moments may weigh together, in connections: some 40 MB of a browser's memory. */
const MAX_WEIGHT = 150_000;

/** Keeps moments and says which of them is shown. */
export class Replay<M extends Recorded> {
  readonly #weightOf: (moment: M) => number;
  #moments: M[] = [];
  #weight = 0;
  /** What is shown while it is paused. */
  #held: M | undefined;
  #speed: 1 | 0.5 = 1;
  #isPaused = false;
  /** The position shown at a time; undefined while it is live. */
  #anchor: { readonly now: number; readonly at: number } | undefined;
  /** Where a replay ends: it is live again then. */
  #until = Infinity;

  /** @param weightOf connections in a moment, or whatever else it weighs */
  constructor(weightOf: (moment: M) => number) {
    this.#weightOf = weightOf;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isSlow(): boolean {
    return this.#speed !== 1;
  }

  get isLive(): boolean {
    return this.#anchor === undefined;
  }

  /** Moments that are kept. */
  get size(): number {
    return this.#moments.length;
  }

  clear(): void {
    this.#moments = [];
    this.#weight = 0;
    this.live();
  }

  /** One more, later than all before. */
  add(moment: M): void {
    this.#moments.push(moment);
    this.#weight += this.#weightOf(moment);
    const oldest = Math.min(moment.at - KEPT_MS, this.#position(moment.at));
    // The one before the oldest time is what was shown at that time.
    while (
      this.#moments.length > 2 &&
      (this.#moments[1]!.at <= oldest || this.#moments.length > MAX_MOMENTS ||
        this.#weight > MAX_WEIGHT)
    ) {
      this.#weight -= this.#weightOf(this.#moments.shift()!);
    }
    const first = this.#moments[0]!.at;
    // Whoever looks at what is no longer kept goes on from the oldest.
    if (!this.#isPaused && this.#position(moment.at) < first) this.#move(moment.at, first);
  }

  /** What is shown now. */
  at(now: number): M | undefined {
    if (this.#anchor !== undefined && this.#position(now) >= Math.min(now, this.#until)) {
      if (!this.#isPaused) this.live();
    }
    if (this.#isPaused) return this.#held;
    return this.#find(this.#position(now));
  }

  /** ms that what is shown lies behind. */
  behind(now: number): number {
    return this.#anchor === undefined ? 0 : Math.max(0, now - this.#position(now));
  }

  /** The oldest that can be shown, ms behind. */
  reach(now: number): number {
    const oldest = this.#moments[0];
    return oldest === undefined ? 0 : Math.min(KEPT_MS, Math.max(0, now - oldest.at));
  }

  pause(now: number): void {
    if (this.#isPaused) return;
    this.#held = this.at(now);
    this.#move(now, Math.min(now, this.#position(now)));
    this.#isPaused = true;
  }

  /** Goes on from where it stands. */
  go(now: number): void {
    if (!this.#isPaused) return;
    const at = this.#position(now);
    this.#isPaused = false;
    this.#held = undefined;
    this.#move(now, Math.max(at, this.#moments[0]?.at ?? at));
  }

  /** Half speed or whole, from where it stands. */
  slow(isSlow: boolean, now: number): void {
    const at = Math.min(now, this.#position(now));
    this.#speed = isSlow ? 0.5 : 1;
    if (isSlow || this.#anchor !== undefined) this.#move(now, at);
  }

  /** The minute before `now` once more; then live again. */
  again(now: number): void {
    this.#isPaused = false;
    this.#held = undefined;
    this.#until = now;
    this.#move(now, now - this.reach(now));
  }

  /** Shows what was `behind` ms ago, and stays there if it is paused. */
  seek(behind: number, now: number): void {
    const at = now - Math.min(behind, this.reach(now));
    if (behind <= 0 && !this.#isPaused) return this.live();
    this.#move(now, at);
    if (this.#isPaused) this.#held = this.#find(at);
  }

  /** What is so now, at full speed. */
  live(): void {
    this.#anchor = undefined;
    this.#until = Infinity;
    this.#isPaused = false;
    this.#held = undefined;
    this.#speed = 1;
  }

  #move(now: number, at: number): void {
    this.#anchor = { now, at };
  }

  #position(now: number): number {
    if (this.#anchor === undefined) return Infinity;
    const { now: since, at } = this.#anchor;
    if (this.#isPaused) return at;
    return at + (now - since) * this.#speed;
  }

  /** The last up to a time; the oldest for a time before all. */
  #find(at: number): M | undefined {
    return this.#moments.findLast((moment) => moment.at <= at) ?? this.#moments[0];
  }
}
