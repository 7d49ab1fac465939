/**
 * Which pieces peers say that they have, as the picker counts them. A bitfield of a million pieces is
 * counted with pauses: many may come in one turn of the loop, and go in one.
 *
 * A peer that lacks nothing but padding, as clients do that take it for files (BEP 47), has everything:
 * anybody can make zeros.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";
import type { Peer } from "./peer.ts";

/** Pieces that are counted at once, and between two pauses. */
const PIECES_PER_STEP = 4096;

export interface ToldPiecesOptions {
  readonly picker: PiecePicker;
  readonly layout: Pick<Layout, "paddingLeft" | "contentLacking" | "isPadding">;
  /** Does work with pauses, of which more than one may be under way. */
  readonly later: (steps: Steps<void>) => void;
}

/** What all peers of one torrent have. */
export class ToldPieces {
  readonly #options: ToldPiecesOptions;
  /** Pieces that a peer lacks, without those of padding alone: to look for these costs a bit a piece. */
  readonly #lacking = new WeakMap<Peer, number>();

  constructor(options: ToldPiecesOptions) {
    this.#options = options;
  }

  /** A peer says all that it has, for the first time. */
  begin(peer: Peer, pieces: Bitfield): void {
    const { picker, layout } = this.#options;
    for (const zeros of layout.paddingLeft(pieces)) pieces.add(zeros);
    this.#lacking.set(peer, layout.contentLacking(pieces));
    peer.announcedPieces = true;
    peer.pieces = pieces;
    peer.countedAsSeed = pieces.isFull;
    if (peer.countedAsSeed) picker.addSeed();
    else this.#count(peer);
  }

  /** It says all that it has anew: what it had counts, too. */
  again(peer: Peer, pieces: Bitfield): void {
    // The walk that takes back what it had goes by that bitfield, which must not change from here on.
    this.leave(peer);
    this.begin(peer, peer.pieces.union(pieces));
  }

  /** It got one more; false where it had that one. */
  gain(peer: Peer, piece: number): boolean {
    if (!this.#gain(peer, piece)) return false;
    const { layout } = this.#options;
    if (this.#lacking.get(peer)! > 0) return true;
    const zeros = layout.paddingLeft(peer.pieces);
    if (zeros.length <= PIECES_PER_STEP) { for (const piece of zeros) this.#gain(peer, piece); }
    else this.again(peer, peer.pieces);
    return true;
  }

  /** It lost one (BEP 54). */
  lose(peer: Peer, piece: number): void {
    const { picker, layout } = this.#options;
    const lacking = this.#lackingOf(peer);
    if (!peer.pieces.delete(piece)) return;
    this.#lacking.set(peer, lacking + Number(!layout.isPadding(piece)));
    if (peer.countedAsSeed) {
      peer.countedAsSeed = false;
      picker.removeSeed();
      this.#count(peer);
    } else if (piece < peer.countedTo) picker.onLost(piece);
  }

  /** It went. */
  leave(peer: Peer): void {
    const { picker } = this.#options;
    const { pieces } = peer;
    const end = Math.min(peer.countedTo, pieces.length);
    // What was not counted yet will not be.
    peer.countedTo = Infinity;
    if (peer.countedAsSeed) return picker.removeSeed();
    this.#walk(pieces, (from) => {
      if (from >= end) return undefined;
      const to = Math.min(end, from + PIECES_PER_STEP);
      picker.removePeer(pieces, from, to);
      return to;
    });
  }

  #lackingOf(peer: Peer): number {
    return this.#lacking.get(peer) ?? this.#options.layout.contentLacking(peer.pieces);
  }

  #gain(peer: Peer, piece: number): boolean {
    const lacking = this.#lackingOf(peer);
    if (!peer.pieces.add(piece)) return false;
    this.#lacking.set(peer, lacking - Number(!this.#options.layout.isPadding(piece)));
    if (!peer.countedAsSeed && piece < peer.countedTo) this.#options.picker.onHave(piece);
    return true;
  }

  #count(peer: Peer): void {
    const { pieces } = peer;
    peer.countedTo = 0;
    this.#walk(pieces, (from) => {
      const isOver = peer.pieces !== pieces || peer.countedTo !== from;
      if (isOver || from >= pieces.length) return undefined;
      const to = Math.min(pieces.length, from + PIECES_PER_STEP);
      this.#options.picker.addPeer(pieces, from, to);
      return peer.countedTo = to;
    });
  }

  /** Step by step until there is no next one; at once where there are few pieces. */
  #walk(pieces: Bitfield, step: (from: number) => number | undefined): void {
    const isShort = pieces.length <= PIECES_PER_STEP;
    const steps = walkSteps(step);
    if (isShort) { for (let done: boolean | undefined = false; !done;) done = steps.next().done; }
    else this.#options.later(steps);
  }
}

function* walkSteps(step: (from: number) => number | undefined): Steps<void> {
  for (let from: number | undefined = 0; from !== undefined; from = step(from)) yield;
}
