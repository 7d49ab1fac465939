/**
 * One end of a connection between two virtual peers.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Peer } from "../../peer/lab.ts";
import type { Lane } from "./virtual_network.ts";

/** Says a request. @param length bytes */
export type SayRequest = (piece: number, begin: number, length: number) => void;

/** What one peer knows of another, `Member`, that it is connected to. */
export class VirtualLink<Member> implements Lane {
  // Those come first that are looked at with each word that the other has a piece.
  /** They parted: what is on its way reaches nobody. */
  isOver = false;
  /** Whose end it is. */
  readonly owner: Member;
  /** What the other said that it has, and whether that is everything: so is it with `peer`, too. */
  pieces: Bitfield;
  isSeed = false;
  /** What `peer` says, too: it is asked for so often that the way there would show. */
  isInteresting = false;
  /** It has something that we want, and lets us ask. */
  mayAsk = false;
  lastAt = 0;
  readonly other: Member;
  /** The other's end. */
  far!: VirtualLink<Member>;
  /** The other as the engine's parts know it. */
  readonly peer: Peer;
  /** It stands among those that requests may be about: see `Connections.busy`. */
  isBusy = false;
  /** Nothing is on its way or changes by itself, so that ticks need not look at it. */
  isQuiet = false;
  /** Asks the other for a block. */
  sayRequest: SayRequest | undefined;
  /** Requests of the other that were lost on purpose. */
  lost = 0;
  /** Blocks given. */
  given = 0;
  /** What it was given of late, for those who serve by weight: bytes. */
  served = 0;
  /** Bytes of blocks that left and did not arrive. */
  underWay = 0;

  constructor(owner: Member, other: Member, peer: Peer) {
    this.owner = owner;
    this.other = other;
    this.peer = peer;
    this.pieces = peer.pieces;
  }

  /** The other says all that it has. */
  told(pieces: Bitfield): void {
    this.peer.pieces = pieces;
    this.pieces = pieces;
    this.isSeed = pieces.isFull;
  }

  /** The other has a piece more; false where it was known to have it. */
  gained(piece: number): boolean {
    if (!this.pieces.add(piece)) return false;
    this.isSeed = this.pieces.isFull;
    return true;
  }

  /** Interest or choke has changed. */
  changed(): void {
    this.isInteresting = this.peer.amInterested;
    this.mayAsk = this.isInteresting && !this.peer.peerChoking;
  }

  /** Joins the two ends of a connection. */
  static join<Member>(one: VirtualLink<Member>, other: VirtualLink<Member>): void {
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
