/**
 * Uploading of one virtual peer: whom it unchokes, what it shows and gives.
 *
 * @module
 */
import { whyOf } from "../run/choke_reason.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import {
  FirstCopies,
  type Peer,
  PieceTurns,
  SuperSeedPlan,
  type UploadRequest,
  UploadSlots,
} from "../../peer/lab.ts";
import { forgets } from "./behaviour.ts";
import type { Uplink } from "./uplink.ts";
import type { Link, Uploading, VirtualMember } from "./virtual_member.ts";
import { BLOCK, CHOKE, HAVE, REJECT } from "./virtual_messages.ts";
import { chokerOf, VirtualUnchoker } from "./virtual_unchoker.ts";

/** One session's. */
export class VirtualUploading implements Uploading {
  readonly #owner: VirtualMember;
  readonly #uplink: Uplink<VirtualMember>;
  readonly #unchoker: VirtualUnchoker;
  readonly #firstCopies: FirstCopies<Peer> | undefined;
  #superSeed: SuperSeedPlan<Peer> | undefined;

  /** @param uplink outlasts the session */
  constructor(owner: VirtualMember, uplink: Uplink<VirtualMember>) {
    this.#owner = owner;
    this.#uplink = uplink;
    const { behaviour, rules, have, connections, downloading: { picker } } = owner;
    const { time, layout, random } = owner.swarm;
    const { slots = 4 } = behaviour;
    const choker = chokerOf(behaviour, slots, owner.up);
    this.#unchoker = new VirtualUnchoker(choker, connections.peers, {
      now: () => time.now,
      random,
      isSeeding: () => have.isFull,
      set: (peer, choke, reason) => this.#setChoke(connections.peers.get(peer)!, choke, reason),
    });
    if (choker.slots !== undefined && behaviour.slotsFollowUplink) {
      this.#unchoker.followUplink(new UploadSlots(layout.pieceLength), slots, () => owner.up);
    }
    const isOnlyHere = (piece: number) =>
      connections.links.size > 1 && picker.availability(piece) === 0;
    this.#firstCopies = rules.has("first-copies") ? new FirstCopies(isOnlyHere) : undefined;
    uplink.firstCopies = this.#firstCopies;
    uplink.pieceTurns = rules.has("piece-turns") ? new PieceTurns() : undefined;
    uplink.weightOf = choker.weightOf && ((peer) => choker.weightOf!(peer));
    if (behaviour.superSeed && have.isFull) {
      const copies = (piece: number) => picker.availability(piece);
      this.#superSeed = new SuperSeedPlan(layout.pieceCount, copies, random);
    }
  }

  /** A second has passed. */
  tick(now: number): void {
    const { swarm: { layout }, up } = this.#owner;
    this.#firstCopies?.tick(this.#unchoker.pieceTime(layout.pieceLength, up));
    this.#uplink.run();
    this.#tickSuperSeed(now);
  }

  // What others have, and are shown.

  get shown(): Bitfield {
    const { have } = this.#owner;
    return this.#superSeed === undefined ? have.copy() : new Bitfield(have.length);
  }

  onPieces(peer: Peer): void {
    if (this.#superSeed !== undefined) this.#show(this.#superSeed.welcome(peer));
  }

  onHave(peer: Peer, piece: number, now: number): void {
    this.#firstCopies?.onHave(piece, now);
    if (this.#superSeed !== undefined) this.#show(this.#superSeed.onHave(peer, piece, now));
  }

  #tickSuperSeed(now: number): void {
    if (this.#superSeed === undefined) return;
    if (!this.#superSeed.isOver) return this.#show(this.#superSeed.tick(now));
    this.#superSeed = undefined;
    const { connections, have } = this.#owner;
    for (const link of connections.links.values()) {
      for (let piece = 0; piece < have.length; piece++) {
        if (!link.pieces.has(piece)) connections.say(link, HAVE, piece);
      }
    }
  }

  #show(shown: Iterable<{ peer: Peer; piece: number }>): void {
    const { connections } = this.#owner;
    for (const { peer, piece } of shown) connections.say(connections.peers.get(peer)!, HAVE, piece);
  }

  // Choking.

  onInterest(peer: Peer, interested: boolean): void {
    peer.peerInterested = interested;
    if (interested) this.#unchoker.admit(peer);
    else if (!peer.amChoking) this.#unchoker.release();
  }

  release(): void {
    this.#unchoker.release();
  }

  /** A second has passed: chooses whom to give to, where it is time. */
  decide(now: number): void {
    this.#unchoker.tick(now);
  }

  #setChoke(link: Link, choke: boolean, reason: string): void {
    const { peer, other } = link;
    const { swarm, behaviour, connections, id, up, have } = this.#owner;
    if (peer.amChoking === choke || behaviour.freeRider || up === 0) return;
    peer.amChoking = choke;
    link.isQuiet = false;
    const dropped = choke ? [...peer.uploads] : [];
    if (choke) this.#uplink.forget(link);
    else peer.unchokedAt = swarm.time.now;
    const why = whyOf(reason, have.isFull);
    swarm.tell({ what: choke ? "choked" : "unchoked", who: id, whom: other.id, why });
    // BEP 6: each request that it had is refused, or answered.
    connections.say(link, CHOKE, {
      choke,
      refused: behaviour.chokesSilently ? undefined : dropped,
    });
  }

  // Giving.

  onRequest(link: Link, request: UploadRequest): void {
    if (link.peer.amChoking) return this.#refuse(link, request);
    link.isQuiet = false;
    const out = this.#uplink.outOf(link);
    if (forgets(this.#owner.behaviour, link, request.piece, out)) return;
    this.#uplink.push(link, request);
  }

  onCancel(link: Link, request: UploadRequest, refused: boolean): void {
    if (this.#uplink.cancel(link, request) && refused) this.#refuse(link, request);
  }

  #refuse(link: Link, request: UploadRequest): void {
    const { behaviour, connections } = this.#owner;
    if (!behaviour.chokesSilently) connections.say(link, REJECT, request);
  }

  /** A block has left. */
  onSent(link: Link, request: UploadRequest): void {
    const { piece, begin, length } = request;
    const { other } = link;
    const owner = this.#owner;
    const { corrupt = 0, hangsUpAfter = Infinity, lastBlockLate = 0 } = owner.behaviour;
    const { time, random, layout } = owner.swarm;
    const isWrong = corrupt > 0 && random() < corrupt;
    const isLate = lastBlockLate > 0 && begin + length >= layout.pieceSize(piece);
    const block = { request, isWrong, isLate };
    if (isLate) {
      this.#uplink.arrived(link, length);
      time.after(lastBlockLate, () => owner.connections.say(link, BLOCK, block, length));
    } else owner.connections.say(link, BLOCK, block, length);
    if (++link.given % hangsUpAfter === 0) {
      time.after(21, () => owner.connections.disconnect(other, "it hung up"));
      time.after(3000, () => other.connections.connect(owner));
    }
  }

  onArrived(link: Link, bytes: number): void {
    this.#uplink.arrived(link, bytes);
  }

  onLeft(link: Link): void {
    this.#uplink.forget(link);
    this.#superSeed?.onLeft(link.peer);
  }
}
