/**
 * Whole swarms in virtual time: the real picker, download, choker, announce plan and swarm store;
 * network, disk and hash are made up. One seed of randomness, one course of events.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { decodePeers, parseIp } from "../../protocol/compact.ts";
import { BLOCK_LENGTH, Layout } from "../../protocol/layout.ts";
import type { ActivePiece } from "../../peer/logic/active_piece.ts";
import { AnnouncePlan, type DueAnnounce } from "../../peer/logic/announce_plan.ts";
import { BufferPool } from "../../peer/logic/buffer_pool.ts";
import { Choker } from "../../peer/logic/choker.ts";
import { Company } from "../../peer/logic/company.ts";
import { Download } from "../../peer/logic/download.ts";
import { Trials } from "../../peer/logic/trials.ts";
import { isInteresting } from "../../peer/logic/interest.ts";
import { FirstCopies } from "../../peer/logic/first_copies.ts";
import { Peer, type UploadRequest } from "../../peer/logic/peer.ts";
import { PiecePicker } from "../../peer/logic/piece_picker.ts";
import { MemoryStore } from "../../tracker/logic/memory_store.ts";
import type { StoreReply } from "../../tracker/logic/swarm_store.ts";
import { seededRandom } from "../support/random.ts";
import { VirtualTime } from "./virtual_time.ts";

const INFO_HASH = new Uint8Array(20).fill(7);
const LATENCY = 20;
const CHOKE_ROUND = 10_000;
/** ms between the swarm's housekeeping and what it checks of itself. */
const TICK = 1000;

/** How one simulated peer is. Rates in bytes per second. */
export interface SimulatedOptions {
  readonly upload?: number;
  readonly seed?: boolean;
  /** Share of its blocks that are wrong. */
  readonly corrupt?: number;
  /** Requests of each peer that it loses before it answers one. */
  readonly loses?: number;
  /** Requests of each peer that it keeps; it drops what is beyond. */
  readonly keeps?: number;
  /** It chokes without refusing what waits (BEP 6). */
  readonly chokesSilently?: boolean;
  /** Blocks that it never sends, by piece. */
  readonly withholds?: number;
  /** Blocks after which it hangs up; the other calls again after three seconds. */
  readonly hangsUpAfter?: number;
  /** It never unchokes anybody. */
  readonly freeRider?: boolean;
  /** Peers it unchokes, without the optimistic one. */
  readonly slots?: number;
}

/** A swarm with its tracker. */
export class VirtualSwarm {
  readonly time = new VirtualTime();
  readonly layout: Layout;
  readonly random: () => number;
  readonly tracker: MemoryStore;
  readonly peers: SimulatedPeer[] = [];
  /** Whether announces are answered. */
  isTrackerUp = true;
  /** A number that any difference in the course of events would change. */
  trace = 0x811c9dc5;
  /** Times (ms) of announces, by peer. */
  readonly announces: { peer: number; at: number; event: string }[] = [];

  constructor(seed: number, pieces = 64, pieceLength = 2 * BLOCK_LENGTH) {
    this.layout = new Layout(pieces * pieceLength - 1000, pieceLength);
    this.random = seededRandom(seed);
    this.tracker = new MemoryStore(this.random);
    this.#everySecond();
  }

  add(options: SimulatedOptions = {}): SimulatedPeer {
    const peer = new SimulatedPeer(this, this.peers.length, options);
    this.peers.push(peer);
    return peer;
  }

  get leechers(): SimulatedPeer[] {
    return this.peers.filter((peer) => !peer.options.seed);
  }

  /** Runs until all who are there have everything; false where that took longer (ms). */
  complete(limit = 3_600_000): boolean {
    return this.time.runUntil(
      () => this.leechers.every((peer) => peer.hasLeft || peer.have.isFull),
      limit,
    );
  }

  note(what: string): void {
    for (let i = 0; i < what.length; i++) {
      this.trace = Math.imul(this.trace ^ what.charCodeAt(i), 0x01000193) >>> 0;
    }
  }

  /** The peer that listens at an address. */
  at(host: string): SimulatedPeer | undefined {
    return this.peers.find((peer) => peer.host === host && !peer.hasLeft);
  }

  #everySecond(): void {
    this.time.after(TICK, () => {
      for (const peer of this.peers) if (!peer.hasLeft) peer.tick();
      this.tracker.sweep(this.time.now);
      this.#everySecond();
    });
  }
}

/** One of its peers, with what the real one decides by. */
export class SimulatedPeer {
  readonly host: string;
  readonly have: Bitfield;
  readonly links = new Map<SimulatedPeer, Peer>();
  readonly picker: PiecePicker;
  readonly download: Download;
  readonly choker: Choker<Peer>;
  readonly firstCopies: FirstCopies<Peer>;
  readonly plan: AnnouncePlan;
  /** Bytes given, in whole blocks. */
  uploaded = 0;
  /** Requests that it said. */
  asked = 0;
  /** Bytes that came from those who were no seeds from the beginning. */
  fromLeechers = 0;
  hasLeft = false;
  completedAt: number | undefined;
  readonly banned = new Set<SimulatedPeer>();
  readonly #swarm: VirtualSwarm;
  readonly #peerId: Uint8Array;
  readonly #buffers = new BufferPool(2 ** 24);
  readonly #trials: Trials;
  #nextRound = 0;
  #isSending = false;
  #sendingTo: SimulatedPeer | undefined;
  readonly #lost = new Map<SimulatedPeer, number>();
  readonly #given = new Map<SimulatedPeer, number>();

  constructor(
    swarm: VirtualSwarm,
    readonly number: number,
    readonly options: SimulatedOptions,
  ) {
    this.#swarm = swarm;
    const { layout, random } = swarm;
    this.host = `10.0.${number >> 8}.${(number & 255) + 1}`;
    this.#peerId = new TextEncoder().encode(`-VT0100-${String(number).padStart(12, "0")}`);
    this.have = options.seed ? Bitfield.full(layout.pieceCount) : new Bitfield(layout.pieceCount);
    this.picker = PiecePicker.of(layout.pieceCount, random);
    if (options.seed) { for (let i = 0; i < layout.pieceCount; i++) this.picker.take(i); }
    this.download = new Download(layout, this.picker, this.#buffers);
    this.download.company = new Company({ keys: () => this.links.values() });
    this.#trials = new Trials(layout.pieceLength / BLOCK_LENGTH);
    this.choker = new Choker(options.slots ?? 4);
    this.firstCopies = new FirstCopies((piece) =>
      this.links.size > 1 && this.picker.availability(piece) === 0
    );
    this.plan = new AnnouncePlan([["http://tracker.test/announce"]], random);
    swarm.time.after(random() * 1000, () => this.tick());
  }

  get upRate(): number {
    return this.options.upload ?? 200_000;
  }

  /** Goes, telling the tracker or not. */
  leave(): void {
    this.hasLeft = true;
    for (const other of [...this.links.keys()]) this.#disconnect(other);
    this.#announce({ event: "stopped" });
  }

  tick(): void {
    if (this.hasLeft) return;
    const { now } = this.#swarm.time;
    for (const [other, peer] of this.links) {
      peer.tick();
      this.download.giveUpOverdue(peer, now);
      this.#ask(other, peer);
    }
    this.#trials.tick(this.links.values(), now);
    this.download.makeRoom(this.links.values());
    for (const [other, peer] of this.links) {
      if (peer.amInterested) this.download.probe(peer, now, this.#request(other));
    }
    this.#send();
    const due = this.plan.next(now, this.have.isFull);
    if (due !== undefined) this.#announceDue(due);
    if (now >= this.#nextRound) this.#choke();
  }

  #announceDue(due: DueAnnounce): void {
    const { time, random, isTrackerUp, announces } = this.#swarm;
    const { now } = time;
    announces.push({ peer: this.number, at: now, event: due.event });
    if (!isTrackerUp) {
      this.plan.failed(due, { message: "no answer" }, { now, random });
      return;
    }
    const reply = this.#announce({ event: due.event });
    this.plan.succeeded(due, reply, { now, complete: this.have.isFull });
    for (const { host } of decodePeers(reply.peers4, 6)) {
      const other = this.#swarm.at(host);
      if (other !== undefined) this.#connect(other);
    }
  }

  #announce({ event }: { event: "started" | "completed" | "stopped" | "none" }): StoreReply {
    const { layout, tracker, time } = this.#swarm;
    this.#swarm.note(`${time.now} ${this.number} announces ${event}`);
    return tracker.announce(
      {
        ...{ infoHash: INFO_HASH, peerId: this.#peerId, port: 6881, event, key: undefined },
        ...{ uploaded: this.uploaded, downloaded: 0, numwant: 50, compact: true, noPeerId: true },
        left: (layout.pieceCount - this.have.count) * layout.pieceLength,
      },
      { address: parseIp(this.host)!, own: [] },
      time.now,
    ) as StoreReply;
  }

  #connect(other: SimulatedPeer): void {
    if (this.links.has(other) || this.banned.has(other) || other.banned.has(this)) return;
    this.#attach(other, false);
    other.#attach(this, true);
    this.#say(other, (peer) => other.#onPieces(this, peer, this.have.copy()));
    other.#say(this, (peer) => this.#onPieces(other, peer, other.have.copy()));
  }

  #attach(other: SimulatedPeer, incoming: boolean): void {
    const peer = new Peer({
      ...{ host: other.host, port: 6881, peerId: other.#peerId, source: "tracker", incoming },
      ...{ fast: true, extended: true, client: "simulated" },
      pieceCount: this.#swarm.layout.pieceCount,
      now: this.#swarm.time.now,
    });
    this.#trials.welcome(peer);
    this.links.set(other, peer);
  }

  #disconnect(other: SimulatedPeer): void {
    for (const [mine, theirs] of [[this, other], [other, this]] as const) {
      const peer = mine.links.get(theirs);
      if (peer === undefined) continue;
      mine.download.releaseAll(peer);
      mine.firstCopies.onLeft(peer);
      if (peer.countedAsSeed) mine.picker.removeSeed();
      else mine.picker.removePeer(peer.pieces);
      mine.links.delete(theirs);
      if (!mine.hasLeft) mine.#askAll();
    }
  }

  /** Something reaches the other after the network's latency, unless they parted meanwhile. */
  #say(other: SimulatedPeer, hear: (peer: Peer) => void): void {
    const link = this.links.get(other);
    this.#swarm.time.after(LATENCY, () => {
      const peer = other.links.get(this);
      if (peer !== undefined && this.links.get(other) === link) hear(peer);
    });
  }

  #onPieces(other: SimulatedPeer, peer: Peer, pieces: Bitfield): void {
    peer.pieces = pieces;
    peer.countedAsSeed = pieces.isFull;
    if (pieces.isFull) this.picker.addSeed();
    else this.picker.addPeer(pieces);
    this.#updateInterest(other, peer);
  }

  #onHave(other: SimulatedPeer, peer: Peer, piece: number): void {
    if (!peer.pieces.add(piece)) return;
    if (!peer.countedAsSeed) this.picker.onHave(piece);
    this.firstCopies.onHave(piece, this.#swarm.time.now);
    this.#updateInterest(other, peer);
    this.#ask(other, peer);
  }

  #updateInterest(other: SimulatedPeer, peer: Peer): void {
    const interested = isInteresting(peer.pieces, this.have);
    if (interested === peer.amInterested) return;
    peer.amInterested = interested;
    this.#say(other, (at) => {
      at.peerInterested = interested;
      other.#admit(this, at);
    });
  }

  #admit(other: SimulatedPeer, peer: Peer): void {
    const others = [...this.links.values()].filter((one) => one !== peer);
    if (peer.peerInterested && peer.amChoking && this.choker.hasFreeSlot(others)) {
      this.#setChoke(other, peer, false);
    }
  }

  #choke(): void {
    const { time: { now }, random } = this.#swarm;
    this.#nextRound = now + CHOKE_ROUND;
    const peers = [...this.links.values()];
    const seeding = this.have.isFull;
    const decisions = this.choker.decide(peers, { seeding, now, random });
    for (const [other, peer] of this.links) {
      const decision = decisions.find((one) => one.peer === peer);
      this.#setChoke(other, peer, !decision?.unchoke);
    }
  }

  #setChoke(other: SimulatedPeer, peer: Peer, choke: boolean): void {
    if (peer.amChoking === choke || this.options.freeRider) return;
    const { now } = this.#swarm.time;
    peer.amChoking = choke;
    if (choke) {
      peer.uploads.length = 0;
      this.firstCopies.onLeft(peer);
    } else peer.unchokedAt = now;
    this.#swarm.note(`${now} ${this.number} ${choke ? "chokes" : "unchokes"} ${other.number}`);
    this.#say(other, (at) => {
      at.setChoking(choke, this.#swarm.time.now);
      if (choke && !this.options.chokesSilently) other.download.releaseAll(at);
      other.#ask(this, at);
    });
  }

  #askAll(): void {
    for (const [other, peer] of this.links) this.#ask(other, peer);
  }

  #ask(other: SimulatedPeer, peer: Peer): void {
    if (!peer.amInterested || peer.peerChoking || peer.room <= 0) return;
    const { now } = this.#swarm.time;
    const { room } = peer;
    const request = this.#request(other);
    const asked = this.download.assign(peer, room, now, request);
    if (asked === room) return;
    const cancel = (from: Peer, piece: number, begin: number) =>
      this.#cancel(from, piece, begin, true);
    this.download.relieve(peer, this.links.values(), room - asked, now, request, cancel);
  }

  /** Says a request to the other. */
  #request(other: SimulatedPeer) {
    return (piece: number, begin: number, length: number) =>
      this.#say(other, (at) => {
        this.asked++;
        if (at.amChoking || other.#isLost(this, at, piece)) return;
        at.uploads.push({ piece, begin, length });
        other.#send();
      });
  }

  /** Whether it forgets a request. */
  #isLost(by: SimulatedPeer, { uploads }: Peer, piece: number): boolean {
    const { loses = 0, keeps = Infinity, withholds } = this.options;
    if (piece === withholds) return true;
    const lost = this.#lost.get(by) ?? 0;
    if (lost < loses) {
      this.#lost.set(by, lost + 1);
      return true;
    }
    return uploads.length + (this.#sendingTo === by ? 1 : 0) >= keeps;
  }

  /** Says a cancel to a peer; `refused`: it says so where it will not send the block (BEP 6). */
  #cancel(from: Peer, piece: number, begin: number, refused: boolean): void {
    const [other] = [...this.links].find(([, one]) => one === from)!;
    this.#say(other, (at) => {
      const index = at.uploads.findIndex((one) => one.piece === piece && one.begin === begin);
      if (index < 0) return;
      at.uploads.splice(index, 1);
      if (refused) other.#say(this, (peer) => this.#onReject(peer, piece, begin));
    });
  }

  #onReject(peer: Peer, piece: number, begin: number): void {
    const heir = this.download.rejected(peer, piece, begin);
    const found = [...this.links].find(([, one]) => one === heir);
    const { now } = this.#swarm.time;
    if (
      found === undefined ||
      !this.download.askFor(found[1], piece, begin, now, this.#request(found[0]))
    ) this.#askAll();
  }

  /** Sends one block after the other, the peers by turns, at its rate. */
  #send(): void {
    if (this.#isSending || this.hasLeft) return;
    const { now } = this.#swarm.time;
    const isFree = (peer: Peer) => ({ piece }: { piece: number }) =>
      !this.firstCopies.isHeld(piece, peer, now);
    const next = [...this.links].find(([, peer]) => peer.uploads.some(isFree(peer)));
    if (next === undefined) return;
    const [other, peer] = next;
    const at = peer.uploads.findIndex(isFree(peer));
    const [{ piece, begin, length }] = peer.uploads.splice(at, 1) as [UploadRequest];
    this.firstCopies.onSent(piece, peer, now);
    // Whoever was served goes to the end of the line.
    this.links.delete(other);
    this.links.set(other, peer);
    this.#isSending = true;
    this.#sendingTo = other;
    this.#swarm.time.after(1000 * length / this.upRate, () => {
      this.#isSending = false;
      this.#sendingTo = undefined;
      this.uploaded += length;
      peer.up.add(length);
      const isWrong = this.#swarm.random() < (this.options.corrupt ?? 0);
      this.#say(other, (at) => other.#onBlock(this, at, piece, begin, length, isWrong));
      const given = (this.#given.get(other) ?? 0) + 1;
      this.#given.set(other, given);
      if (given % (this.options.hangsUpAfter ?? Infinity) === 0) {
        this.#swarm.time.after(LATENCY + 1, () => this.#disconnect(other));
        this.#swarm.time.after(3000, () => other.#connect(this));
      }
      this.#send();
    });
  }

  #onBlock(
    other: SimulatedPeer,
    peer: Peer,
    piece: number,
    begin: number,
    length: number,
    isWrong: boolean,
  ): void {
    const { now } = this.#swarm.time;
    const bytes = new Uint8Array(length).fill(isWrong ? 255 : piece % 251);
    const outcome = this.download.accept(peer, piece, begin, bytes, now);
    if (outcome.again === "of-it") this.#cancel(peer, piece, begin, true);
    if (outcome.kind === "accepted" || outcome.kind === "complete") {
      if (!other.options.seed) this.fromLeechers += length;
      for (const also of this.download.alsoAsked(this.links.values(), piece, begin)) {
        this.#cancel(also, piece, begin, false);
      }
    }
    if (outcome.kind === "complete") this.#finish(outcome.active);
    // It may have been banned for what it sent.
    if (this.links.get(other) === peer) this.#ask(other, peer);
  }

  #finish(active: ActivePiece<Peer>): void {
    const { time, note } = { time: this.#swarm.time, note: (t: string) => this.#swarm.note(t) };
    const { piece } = active;
    if (active.bytes.some((byte) => byte !== piece % 251)) {
      note(`${time.now} ${this.number} failed ${piece}`);
      const suspects = this.download.failed(active);
      if (suspects.size === 1) this.#ban(suspects);
      return this.#askAll();
    }
    for (const sender of active.senders) sender?.prove();
    this.#ban(this.download.verified(active).keys());
    this.#buffers.giveBack(active.bytes);
    this.have.add(piece);
    note(`${time.now} ${this.number} has ${piece}`);
    if (this.have.isFull) this.completedAt = time.now;
    for (const [other, peer] of this.links) {
      this.#updateInterest(other, peer);
      this.#say(other, (at) => other.#onHave(this, at, piece));
    }
    // The budget has room again: requests may have dried up for want of it.
    this.#askAll();
  }

  /** Bytes of pieces on their way. */
  get lent(): number {
    return this.#buffers.lent;
  }

  #ban(liars: Iterable<Peer>): void {
    for (const liar of liars) {
      const found = [...this.links].find(([, peer]) => peer === liar);
      if (found === undefined) continue;
      this.#trials.lied(liar.addressKey, this.#swarm.time.now);
      this.banned.add(found[0]);
      this.#disconnect(found[0]);
    }
  }
}
