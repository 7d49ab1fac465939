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

/** One torrent's super-seeding, from the first peer until the others have everything. */
export class SuperSeeding {
  readonly #connections: Iterable<[Peer, Connection]>;
  readonly #picker: PiecePicker;
  #plan: SuperSeedPlan<Peer> | undefined;

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
  }

  /** A second has passed. */
  tick(now: number): void {
    if (this.#plan === undefined) return;
    if (this.#plan.isOver) return this.end();
    for (const [peer] of this.#connections) {
      if (now - peer.connectedAt >= QUIET_MS) this.onPieces(peer);
    }
    this.#say(this.#plan.tick(now));
  }

  /** Nothing is hidden any more. */
  end(): void {
    if (this.#plan === undefined) return;
    this.#plan = undefined;
    for (const [peer, { writer }] of this.#connections) {
      for (let piece = 0; piece < peer.pieces.length; piece++) {
        if (!peer.pieces.has(piece)) writer.have(piece);
      }
    }
  }

  #say(shown: Iterable<ShownPiece<Peer>>): void {
    // Few peers get a piece at a time, so that looking for the connection costs nothing.
    for (const { peer, piece } of shown) {
      for (const [other, { writer }] of this.#connections) if (other === peer) writer.have(piece);
    }
  }
}
