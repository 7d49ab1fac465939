/**
 * The made-up network: how long what one peer sends takes to another. Uplinks are not here: who sends
 * waits for its own line (`uplink.ts`).
 *
 * @module
 */

import { lineBetween } from "../scenario/line_between.ts";
import type { Line, Net } from "../scenario/run_plan.ts";

/** Bytes of payload in one segment of Ethernet. */
const SEGMENT = 1448;
/** TCP waits so long at least before it sends a lost segment again, ms. */
const LEAST_STALL = 200;
/** Mathis et al. 1997: TCP's rate is this x segment / (round trip x the root of the loss). */
const MATHIS = 1.22;

/** One direction of one connection. */
export interface Lane {
  /** When the last message arrives, ms: nothing overtakes on TCP. */
  lastAt: number;
}

/** The end of what arrives at one peer: its downlink, shared by all its connections. */
export interface Downlink {
  /** Bytes per second. */
  down: number;
  /** When it is done with what is on its way, ms. */
  busyUntil: number;
}

/** The network between any two members: most often the same one. */
export class VirtualNetworks {
  readonly #net: Net;
  readonly #random: () => number;
  readonly #usual: VirtualNetwork;
  /** Of pairs that were asked for, where pairs differ. */
  readonly #between = new Map<string, VirtualNetwork>();

  /** @param random uniform in [0, 1) */
  constructor(net: Net, random: () => number) {
    this.#net = net;
    this.#random = random;
    this.#usual = new VirtualNetwork(net, random);
  }

  /** @param one id of a member */
  between(one: string, other: string): VirtualNetwork {
    if (this.#net.pairs === undefined) return this.#usual;
    const key = one < other ? `${one}\n${other}` : `${other}\n${one}`;
    let network = this.#between.get(key);
    if (network === undefined) {
      network = new VirtualNetwork(lineBetween(this.#net, one, other), this.#random);
      this.#between.set(key, network);
    }
    return network;
  }
}

/** Computes when messages arrive. */
export class VirtualNetwork {
  readonly options: Line;
  readonly #random: () => number;
  /** Bytes per ms that TCP reaches where segments are lost. */
  readonly #rate: number;

  /** @param random uniform in [0, 1) */
  constructor(options: Line, random: () => number) {
    this.options = options;
    this.#random = random;
    const { latency, loss } = options;
    const roundTrip = Math.max(1, 2 * latency);
    this.#rate = loss === 0 ? Infinity : MATHIS * SEGMENT / (roundTrip * Math.sqrt(loss));
  }

  /**
   * When a datagram arrives (ms) that leaves at `now`; undefined where it gets lost.
   *
   * @param bytes that it takes of the downlink
   */
  passage(to: Downlink, bytes: number, now: number): number | undefined {
    const { loss } = this.options;
    if (loss > 0 && this.#random() < loss) return undefined;
    return this.#throughDownlink(to, bytes, this.#travel(now));
  }

  /**
   * When something arrives (ms) that leaves at `now`.
   *
   * @param bytes of a block; 0 for a message, which takes no room
   */
  arrival(lane: Lane, to: Downlink, bytes: number, now: number): number {
    const { latency, loss } = this.options;
    let at = this.#travel(now);
    if (loss > 0) {
      if (bytes > 0) at = Math.max(at, lane.lastAt + bytes / this.#rate);
      const segments = Math.max(1, Math.ceil(bytes / SEGMENT));
      if (this.#random() < 1 - (1 - loss) ** segments) at += Math.max(2 * latency, LEAST_STALL);
    }
    at = this.#throughDownlink(to, bytes, at);
    return lane.lastAt = Math.max(lane.lastAt, at);
  }

  #travel(now: number): number {
    const { latency, jitter } = this.options;
    const at = now + latency;
    return jitter > 0 ? Math.max(now, at + (2 * this.#random() - 1) * jitter) : at;
  }

  #throughDownlink(to: Downlink, bytes: number, at: number): number {
    if (bytes === 0 || to.down === Infinity) return at;
    return to.busyUntil = Math.max(at, to.busyUntil + 1000 * bytes / to.down);
  }
}
