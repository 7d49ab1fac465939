/**
 * The way between two members in one direction of one connection: delay, jitter and what a loss does to
 * TCP, which loses nothing but time. Pure.
 *
 * @module
 */
import type { Line } from "../scenario/run_plan.ts";

/** Bytes of payload in a TCP segment on Ethernet. */
export const SEGMENT = 1448;
/** ms: the shortest time after which TCP sends a lost segment again (Linux). */
const MIN_RETRANSMIT = 200;
/** Mathis et al. 1997: TCP's rate is at most so many segments per round trip and root of the loss. */
const MATHIS = 1.22;

/** What the way between two members is like. */
export type LineModel = Line;

/** Round trip in ms. */
export function roundTrip(line: LineModel): number {
  return 2 * line.latency;
}

/** Most bytes/ms that TCP gets through a line that loses; Infinity where it loses nothing. */
export function lossyRate(line: LineModel): number {
  if (line.loss <= 0) return Infinity;
  return MATHIS * SEGMENT / (Math.max(1, roundTrip(line)) * Math.sqrt(line.loss));
}

/** Tells when bytes arrive; they stay in order. */
export class DelayLine {
  readonly #line: LineModel;
  /** 0–1 */
  readonly #random: () => number;
  /** ms at which the last bytes arrived, and at which a line that loses is free again */
  #last = 0;
  #paced = 0;

  /** @param random seeded; numbers from 0 up to 1 */
  constructor(line: LineModel, random: () => number) {
    this.#line = line;
    this.#random = random;
  }

  /** When `bytes` arrive (ms) that leave at `departs` (ms). */
  arrival(departs: number, bytes: number): number {
    const { latency, jitter, loss } = this.#line;
    let leaves = departs;
    if (loss > 0) {
      this.#paced = Math.max(departs, this.#paced) + bytes / lossyRate(this.#line);
      leaves = this.#paced;
    }
    let arrives = leaves + latency;
    if (jitter > 0) arrives += jitter * (2 * this.#random() - 1);
    for (let at = 0; loss > 0 && at < bytes; at += SEGMENT) {
      // Everything behind a lost segment waits for it.
      if (this.#random() < loss) arrives += Math.max(roundTrip(this.#line), MIN_RETRANSMIT);
    }
    this.#last = Math.max(this.#last, departs, arrives);
    return this.#last;
  }
}
