/**
 * Super-seeding (BEP 16): shows each peer one piece at a time until the swarm has a whole copy.
 *
 * @module
 */
import type { Connection } from "../connections/connection.ts";
import type { Peer } from "../peers/peer.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";
import { type ShownPiece, SuperSeedPlan } from "./super_seed_plan.ts";

/** Peers that say nothing of their pieces for so many ms have none. */
const QUIET_MS = 1000;
/** Pieces that a peer is told of in a second once nothing is hidden: two million at once are 18 MiB. */
const TOLD_AT_ONCE = 2 ** 14;

/** One torrent's super-seeding, from the first peer until the others have everything. */
export class SuperSeeding {
  readonly #connections: Iterable<[Peer, Connection]>;
  readonly #picker: PiecePicker;
  #plan: SuperSeedPlan<Peer> | undefined;
  /** Once nothing is hidden: whom pieces were hidden from, and from which on they are to be told. */
  readonly #toldTo = new Map<Peer, number>();

  /** @param random uniform in [0, 1) */
  constructor(
    connections: Iterable<[Peer, Connection]>,
    picker: PiecePicker,
    random: () => number,
  ) {
    this.#connections = connections;
    this.#picker = picker;
    const availability = (piece: number) => picker.availability(piece);
    this.#plan = new SuperSeedPlan(picker.pieceCount, availability, random);
  }

  /** Whether pieces are hidden: a new peer is told that we have none. */
  get isOn(): boolean {
    return this.#plan !== undefined;
  }

  /** It is known what a peer has. */
  onPieces(peer: Peer): void {
    if (this.#plan?.isKnown(peer) === false) this.#say(this.#plan.welcome(peer));
  }

  /** It said so anew. */
  onPiecesAgain(peer: Peer, now: number): void {
    if (this.#plan !== undefined) this.#say(this.#plan.onPieces(peer, now));
  }

  onHave(peer: Peer, piece: number, now: number): void {
    if (this.#plan !== undefined) this.#say(this.#plan.onHave(peer, piece, now));
  }

  onLeft(peer: Peer): void {
    this.#plan?.onLeft(peer);
    this.#toldTo.delete(peer);
  }

  /** A second has passed, and we have everything. */
  tick(now: number): void {
    if (this.#plan === undefined) return this.#tellMore();
    if (this.#plan.isOver) return this.#end();
    for (const [peer] of this.#connections) {
      if (now - peer.connectedAt >= QUIET_MS) this.onPieces(peer);
    }
    this.#say(this.#plan.tick(now));
  }

  /** Nothing is hidden any more. */
  #end(): void {
    this.#plan = undefined;
    for (const [peer] of this.#connections) this.#toldTo.set(peer, 0);
    this.#tellMore();
  }

  /** Tells those from whom pieces were hidden of some that they lack. */
  #tellMore(): void {
    if (this.#toldTo.size === 0) return;
    for (const [peer, { writer }] of this.#connections) {
      let piece = this.#toldTo.get(peer);
      if (piece === undefined) continue;
      for (let told = 0; piece < peer.pieces.length && told < TOLD_AT_ONCE; piece++) {
        if (peer.pieces.has(piece)) continue;
        writer.have(piece);
        told++;
      }
      if (piece < peer.pieces.length) this.#toldTo.set(peer, piece);
      else this.#toldTo.delete(peer);
    }
  }

  #say(shown: Iterable<ShownPiece<Peer>>): void {
    // Few peers get a piece at a time, so that looking for the connection costs nothing.
    for (const { peer, piece } of shown) {
      for (const [other, { writer }] of this.#connections) if (other === peer) writer.have(piece);
    }
  }
}
