/**
 * LEDBAT, the congestion window of uTP (BEP 29, RFC 6817): it gives way to others before they lose
 * packets.
 *
 * @module
 */

/** The delay in ms that it adds to a line at most. */
const TARGET = 100;
/** Bytes that the window grows by in one round trip at most. */
const MAX_GROWTH = 3000;
const MAX_WINDOW = 1 << 20;
/** Share of the window that one round trip beyond the target may cost. */
const MAX_SHRINKING = 0.5;
/**
 * The shortest delay is looked for in so many minutes: clocks drift, routes change. Fewer, and our
 * own standing queue would be taken for the line's.
 */
const MINUTES = 10;
/** Of so many delays the shortest counts: single packets are late for reasons of their own. */
const RECENT = 3;

/** The window of one connection, in bytes. */
export class Ledbat {
  readonly #packet: number;
  #window: number;
  /** Doubles each round trip until the line shows a delay or loses something, or up to here. */
  #slowStartTo = Infinity;
  /** The shortest delay (µs by two clocks) of this minute and those before. */
  readonly #shortest: number[] = [];
  #minute: number | undefined;
  /** The last delays. */
  readonly #recent: number[] = [];
  #lostAt = -Infinity;

  /** @param packet bytes of payload in one packet */
  constructor(packet: number) {
    this.#packet = packet;
    this.#window = 4 * packet;
  }

  get window(): number {
    return this.#window;
  }

  get isSlowStart(): boolean {
    return this.#window < this.#slowStartTo;
  }

  /**
   * Packets arrived there.
   *
   * @param bytes of payload
   * @param delay µs that the other end measured, by two clocks; 0: it has not yet
   * @param isFull whether the window was what held us up
   */
  acked(bytes: number, delay: number, now: number, isFull: boolean): void {
    const queueing = delay === 0 ? 0 : this.#queueing(delay, now);
    const off = (TARGET - queueing) / TARGET;
    if (off < 0.1) this.#slowStartTo = 0;
    if (!isFull && off > 0) return;
    const share = Math.min(1, bytes / this.#window);
    // Downwards by shares: a large window has to give way as fast as a small one.
    const growth = off < 0
      ? -this.#window * Math.min(MAX_SHRINKING, -off) * share
      : this.isSlowStart
      ? bytes
      : MAX_GROWTH * off * share;
    this.#set(this.#window + growth);
  }

  /** A packet was lost: half, but once for all that were under way together. */
  lost(now: number, roundTrip: number): void {
    this.#slowStartTo = 0;
    if (now - this.#lostAt < roundTrip) return;
    this.#lostAt = now;
    this.#set(this.#window / 2);
  }

  /** Nothing came for a long time. */
  timedOut(now: number): void {
    this.#lostAt = now;
    // A second time in a row says nothing new about the line.
    this.#slowStartTo = Math.max(this.#window / 2, Math.min(this.#slowStartTo, MAX_WINDOW) / 2);
    this.#set(0);
  }

  #set(window: number): void {
    this.#window = Math.min(MAX_WINDOW, Math.max(2 * this.#packet, window));
  }

  /** ms that packets wait in queues on the way: their delay without the shortest ever. */
  #queueing(delay: number, now: number): number {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#shortest.push(delay);
      if (this.#shortest.length > MINUTES) this.#shortest.shift();
    }
    const last = this.#shortest.length - 1;
    this.#shortest[last] = first(delay, this.#shortest[last]!);
    this.#recent.push(delay);
    if (this.#recent.length > RECENT) this.#recent.shift();
    return difference(this.#recent.reduce(first), this.#shortest.reduce(first)) / 1000;
  }
}

/** Differences of clocks wrap around: the shorter one is that which comes first. */
function first(a: number, b: number): number {
  return difference(a, b) < 0 ? a : b;
}

/** `a - b` in 32 bits that begin again. */
function difference(a: number, b: number): number {
  return (a - b) | 0;
}
