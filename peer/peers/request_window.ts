/**
 * Request window (pipelining): how many blocks to keep requested from one peer (BEP 3 recommends a
 * queue of requests, so that the line is never idle).
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";

/** Fewest requests kept out to any peer, so that a slow one still has the next at hand. */
const MIN_WINDOW = 4;
/**
 * Enough (2 MiB) to keep any near peer busy. More would only put more pieces on their way at once:
 * with 500 a local swarm took a fifth longer, for want of cache, and 50 MB more.
 */
const NEAR_WINDOW = 128;
/** Most, for fast peers that are far: what common clients queue for one peer. */
export const MAX_WINDOW = 500;

/** How many requests a peer is sent that says that it queues `reqq` (BEP 10): one at least. */
export function requestsOf(reqq: number): number {
  return Math.max(1, Math.min(MAX_WINDOW, reqq));
}

/** The window of one peer, in blocks. It opens like TCP's slow start. */
export class RequestWindow {
  #size = 16;
  /** The shortest ms ever from request to block: how far away the peer is, without its queue. */
  #distance: number | undefined;

  get size(): number {
    return this.#size;
  }

  /** A block came `took` ms after its request: the window opens while it is what limits the rate. */
  onBlock(took: number, facts: PeerFacts): void {
    this.#distance = Math.min(this.#distance ?? took, took);
    if (this.#size < this.#limit(facts)) this.#size++;
  }

  /** A second passed. */
  tick(facts: PeerFacts): void {
    this.#size = Math.min(Math.max(this.#size, MIN_WINDOW), this.#limit(facts));
  }

  /** The peer is snubbed: one request, until a block comes. */
  close(): void {
    this.#size = 1;
  }

  /**
   * Never more than three seconds of what comes; for a fast peer, what is on its way in four times
   * its distance.
   */
  #limit({ rate, isSnubbed }: PeerFacts): number {
    if (isSnubbed) return 1;
    const blocks = rate / BLOCK_LENGTH;
    const far = Math.min(MAX_WINDOW, blocks * 4 * (this.#distance ?? 0) / 1000);
    return Math.max(MIN_WINDOW, Math.min(Math.ceil(3 * blocks), Math.max(NEAR_WINDOW, far)));
  }
}

/** How a peer performs: bytes per second, and whether it is snubbed. */
interface PeerFacts {
  readonly rate: number;
  readonly isSnubbed: boolean;
}
