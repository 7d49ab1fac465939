/**
 * One peer of a virtual swarm, with what the real one decides by.
 *
 * @module
 */
import { whyOf } from "../run/choke_reason.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import {
  type ActivePiece,
  ALL_RULES,
  type BufferPool,
  DownlinkQueue,
  Download,
  FirstCopies,
  isInteresting,
  Peer,
  PeerTrials,
  type PiecePicker,
  PieceTurns,
  PlacesToCall,
  SeedSparing,
  SuperSeedPlan,
  type UploadRequest,
  UploadSlots,
} from "../../peer/lab.ts";
import { type Behaviour, forgets, pickerOf } from "./behaviour.ts";
import { DialQueue } from "./dial_queue.ts";
import { pieceMemory } from "./piece_memory.ts";
import { Uplink } from "./uplink.ts";
import { VirtualAnnounces } from "./virtual_announces.ts";
import { blockOf, isRight } from "./virtual_content.ts";
import { isQuiet, isUseless, VirtualLink } from "./virtual_link.ts";
import { hostOf } from "./virtual_address.ts";
import type { Downlink } from "./virtual_network.ts";
import type { VirtualPeerContext } from "./virtual_peer_context.ts";
import { chokerOf, VirtualUnchoker } from "./virtual_unchoker.ts";

/** ms between the housekeeping of a peer, and what it checks of itself. */
const TICK = 1000;
/** Default bytes per second. */
const UP = 200_000;
/** Connections of one torrent, like the engine's. */
const MAX_LINKS = 80;

type Link = VirtualLink<VirtualPeer>;

/** A peer from its arrival on; it may leave or die and start again with what it had. */
export class VirtualPeer implements Downlink {
  readonly host: string;
  readonly have: Bitfield;
  readonly banned = new Set<VirtualPeer>();
  picker!: PiecePicker;
  download!: Download;
  down: number;
  busyUntil = 0;
  /** Requests that it said. */
  asked = 0;
  /** Bytes that came from those who were no seeds from the beginning. */
  fromLeechers = 0;
  hasLeft = true;
  completedAt: number | undefined;
  readonly #swarm: VirtualPeerContext<VirtualPeer>;
  readonly #peerId: Uint8Array;
  readonly #uplink: Uplink<VirtualPeer>;
  readonly #links = new Map<VirtualPeer, Link>();
  readonly #peers = new Map<Peer, Link>();
  readonly #dials = new DialQueue();
  readonly #places: number;
  #toCall!: PlacesToCall;
  #buffers!: BufferPool;
  #trials!: PeerTrials;
  #superSeed: SuperSeedPlan<Peer> | undefined;
  #announces!: VirtualAnnounces;
  #unchoker!: VirtualUnchoker;
  #session = 0;
  /** What was said to it while it was stopped in the middle; undefined: it runs. */
  #unheard: (() => void)[] | undefined;

  constructor(
    swarm: VirtualPeerContext<VirtualPeer>,
    readonly number: number,
    readonly behaviour: Behaviour,
    readonly id: string,
  ) {
    this.#swarm = swarm;
    const { layout: { pieceCount } } = swarm;
    this.host = hostOf(number);
    this.#peerId = new TextEncoder().encode(`-VT0100-${String(number).padStart(12, "0")}`);
    this.have = behaviour.seed ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
    if (!behaviour.seed) { for (const piece of behaviour.pieces ?? []) this.have.add(piece); }
    this.down = behaviour.down ?? Infinity;
    this.#places = swarm.options.connections ?? MAX_LINKS;
    this.#uplink = new Uplink(
      behaviour.up ?? UP,
      swarm.time,
      (link, request) => this.#onSent(link, request),
    );
  }

  /** Bytes per second. */
  get up(): number {
    return this.#uplink.rate;
  }

  set up(rate: number) {
    this.#uplink.rate = rate;
    this.#uplink.run();
  }

  /** Bytes given, in whole blocks. */
  get uploaded(): number {
    return this.#uplink.total;
  }

  /** Bytes of pieces on their way. */
  get lent(): number {
    return this.#buffers.lent;
  }

  /** Peers that it is connected to. */
  get connections(): number {
    return this.#links.size;
  }

  /** Comes, or comes back with the pieces that it had. */
  start(): void {
    if (!this.hasLeft) return;
    this.hasLeft = false;
    this.#unheard = undefined;
    const { time, layout, random, options, memory } = this.#swarm;
    const { behaviour } = this;
    const { slots = 4, rules = ALL_RULES } = behaviour;
    this.picker = pickerOf(behaviour, this.have, random);
    this.#buffers = pieceMemory(options.isHonest ? memory : undefined);
    this.download = new Download(layout, this.picker, this.#buffers);
    this.download.company = new SeedSparing(this.#peers, rules.has("seed-sparing"));
    if (rules.has("downlink-queue")) this.download.downlink = new DownlinkQueue(this.#peers);
    this.#toCall = new PlacesToCall(this.#places);
    this.#trials = new PeerTrials(Math.ceil(layout.pieceLength / BLOCK_LENGTH));
    const choker = chokerOf(behaviour, slots, this.up);
    this.#unchoker = new VirtualUnchoker(choker, this.#peers, {
      now: () => time.now,
      random,
      isSeeding: () => this.have.isFull,
      set: (peer, choke, reason) => this.#setChoke(this.#peers.get(peer)!, choke, reason),
    });
    if (choker.slots !== undefined && behaviour.slotsFollowUplink) {
      this.#unchoker.followUplink(new UploadSlots(layout.pieceLength), slots, () => this.up);
    }
    const isOnlyHere = (piece: number) =>
      this.#links.size > 1 && this.picker.availability(piece) === 0;
    this.#uplink.firstCopies = rules.has("first-copies") ? new FirstCopies(isOnlyHere) : undefined;
    this.#uplink.pieceTurns = rules.has("piece-turns") ? new PieceTurns() : undefined;
    this.#uplink.weightOf = choker.weightOf && ((peer) => choker.weightOf!(peer));
    if (behaviour.superSeed && this.have.isFull) {
      const copies = (piece: number) => this.picker.availability(piece);
      this.#superSeed = new SuperSeedPlan(layout.pieceCount, copies, random);
    }
    this.#announces = new VirtualAnnounces(this.#swarm, this.#peerId, this.have.isFull);
    this.#swarm.note(this);
    this.#swarm.tell({ what: "arrived", who: this.id });
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (this.have.has(piece)) {
        this.#swarm.tell({ what: "piece", who: this.id, piece, isStart: true });
      }
    }
    const session = ++this.#session;
    const tick = () => {
      if (this.#session !== session) return;
      if (this.#unheard === undefined) this.#tick();
      time.after(TICK, tick);
    };
    time.after(random() * TICK, tick);
  }

  /** Goes, telling the tracker. */
  leave(): void {
    if (this.hasLeft) return;
    this.#end("left");
    this.#announces.stop(this);
  }

  /** Dies without a word; the system closes its connections. */
  kill(): void {
    if (!this.hasLeft) this.#end("killed");
  }

  /** Stands still in the middle; its connections stay open. */
  pause(): void {
    this.#unheard ??= [];
    this.#uplink.cutOff();
  }

  /** Goes on where it stood. */
  resume(): void {
    const unheard = this.#unheard ?? [];
    this.#unheard = undefined;
    for (const hear of unheard) hear();
    this.#uplink.run();
  }

  /** Its connection to another ends. */
  disconnect(other: VirtualPeer, why: string): void {
    if (!this.#links.has(other)) return;
    this.#swarm.tell({ what: "disconnected", who: this.id, whom: other.id, why });
    const { now } = this.#swarm.time;
    for (const [mine, theirs] of [[this, other], [other, this]] as const) {
      const link = mine.#links.get(theirs)!;
      const { peer } = link;
      link.isOver = true;
      mine.download.releaseAll(peer);
      mine.#uplink.forget(link);
      mine.#superSeed?.onLeft(peer);
      if (peer.countedAsSeed) mine.picker.removeSeed();
      else mine.picker.removePeer(peer.pieces);
      mine.#links.delete(theirs);
      mine.#peers.delete(peer);
      if (mine.hasLeft) continue;
      if (!(mine.have.isFull && theirs.have.isFull)) mine.#dials.again(theirs.host, now);
      if (!peer.amChoking) mine.#unchoker.release();
      mine.#askAll();
    }
  }

  #end(what: "left" | "killed"): void {
    this.hasLeft = true;
    this.#session++;
    this.#unheard = undefined;
    for (const other of [...this.#links.keys()]) this.disconnect(other, `it ${what}`);
    this.#uplink.cutOff();
    this.#dials.clear();
    this.download.clear(this.#peers.keys());
    this.#swarm.note(this);
    this.#swarm.tell({ what, who: this.id });
  }

  #tick(): void {
    const { now } = this.#swarm.time;
    const isDone = this.have.isFull;
    for (const link of this.#links.values()) {
      const { peer, other } = link;
      if (isDone && peer.isSeed) {
        if (isUseless(peer, now)) this.disconnect(other, "both are seeds");
        continue;
      }
      if (link.isQuiet) continue;
      peer.tick();
      link.isQuiet = isQuiet(peer);
      if (isDone) continue;
      if (peer.requests.size + peer.overdue.size > 0) this.download.giveUpOverdue(peer, now);
    }
    if (!isDone) {
      this.download.downlink?.tick();
      if (this.#rules.has("peer-trials")) this.#trials.tick(this.#peers.keys(), now);
      this.download.makeRoom(this.#peers.keys());
      this.#askAll();
      for (const link of this.#links.values()) {
        const { peer } = link;
        if (!link.isQuiet && peer.amInterested) this.download.probe(peer, now, this.#request(link));
      }
    }
    this.#uplink.firstCopies?.tick(
      this.#unchoker.pieceTime(this.#swarm.layout.pieceLength, this.up),
    );
    this.#uplink.run();
    this.#tickSuperSeed(now);
    this.#learn(this.#announces.tick(this, now));
    this.#dial(now);
    this.#unchoker.tick(now);
  }

  get #rules() {
    return this.behaviour.rules ?? ALL_RULES;
  }

  // The tracker, and whom it names.

  #learn(hosts: readonly string[]): void {
    for (const host of hosts) {
      const other = this.#swarm.at(host);
      if (other === undefined || other === this || this.#links.has(other)) continue;
      if (this.#dials.add(host)) {
        this.#swarm.tell({ what: "found", who: this.id, whom: other.id, by: "tracker" });
      }
    }
  }

  #dial(now: number): void {
    const most = this.#toCall.most(this.#peers.keys(), !this.have.isFull, now);
    if (this.#links.size >= most) return;
    for (const host of this.#dials.due(now)) {
      const other = this.#swarm.at(host);
      if (other === undefined || this.have.isFull && other.have.isFull) continue;
      const isRoom = this.#links.size < most && other.#links.size < other.#places;
      if (isRoom && !this.#swarm.isCut(this, other)) this.#connect(other);
      else this.#dials.again(host, now);
    }
  }

  #connect(other: VirtualPeer): void {
    if (this.#links.has(other) || this.banned.has(other) || other.banned.has(this)) return;
    if (this.hasLeft || other.hasLeft || this === other) return;
    this.#swarm.tell({ what: "connected", who: this.id, whom: other.id });
    const ours = this.#attach(other, false);
    const theirs = other.#attach(this, true);
    VirtualLink.join(ours, theirs);
    const [mine, its] = [this.#shown, other.#shown];
    this.#say(ours, (link) => other.#onPieces(link, mine));
    other.#say(theirs, (link) => this.#onPieces(link, its));
  }

  #attach(other: VirtualPeer, incoming: boolean): Link {
    const peer = new Peer({
      ...{ host: other.host, port: 6881, peerId: other.#peerId, source: "tracker", incoming },
      ...{ fast: true, extended: true, client: "virtual" },
      pieceCount: this.#swarm.layout.pieceCount,
      now: this.#swarm.time.now,
    });
    if (this.#rules.has("peer-trials")) this.#trials.welcome(peer);
    const link = new VirtualLink(other, peer);
    this.#links.set(other, link);
    this.#peers.set(peer, link);
    return link;
  }

  /** What it says that it has. */
  get #shown(): Bitfield {
    return this.#superSeed === undefined ? this.have.copy() : new Bitfield(this.have.length);
  }

  /**
   * Something reaches the other, unless they parted meanwhile.
   *
   * @param hear what the other does, with its own end of the connection
   * @param bytes of a block
   */
  #say(link: Link, hear: (at: Link) => void, bytes = 0): void {
    this.#send(link, (link) => link.other.#hear(link, hear), bytes);
  }

  /** @param arrive is run with the link, once it is there */
  #send(link: Link, arrive: (link: Link) => void, bytes: number): void {
    const { time, networks } = this.#swarm;
    const network = networks.between(this.id, link.other.id);
    time.at(network.arrival(link, link.other, bytes, time.now), arrive, link);
  }

  /** Something has arrived. @param link the other's end, which said it */
  #hear(link: Link, hear: (at: Link) => void): void {
    if (link.isOver) return;
    if (this.#unheard === undefined) hear(link.far);
    else this.#unheard.push(() => this.#hear(link, hear));
  }

  // What it hears of pieces.

  #onPieces(link: Link, pieces: Bitfield): void {
    const { peer } = link;
    peer.pieces = pieces;
    peer.countedAsSeed = pieces.isFull;
    if (pieces.isFull) this.picker.addSeed();
    else this.picker.addPeer(pieces);
    this.#show(this.#superSeed?.welcome(peer) ?? []);
    this.#updateInterest(link);
  }

  #onHave(link: Link, piece: number): void {
    const { peer } = link;
    if (!peer.pieces.add(piece)) return;
    const { now } = this.#swarm.time;
    if (!peer.countedAsSeed) this.picker.onHave(piece);
    this.#uplink.firstCopies?.onHave(piece, now);
    if (this.#superSeed !== undefined) this.#show(this.#superSeed.onHave(peer, piece, now));
    if (!link.isInteresting && !this.have.has(piece)) this.#updateInterest(link);
    this.#ask(link);
  }

  #tickSuperSeed(now: number): void {
    if (this.#superSeed === undefined) return;
    if (!this.#superSeed.isOver) return this.#show(this.#superSeed.tick(now));
    this.#superSeed = undefined;
    for (const link of this.#links.values()) {
      for (let piece = 0; piece < this.have.length; piece++) {
        if (!link.peer.pieces.has(piece)) this.#say(link, (at) => link.other.#onHave(at, piece));
      }
    }
  }

  #show(shown: Iterable<{ peer: Peer; piece: number }>): void {
    for (const { peer, piece } of shown) {
      const link = this.#peers.get(peer)!;
      this.#say(link, (at) => link.other.#onHave(at, piece));
    }
  }

  #updateInterest(link: Link): void {
    const { peer, other } = link;
    const interested = isInteresting(peer.pieces, this.have);
    if (interested === peer.amInterested) return;
    peer.amInterested = interested;
    link.changed();
    const what = interested ? "interested" : "uninterested";
    this.#swarm.tell({ what, who: this.id, whom: other.id });
    this.#say(link, (at) => {
      at.peer.peerInterested = interested;
      if (interested) other.#unchoker.admit(at.peer);
      else if (!at.peer.amChoking) other.#unchoker.release();
    });
  }

  // Choking.

  #setChoke(link: Link, choke: boolean, reason: string): void {
    const { peer, other } = link;
    if (peer.amChoking === choke || this.behaviour.freeRider || this.up === 0) return;
    const { now } = this.#swarm.time;
    peer.amChoking = choke;
    link.isQuiet = false;
    const dropped = choke ? [...peer.uploads] : [];
    if (choke) this.#uplink.forget(link);
    else peer.unchokedAt = now;
    const why = whyOf(reason, this.have.isFull);
    this.#swarm.tell({ what: choke ? "choked" : "unchoked", who: this.id, whom: other.id, why });
    this.#say(link, (at) => {
      at.peer.setChoking(choke, this.#swarm.time.now);
      at.changed();
      at.isQuiet = false;
      if (this.behaviour.chokesSilently) return;
      // BEP 6: each request that it had is refused, or answered.
      for (const { piece, begin } of dropped) other.#onReject(at, piece, begin);
      if (!choke) other.#ask(at);
    });
  }

  // Asking.

  #askAll(): void {
    for (const link of this.#links.values()) if (link.mayAsk) this.#ask(link);
  }

  #ask(link: Link): void {
    if (!link.mayAsk) return;
    const { peer } = link;
    const room = this.download.roomFor(peer);
    if (room <= 0) return;
    const { now } = this.#swarm.time;
    const request = this.#request(link);
    const asked = this.download.assign(peer, room, now, request);
    if (asked === room) return;
    const cancel = (from: Peer, piece: number, begin: number, length: number) =>
      this.#cancel(this.#peers.get(from)!, { piece, begin, length }, true);
    const withdraw = this.#rules.has("relief") ? cancel : undefined;
    this.download.relieve(peer, this.#peers.keys(), room - asked, now, request, withdraw);
  }

  /** Says a request to the other. */
  #request(link: Link) {
    const { other } = link;
    return (piece: number, begin: number, length: number) => {
      this.asked++;
      link.isQuiet = false;
      this.#say(link, (at) => {
        if (at.peer.amChoking) return other.#refuse(at, piece, begin);
        at.isQuiet = false;
        if (forgets(other.behaviour, at, piece, other.#uplink.outOf(at))) return;
        other.#uplink.push(at, { piece, begin, length });
      });
    };
  }

  /** Says a cancel to a peer; `refused`: it says so where it will not send the block (BEP 6). */
  #cancel(link: Link, request: UploadRequest, refused: boolean): void {
    const { other } = link;
    this.#say(link, (at) => {
      if (!other.#uplink.cancel(at, request) || !refused) return;
      other.#refuse(at, request.piece, request.begin);
    });
  }

  #refuse(link: Link, piece: number, begin: number): void {
    if (this.behaviour.chokesSilently) return;
    this.#say(link, (at) => link.other.#onReject(at, piece, begin));
  }

  #onReject(link: Link, piece: number, begin: number): void {
    const heir = this.download.rejected(link.peer, piece, begin);
    const next = heir && this.#peers.get(heir);
    const { now } = this.#swarm.time;
    const isAsked = next !== undefined &&
      this.download.askFor(next.peer, piece, begin, now, this.#request(next));
    if (!isAsked && this.download.isOpen(piece)) this.#askFor(piece);
  }

  /** Asks those that may give a piece. */
  #askFor(piece: number): void {
    for (const link of this.#links.values()) {
      if (link.mayAsk && link.peer.pieces.has(piece)) this.#ask(link);
    }
  }

  // Blocks.

  #onSent(link: Link, { piece, begin, length }: UploadRequest): void {
    const { other } = link;
    const { corrupt = 0, hangsUpAfter = Infinity, lastBlockLate = 0 } = this.behaviour;
    const { time, random, layout } = this.#swarm;
    const isWrong = corrupt > 0 && random() < corrupt;
    const isLate = lastBlockLate > 0 && begin + length >= layout.pieceSize(piece);
    const send = () =>
      this.#say(link, (at) => {
        if (!isLate) this.#uplink.arrived(link, length);
        other.#onBlock(at, piece, begin, length, isWrong);
      }, length);
    if (isLate) {
      // It was kept back before it went to the system.
      this.#uplink.arrived(link, length);
      time.after(lastBlockLate, send);
    } else send();
    if (++link.given % hangsUpAfter === 0) {
      time.after(21, () => this.disconnect(other, "it hung up"));
      time.after(3000, () => other.#connect(this));
    }
  }

  #onBlock(link: Link, piece: number, begin: number, length: number, isWrong: boolean): void {
    const { peer, other } = link;
    const { now } = this.#swarm.time;
    link.isQuiet = false;
    const bytes = blockOf(piece, length, isWrong);
    const outcome = this.download.accept(peer, piece, begin, bytes, now);
    const isNew = outcome.kind === "accepted" || outcome.kind === "complete";
    const block = { what: "block", from: other.id, to: this.id, piece, begin, length } as const;
    this.#swarm.tell(isNew ? block : { ...block, isDuplicate: true });
    if (outcome.again === "of-it") this.#cancel(link, { piece, begin, length }, true);
    if (isNew) {
      this.#toCall.fed(now);
      if (!other.behaviour.seed) this.fromLeechers += length;
      if (this.download.isEndgame || outcome.again !== undefined) {
        for (const also of this.download.alsoAsked(this.#peers.keys(), piece, begin)) {
          this.#cancel(this.#peers.get(also)!, { piece, begin, length }, false);
        }
      }
    }
    if (outcome.kind === "complete") this.#finish(outcome.active);
    // It may have been banned for what it sent.
    if (this.#links.get(other) === link) this.#ask(link);
  }

  #finish(active: ActivePiece<Peer>): void {
    const { piece } = active;
    const { time: { now } } = this.#swarm;
    if (!this.#swarm.options.isHonest && !isRight(active)) {
      const suspects = this.download.failed(active);
      const from = [...suspects].map((peer) => this.#idOf(peer));
      this.#swarm.tell({ what: "failed", who: this.id, piece, from });
      if (suspects.size === 1 || this.behaviour.blamesAll) this.#ban(suspects);
      return this.#askAll();
    }
    for (const sender of active.senders) sender?.prove();
    this.#ban(this.download.verified(active).keys());
    this.#buffers.giveBack(active.bytes);
    this.have.add(piece);
    this.#swarm.tell({ what: "piece", who: this.id, piece });
    if (this.have.isFull) {
      this.completedAt = now;
      this.#swarm.note(this);
      this.#swarm.tell({ what: "completed", who: this.id });
    }
    // The same for all: whose end it is says whose it is.
    const hear = (at: Link) => at.far.other.#onHave(at, piece);
    const arrive = (link: Link) => link.other.#hear(link, hear);
    for (const link of this.#links.values()) {
      // Whoever lacks it is as interesting as before.
      if (link.isInteresting && link.peer.pieces.has(piece)) this.#updateInterest(link);
      this.#send(link, arrive, 0);
    }
    // The budget has room again: requests may have dried up for want of it.
    this.#askAll();
  }

  #idOf(peer: Peer): string {
    return this.#peers.get(peer)?.other.id ?? this.#swarm.at(peer.host)?.id ?? peer.host;
  }

  #ban(liars: Iterable<Peer>): void {
    if (this.behaviour.blames === false) return;
    for (const liar of liars) {
      const link = this.#peers.get(liar);
      if (link === undefined) continue;
      const { other } = link;
      this.#trials.lied(liar.addressKey, this.#swarm.time.now);
      this.banned.add(other);
      this.#swarm.tell({ what: "banned", who: this.id, whom: other.id });
      this.disconnect(other, "banned");
    }
  }
}
