/**
 * One end of a connection between two virtual peers.
 *
 * @module
 */
import type { Peer } from "../../peer/lab.ts";
import type { Lane } from "./virtual_network.ts";

/** What one peer knows of another, `Other`, that it is connected to. */
export class VirtualLink<Other> implements Lane {
  readonly other: Other;
  /** The other as the engine's parts know it. */
  readonly peer: Peer;
  /** The other's end. */
  far!: VirtualLink<Other>;
  /** They parted: what is on its way reaches nobody. */
  isOver = false;
  lastAt = 0;
  /** Requests of the other that were lost on purpose. */
  lost = 0;
  /** Blocks given. */
  given = 0;
  /** What it was given of late, for those who serve by weight: bytes. */
  served = 0;
  /** Bytes of blocks that left and did not arrive. */
  underWay = 0;
  /** What `peer` says, too: it is asked for so often that the way there would show. */
  isInteresting = false;
  /** It has something that we want, and lets us ask. */
  mayAsk = false;
  /** It stands among those that requests may be about: see `Connections.busy`. */
  isBusy = false;
  /** Nothing is on its way or changes by itself, so that ticks need not look at it. */
  isQuiet = false;

  constructor(other: Other, peer: Peer) {
    this.other = other;
    this.peer = peer;
  }

  /** Interest or choke has changed. */
  changed(): void {
    this.isInteresting = this.peer.amInterested;
    this.mayAsk = this.isInteresting && !this.peer.peerChoking;
  }

  /** Joins the two ends of a connection. */
  static join<Other>(one: VirtualLink<Other>, other: VirtualLink<Other>): void {
    one.far = other;
    other.far = one;
  }
}

/** ms that two who have everything stay connected. */
const BOTH_DONE_MS = 10_000;

/** Whether a connection between two who have everything has been of no use for long enough. */
export function isUseless({ connectedAt, lastBlockAt }: Peer, now: number): boolean {
  return now - Math.max(connectedAt, lastBlockAt) > BOTH_DONE_MS;
}

/** Whether a link is quiet until something is said on it; to be asked after a tick. */
export function isQuiet(
  { amInterested, requests, overdue, uploads, down, up, room, answers }: Peer,
) {
  return requests.size === 0 && overdue.size === 0 && uploads.length === 0 &&
    down.rate === 0 && up.rate === 0 && down.sinceTick === 0 && up.sinceTick === 0 &&
    answers.capacity > 0 && (!amInterested || room > 0);
}
