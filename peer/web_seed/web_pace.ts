/**
 * Web pace: the minimum rate of a request to a web seed: one that sends a byte now and then would
 * keep its pieces, and one of the few requests that a torrent has under way, from others.
 *
 * @module
 */

/** ms without a byte after which a request is given up. */
const SILENT_MS = 20_000;
/** Bytes that have to come in each so many ms. */
const LEAST_BYTES = 20 << 10;
const WINDOW_MS = 20_000;

/** The pace of one request. */
export class WebPace {
  #heardAt: number;
  #since: number;
  #bytes = 0;

  constructor(now: number) {
    this.#heardAt = now;
    this.#since = now;
  }

  /** Bytes came. */
  heard(bytes: number, now: number): void {
    this.#heardAt = now;
    this.#bytes += bytes;
  }

  /** What it waited for was our own limit, so that its time begins anew. */
  pardon(now: number): void {
    this.#heardAt = now;
    this.#since = now;
    this.#bytes = 0;
  }

  /** Why the request is to be given up, as a sentence; undefined where it goes on. */
  fault(now: number): string | undefined {
    if (now - this.#heardAt >= SILENT_MS) return `it sent nothing for ${SILENT_MS / 1000} s`;
    if (now - this.#since < WINDOW_MS) return undefined;
    const bytes = this.#bytes;
    this.#since = now;
    this.#bytes = 0;
    return bytes < LEAST_BYTES
      ? `it sent ${bytes} bytes in ${WINDOW_MS / 1000} s, too few to wait for`
      : undefined;
  }
}
