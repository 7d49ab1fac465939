/**
 * Downloading of one virtual peer: what it wants of whom, and what becomes of blocks and pieces.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import {
  type ActivePiece,
  type BufferPool,
  DownlinkQueue,
  Download,
  isInteresting,
  type Peer,
  PeerTrials,
  type PiecePicker,
  SeedSparing,
  type UploadRequest,
} from "../../peer/lab.ts";
import { pickerOf } from "./behaviour.ts";
import { pieceMemory } from "./piece_memory.ts";
import { blockOf, isRight } from "./virtual_content.ts";
import type { SayRequest } from "./virtual_link.ts";
import type { Downloading, Link, VirtualMember } from "./virtual_member.ts";
import { CANCEL, INTEREST, REQUEST, WITHDRAW } from "./virtual_messages.ts";

/** One session's. */
export class VirtualDownloading implements Downloading {
  readonly picker: PiecePicker;
  readonly download: Download;
  readonly #owner: VirtualMember;
  readonly #buffers: BufferPool;
  readonly #trials: PeerTrials;

  constructor(owner: VirtualMember) {
    this.#owner = owner;
    const { behaviour, rules, have, connections } = owner;
    const { layout, random, options, memory } = owner.swarm;
    this.picker = pickerOf(behaviour, have, random);
    this.#buffers = pieceMemory(options.isHonest ? memory : undefined);
    this.download = new Download(layout, this.picker, this.#buffers);
    const busy = { keys: () => connections.busyPeers };
    this.download.company = new SeedSparing(busy, rules.has("seed-sparing"));
    if (rules.has("downlink-queue")) this.download.downlink = new DownlinkQueue(busy);
    this.#trials = new PeerTrials(Math.ceil(layout.pieceLength / BLOCK_LENGTH));
  }

  /** Bytes of pieces on their way. */
  get lent(): number {
    return this.#buffers.lent;
  }

  /** A second has passed: what a peer did not answer in time is given up. */
  tickPeer(peer: Peer, now: number): void {
    if (peer.requests.size + peer.overdue.size > 0) this.download.giveUpOverdue(peer, now);
  }

  /** The same, for all peers together. */
  tick(now: number): void {
    const { rules, connections: { links, peers } } = this.#owner;
    this.download.downlink?.tick();
    if (rules.has("peer-trials")) this.#trials.tick(peers.keys(), now);
    this.download.makeRoom(peers.keys());
    this.askAll();
    for (const link of links.values()) {
      const { peer } = link;
      if (!link.isQuiet && peer.amInterested) this.download.probe(peer, now, this.#request(link));
    }
  }

  welcome(peer: Peer): void {
    if (this.#owner.rules.has("peer-trials")) this.#trials.welcome(peer);
  }

  onLeft(peer: Peer): void {
    this.download.releaseAll(peer);
    if (peer.countedAsSeed) this.picker.removeSeed();
    else this.picker.removePeer(peer.pieces);
  }

  /** The session is over, and everybody gone. */
  end(): void {
    this.download.clear([]);
  }

  // What it hears of pieces.

  onPieces(link: Link, pieces: Bitfield): void {
    const { peer } = link;
    link.told(pieces);
    peer.countedAsSeed = link.isSeed;
    if (link.isSeed) this.picker.addSeed();
    else this.picker.addPeer(pieces);
    this.#owner.uploading.onPieces(peer);
    this.#updateInterest(link);
  }

  onHave(link: Link, piece: number): void {
    if (!link.gained(piece)) return;
    this.picker.onHave(piece);
    this.onGained(link, piece);
  }

  onGained(link: Link, piece: number): void {
    const { swarm, have, uploading } = this.#owner;
    uploading.onHave(link.peer, piece, swarm.time.now);
    if (!link.isInteresting && !have.has(piece)) this.#updateInterest(link);
    if (link.mayAsk) this.#ask(link);
  }

  /** Whether it had to say something. */
  #updateInterest(link: Link): boolean {
    const { peer, other } = link;
    const { swarm, have, id, connections } = this.#owner;
    const interested = isInteresting(link.pieces, have);
    if (interested === link.isInteresting) return false;
    peer.amInterested = interested;
    connections.changed(link);
    const what = interested ? "interested" : "uninterested";
    swarm.tell({ what, who: id, whom: other.id });
    connections.say(link, INTEREST, interested);
    return true;
  }

  // Asking.

  onChoke(link: Link, choke: boolean, refused: readonly UploadRequest[] | undefined): void {
    const { swarm, connections } = this.#owner;
    link.peer.setChoking(choke, swarm.time.now);
    connections.changed(link);
    link.isQuiet = false;
    if (refused === undefined) return;
    for (const { piece, begin } of refused) this.onReject(link, piece, begin);
    if (!choke) this.#ask(link);
  }

  askAll(): void {
    for (const link of this.#owner.connections.busy) if (link.mayAsk) this.#ask(link);
  }

  /** Asks a peer for as much as it takes: free blocks first, then what waits at others. */
  #ask(link: Link): void {
    if (!link.mayAsk) return;
    const { peer } = link;
    const room = this.download.roomFor(peer);
    if (room <= 0) return;
    const { swarm, rules, connections } = this.#owner;
    const { now } = swarm.time;
    const request = this.#request(link);
    const asked = this.download.assign(peer, room, now, request);
    if (asked === room) return;
    const withdraw = rules.has("relief") ? this.#withdraw : undefined;
    this.download.relieve(peer, connections.busyPeers, room - asked, now, request, withdraw);
  }

  /** Says a request to the other. Made once for each, since whoever is idle is asked again and again. */
  #request(link: Link): SayRequest {
    return link.sayRequest ??= (piece, begin, length) => {
      const { connections } = this.#owner;
      this.#owner.asked++;
      link.isQuiet = false;
      if (!link.isBusy) connections.changed(link);
      connections.say(link, REQUEST, { piece, begin, length });
    };
  }

  readonly #withdraw = (from: Peer, piece: number, begin: number, length: number): void => {
    const { connections } = this.#owner;
    connections.say(connections.peers.get(from)!, WITHDRAW, { piece, begin, length });
  };

  onReject(link: Link, piece: number, begin: number): void {
    const { swarm, connections } = this.#owner;
    const heir = this.download.rejected(link.peer, piece, begin);
    const next = heir && connections.peers.get(heir);
    const { now } = swarm.time;
    const isAsked = next !== undefined &&
      this.download.askFor(next.peer, piece, begin, now, this.#request(next));
    if (!isAsked && this.download.isOpen(piece)) this.#askFor(piece);
  }

  /** Asks those that may give a piece. */
  #askFor(piece: number): void {
    for (const link of this.#owner.connections.busy) {
      if (link.mayAsk && link.peer.pieces.has(piece)) this.#ask(link);
    }
  }

  // Blocks.

  onBlock(link: Link, request: UploadRequest, isWrong: boolean): void {
    const { peer, other } = link;
    const { piece, begin, length } = request;
    const { swarm, id, connections } = this.#owner;
    const { links, peers } = connections;
    const { now } = swarm.time;
    link.isQuiet = false;
    const bytes = blockOf(piece, length, isWrong);
    const outcome = this.download.accept(peer, piece, begin, bytes, now);
    const isNew = outcome.kind === "accepted" || outcome.kind === "complete";
    const block = { what: "block", from: other.id, to: id, piece, begin, length } as const;
    swarm.tell(isNew ? block : { ...block, isDuplicate: true });
    if (outcome.again === "of-it") connections.say(link, WITHDRAW, request);
    if (isNew) {
      connections.fed(now);
      if (!other.behaviour.seed) this.#owner.fromLeechers += length;
      if (this.download.isEndgame || outcome.again !== undefined) {
        for (const also of this.download.alsoAsked(connections.busyPeers, piece, begin)) {
          connections.say(peers.get(also)!, CANCEL, request);
        }
      }
    }
    if (outcome.kind === "complete") this.#finish(outcome.active);
    // It may have been banned for what it sent.
    if (links.get(other) === link) this.#ask(link);
  }

  #finish(active: ActivePiece<Peer>): void {
    const { piece } = active;
    const owner = this.#owner;
    const { swarm, id, have, behaviour } = owner;
    if (!swarm.options.isHonest && !isRight(active)) {
      const suspects = this.download.failed(active);
      const from = [...suspects].map((peer) => this.#idOf(peer));
      swarm.tell({ what: "failed", who: id, piece, from });
      if (suspects.size === 1 || behaviour.blamesAll) this.#ban(suspects);
      return this.askAll();
    }
    for (const sender of active.senders) sender?.prove();
    this.#ban(this.download.verified(active).keys());
    this.#buffers.giveBack(active.bytes);
    have.add(piece);
    swarm.tell({ what: "piece", who: id, piece });
    if (have.isFull) owner.complete();
    this.#sayHave(piece);
    // The budget has room again: requests may have dried up for want of it.
    this.askAll();
  }

  #sayHave(piece: number): void {
    const { connections, have } = this.#owner;
    const telling = connections.tellHave(piece);
    for (const link of connections.links.values()) {
      // Whoever lacks it is as interesting as before, and so is a seed as long as anything is missing.
      if (link.isInteresting && (link.isSeed ? have.isFull : link.pieces.has(piece))) {
        if (this.#updateInterest(link)) telling.pause();
      }
      telling.to(link);
    }
  }

  #idOf(peer: Peer): string {
    const { swarm, connections: { peers } } = this.#owner;
    return peers.get(peer)?.other.id ?? swarm.at(peer.host)?.id ?? peer.host;
  }

  #ban(liars: Iterable<Peer>): void {
    const { swarm, id, behaviour, banned, connections } = this.#owner;
    if (behaviour.blames === false) return;
    for (const liar of liars) {
      const link = connections.peers.get(liar);
      if (link === undefined) continue;
      const { other } = link;
      this.#trials.lied(liar.addressKey, swarm.time.now);
      banned.add(other);
      swarm.tell({ what: "banned", who: id, whom: other.id });
      connections.disconnect(other, "banned");
    }
  }
}
