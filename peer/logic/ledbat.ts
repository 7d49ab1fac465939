/**
 * How much uTP may have under way (BEP 29, RFC 6817): it gives way to others before they lose
 * packets.
 *
 * @module
 */

/** The delay in ms that it adds to a line at most. */
const TARGET = 100;
/** Bytes that the window grows by in one round trip at most. */
const MAX_GROWTH = 3000;
const MAX_WINDOW = 1 << 20;
/** The shortest delay is looked for in so many minutes: clocks drift, routes change. */
const MINUTES = 2;

/** The window of one connection, in bytes. */
export class Ledbat {
  readonly #packet: number;
  #window: number;
  /** Doubles each round trip until the line shows a delay or loses something. */
  #slowStart = true;
  /** The shortest delay (µs by two clocks) of this minute and those before. */
  readonly #shortest: number[] = [];
  #minute: number | undefined;
  #lostAt = -Infinity;

  /** @param packet bytes of payload in one packet */
  constructor(packet: number) {
    this.#packet = packet;
    this.#window = 4 * packet;
  }

  get window(): number {
    return this.#window;
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
    const off = Math.max(-1, (TARGET - queueing) / TARGET);
    if (off < 0.1) this.#slowStart = false;
    if (!isFull && off > 0) return;
    const growth = this.#slowStart ? bytes : MAX_GROWTH * off * Math.min(1, bytes / this.#window);
    this.#window = Math.min(MAX_WINDOW, Math.max(2 * this.#packet, this.#window + growth));
  }

  /** A packet was lost: half, but once for all that were under way together. */
  lost(now: number, roundTrip: number): void {
    this.#slowStart = false;
    if (now - this.#lostAt < roundTrip) return;
    this.#lostAt = now;
    this.#window = Math.max(2 * this.#packet, this.#window / 2);
  }

  /** Nothing came for a long time. */
  timedOut(now: number): void {
    this.#lostAt = now;
    this.#window = 2 * this.#packet;
    this.#slowStart = true;
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
    // Differences of clocks wrap around: what matters is which comes first.
    if (difference(delay, this.#shortest[last]!) < 0) this.#shortest[last] = delay;
    const base = this.#shortest.reduce((a, b) => difference(a, b) < 0 ? a : b);
    return difference(delay, base) / 1000;
  }
}

/** `a - b` in 32 bits that begin again. */
function difference(a: number, b: number): number {
  return (a - b) | 0;
}
