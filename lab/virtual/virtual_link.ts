/**
 * One end of a connection between two virtual peers.
 *
 * @module
 */
import type { Peer } from "../../peer/lab.ts";
import type { Lane } from "./virtual_network.ts";

/** What one peer knows of another, `Other`, that it is connected to. */
export interface VirtualLink<Other> extends Lane {
  readonly other: Other;
  /** The other as the engine's parts know it. */
  readonly peer: Peer;
  /** Requests of the other that were lost on purpose. */
  lost: number;
  /** Blocks given. */
  given: number;
  /** What it was given of late, for those who serve by weight: bytes. */
  served: number;
  /** Bytes of blocks that left and did not arrive. */
  underWay: number;
  /** Nothing is on its way or changes by itself, so that ticks need not look at it. */
  isQuiet: boolean;
}

/** Whether a link is quiet until something is said on it; to be asked after a tick. */
export function isQuiet(
  { amInterested, requests, overdue, uploads, down, up, room, answers }: Peer,
) {
  return requests.size === 0 && overdue.size === 0 && uploads.length === 0 &&
    down.rate === 0 && up.rate === 0 && down.sinceTick === 0 && up.sinceTick === 0 &&
    answers.capacity > 0 && (!amInterested || room > 0);
}

export function newLink<Other>(other: Other, peer: Peer): VirtualLink<Other> {
  return { other, peer, lost: 0, given: 0, served: 0, lastAt: 0, underWay: 0, isQuiet: false };
}
