/**
 * Connections of one virtual peer: whom it learns of and dials, and what is said over the network.
 *
 * @module
 */
import { Peer, PlacesToCall } from "../../peer/lab.ts";
import { DialQueue } from "./dial_queue.ts";
import { VirtualLink } from "./virtual_link.ts";
import type { Connections, Link, Message, Telling, VirtualMember } from "./virtual_member.ts";
import { hearHave, PIECES } from "./virtual_messages.ts";

/** Connections of one torrent, like the engine's. */
const MAX_LINKS = 80;

/** One session's. */
export class VirtualConnections implements Connections {
  readonly links = new Map<VirtualMember, Link>();
  readonly peers = new Map<Peer, Link>();
  readonly #owner: VirtualMember;
  #busy: Link[] = [];
  #busyPeers: Peer[] = [];
  /** Whether `#busy` may lack one, or have one that left. */
  #isStale = false;
  readonly #dials = new DialQueue();
  readonly #places: number;
  readonly #toCall: PlacesToCall;
  /** What was said to it while it was stopped in the middle; undefined: it runs. */
  #unheard: (() => void)[] | undefined;

  constructor(owner: VirtualMember) {
    this.#owner = owner;
    this.#places = owner.swarm.options.connections ?? MAX_LINKS;
    this.#toCall = new PlacesToCall(this.#places, owner.rules.has("caller-places"));
  }

  get busy(): readonly Link[] {
    if (this.#isStale) this.#findBusy();
    return this.#busy;
  }

  get busyPeers(): readonly Peer[] {
    if (this.#isStale) this.#findBusy();
    return this.#busyPeers;
  }

  changed(link: Link): void {
    link.changed();
    if (!link.isBusy || !link.mayAsk) this.#isStale = true;
  }

  #findBusy(): void {
    this.#isStale = false;
    this.#busy = [];
    this.#busyPeers = [];
    for (const link of this.links.values()) {
      const { peer } = link;
      link.isBusy = link.mayAsk || peer.requests.size > 0 || peer.overdue.size > 0;
      if (!link.isBusy) continue;
      this.#busy.push(link);
      this.#busyPeers.push(peer);
    }
  }

  get hasPlace(): boolean {
    return this.links.size < this.#places;
  }

  /** The tracker named hosts. */
  learn(hosts: readonly string[]): void {
    const { swarm, id } = this.#owner;
    for (const host of hosts) {
      const other = swarm.at(host);
      if (other === undefined || other === this.#owner || this.links.has(other)) continue;
      if (this.#dials.add(host)) {
        swarm.tell({ what: "found", who: id, whom: other.id, by: "tracker" });
      }
    }
  }

  /** Calls those whose time has come. */
  dial(now: number): void {
    const owner = this.#owner;
    const { swarm, id, have, banned } = owner;
    const most = this.#toCall.most(this.peers.keys(), !have.isFull, now);
    if (this.links.size >= most) return;
    for (const host of this.#dials.due(now)) {
      const other = swarm.at(host);
      if (other === undefined || have.isFull && other.have.isFull) continue;
      const mayCall = this.links.size < most;
      if (mayCall && !this.links.has(other) && !banned.has(other)) {
        swarm.tell({ what: "dialled", who: id, whom: other.id });
      }
      const isTaken = mayCall && other.connections.hasPlace && !other.banned.has(owner);
      if (isTaken && !swarm.isCut(owner, other)) this.connect(other);
      else this.#dials.again(host, now);
    }
  }

  fed(now: number): void {
    this.#toCall.fed(now);
  }

  connect(other: VirtualMember): void {
    const owner = this.#owner;
    if (this.links.has(other) || owner.banned.has(other) || other.banned.has(owner)) return;
    if (owner.hasLeft || other.hasLeft || owner === other) return;
    owner.swarm.tell({ what: "connected", who: owner.id, whom: other.id });
    const ours = this.attach(other, false);
    const theirs = other.connections.attach(owner, true);
    VirtualLink.join(ours, theirs);
    const [mine, its] = [owner.uploading.shown, other.uploading.shown];
    this.say(ours, PIECES, mine);
    other.connections.say(theirs, PIECES, its);
  }

  attach(other: VirtualMember, incoming: boolean): Link {
    const { swarm, downloading } = this.#owner;
    const peer = new Peer({
      ...{ host: other.host, port: 6881, peerId: other.peerId, source: "tracker", incoming },
      ...{ fast: true, extended: true, client: "virtual" },
      pieceCount: swarm.layout.pieceCount,
      now: swarm.time.now,
    });
    downloading.welcome(peer);
    const link = new VirtualLink<VirtualMember>(this.#owner, other, peer);
    this.links.set(other, link);
    this.peers.set(peer, link);
    return link;
  }

  disconnect(other: VirtualMember, why: string): void {
    if (!this.links.has(other)) return;
    const owner = this.#owner;
    owner.swarm.tell({ what: "disconnected", who: owner.id, whom: other.id, why });
    this.detach(other);
    other.connections.detach(owner);
  }

  detach(other: VirtualMember): void {
    const { swarm, have, hasLeft, downloading, uploading } = this.#owner;
    const link = this.links.get(other)!;
    link.isOver = true;
    uploading.onLeft(link);
    downloading.onLeft(link.peer);
    this.links.delete(other);
    this.peers.delete(link.peer);
    this.#isStale = true;
    if (hasLeft) return;
    if (!(have.isFull && other.have.isFull)) this.#dials.again(other.host, swarm.time.now);
    if (!link.peer.amChoking) uploading.release();
    downloading.askAll();
  }

  /** The session is over. */
  end(why: string): void {
    this.#unheard = undefined;
    for (const other of [...this.links.keys()]) this.disconnect(other, why);
    this.#dials.clear();
  }

  /** Whether it stands still in the middle. */
  get isPaused(): boolean {
    return this.#unheard !== undefined;
  }

  /** From now on what is said to it waits. */
  pause(): void {
    this.#unheard ??= [];
  }

  /** It hears what was said meanwhile. */
  resume(): void {
    const unheard = this.#unheard ?? [];
    this.#unheard = undefined;
    for (const hear of unheard) hear();
  }

  say<What>(link: Link, message: Message<What>, what: What, bytes = 0): void {
    const { other } = link;
    const { swarm: { time, networks }, id } = this.#owner;
    const at = networks.between(id, other.id).arrival(link, other, bytes, time.now);
    time.at(at, message, link.far, what);
  }

  /** Those whom it reaches at the same time hear it in one step of the clock. */
  tellHave(piece: number): Telling {
    const { swarm: { time, networks }, id } = this.#owner;
    let ends: Link[] | undefined;
    let endsAt = -1;
    const to = (link: Link): void => {
      const { other } = link;
      const at = networks.between(id, other.id).arrival(link, other, 0, time.now);
      if (ends === undefined || at !== endsAt) {
        endsAt = at;
        time.at(at, hearHave, ends = [], piece);
      }
      ends.push(link.far);
    };
    return { to, pause: () => ends = undefined };
  }

  wait(hear: () => void): void {
    this.#unheard!.push(hear);
  }
}
