/**
 * All swarms of a tracker in its own memory: about 100 bytes a peer, and as quick with a million of
 * them as with a thousand.
 *
 * Peers, swarms and lists are numbered rows of typed arrays that grow by pages; the garbage collector
 * has nothing to look through. A peer is found by its address in its swarm or, where that is new, by
 * its ID and key: then it has moved.
 *
 * @module
 */
import type { AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { classifyIp, isDialable } from "../../protocol/compact.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { ByteSlab } from "./byte_slab.ts";
import { announceInterval } from "./announce_interval.ts";
import { finish, mix, mixBytes, mixWord } from "./hash.ts";
import { isRegular, type LastAnnounce, leaseOf, obeysIntervals, promisedLease } from "./lease.ts";
import { ownAddressFor } from "./own_address.ts";
import { PeerLists } from "./peer_lists.ts";
import { KEYED, KIND, LOCAL, NAMED, PAUSED, PeerRows, SIX } from "./peer_rows.ts";
import { RowIndex } from "./row_index.ts";
import { NONE } from "./slot_pool.ts";
import {
  type Asker,
  type ExpiredPeer,
  isDone,
  peersWanted,
  type StoredPeer,
  type StoreReply,
  type StoreTotals,
  type SwarmCounts,
} from "./swarm_store.ts";
import { KINDS, SwarmRows } from "./swarm_rows.ts";

/** Peers looked through in one sweep: some milliseconds. */
const SWEEP_PEERS = 1 << 18;
/** Peers forgotten in one sweep. */
const SWEEP_EXPIRED = 1 << 15;
/** More peers are refused: a gigabyte. */
const MAX_PEERS = 10_000_000;
/** Minutes after which to ask a full tracker again. */
const FULL_MINUTES = 10;
/** Swarms without anybody that are kept for their count of downloads, unless told otherwise. */
const MAX_EMPTY = 1_000_000;

/** Everything is answered at once. */
export class MemoryStore {
  readonly #slab = new ByteSlab();
  readonly #random: () => number;
  readonly #seed: number;
  readonly #swarms: SwarmRows;
  readonly #rows = new PeerRows();
  readonly #lists4: PeerLists;
  readonly #lists6: PeerLists;
  readonly #byAddress = new RowIndex(this.#rows.byAddress, (peer) => this.#rows.hash(peer));
  readonly #byIdentity = new RowIndex(
    this.#rows.byIdentity,
    (peer) => this.#identityHash(peer),
  );
  readonly #names = new Map<number, string>();
  /** Swarms with downloads and without peers, the longest empty first. */
  readonly #empty = new Set<number>();
  readonly #maxEmpty: number;
  #seeders = 0;
  /** Where the next sweep begins. */
  #cursor = 0;

  /**
   * @param random uniform in [0, 1)
   * @param maxEmpty swarms without anybody that are kept for their count of downloads
   */
  constructor(random: () => number, maxEmpty: number = MAX_EMPTY) {
    this.#random = random;
    this.#maxEmpty = maxEmpty;
    this.#seed = random() * 2 ** 32 | 0;
    this.#swarms = new SwarmRows(this.#seed);
    const moved = (peer: number, position: number) => this.#rows.setPosition(peer, position);
    this.#lists4 = new PeerLists(6, moved);
    this.#lists6 = new PeerLists(18, moved);
  }

  /**
   * Notes what a peer says and gives it others. It never gets itself, though it announced before or
   * by another address; counts are taken after it was noted, as clients show them.
   *
   * @param now in ms
   * @throws {TrackerError} where nobody more can be taken
   */
  announce(request: AnnounceRequest, asker: Asker, now: number): StoreReply {
    const { event, infoHash, port } = request;
    const { address } = asker;
    const seconds = Math.floor(now / 1000);
    const kind = kindOf(address);
    const stays = event !== "stopped" && isDialable(address, port);
    let swarm = this.#swarms.find(infoHash);
    if (swarm === NONE) {
      if (!stays) return this.#reply(request, NONE, 0);
      this.#assertRoom();
      swarm = this.#swarms.open(infoHash, seconds);
    }
    let peer = this.#find(swarm, kind, address, request);
    if (event === "completed" && peer !== NONE && this.#rows.left(peer) !== 0) {
      this.#swarms.setCompleted(swarm, this.#swarms.completed(swarm) + 1);
    }
    if (peer !== NONE && !(stays && this.#isAt(peer, address, port))) {
      this.#remove(peer);
      peer = NONE;
    }
    const obeys = obeysIntervals(request.peerId);
    let last: LastAnnounce | undefined;
    if (stays) {
      if (peer === NONE) peer = this.#insert(swarm, kind, address, request);
      else if (!obeys && event !== "started") last = this.#last(peer, request, seconds);
      this.#update(swarm, peer, request);
    }
    const reply = this.#reply(request, swarm, seconds - this.#swarms.since(swarm));
    if (peer !== NONE) {
      const { interval } = reply;
      const lease = obeys ? promisedLease(interval) : leaseOf(interval, isRegular(event), last);
      this.#rows.setTime(peer, seconds, lease);
    }
    const wanted = peersWanted(request);
    if (wanted > 0) {
      reply.peers4 = this.#sample(swarm, 0, wanted, request, asker, peer);
      reply.peers6 = this.#sample(swarm, SIX, wanted, request, asker, peer);
    }
    if (!stays) this.#closeIfEmpty(swarm);
    return reply;
  }

  /** A torrent's counts; zeros where it is unknown. */
  scrape(infoHashes: readonly Uint8Array[]): ScrapeEntry[] {
    return infoHashes.map((infoHash) => this.#counts(this.#swarms.find(infoHash), infoHash));
  }

  /**
   * Forgets peers whose lease is over, as far as it gets: call it every second or so.
   */
  sweep(now: number): ExpiredPeer[] {
    const expired: ExpiredPeer[] = [];
    const seconds = Math.floor(now / 1000);
    let peer = this.#rows.next(this.#cursor);
    for (let looked = 0; looked < SWEEP_PEERS && peer !== NONE; looked++) {
      if (this.#rows.isOver(peer, seconds)) {
        const swarm = this.#listsOf(peer).owner(this.#rows.list(peer));
        expired.push({ infoHash: this.#swarms.infoHash(swarm), peer: this.#describe(peer) });
        this.#remove(peer);
        this.#closeIfEmpty(swarm);
        if (expired.length === SWEEP_EXPIRED) break;
      }
      peer = this.#rows.next(peer + 1);
    }
    this.#cursor = Math.max(0, peer);
    return expired;
  }

  totals(): StoreTotals {
    const peers = this.#rows.size;
    return { swarms: this.#swarms.size, seeders: this.#seeders, leechers: peers - this.#seeders };
  }

  /** All swarms. Do not announce while going through them. */
  *swarms(): Generator<SwarmCounts> {
    for (
      let swarm = this.#swarms.next(0);
      swarm !== NONE;
      swarm = this.#swarms.next(swarm + 1)
    ) yield this.#counts(swarm, this.#swarms.infoHash(swarm));
  }

  /** Everybody in a swarm. */
  peers(infoHash: Uint8Array): StoredPeer[] {
    const swarm = this.#swarms.find(infoHash);
    const peers: StoredPeer[] = [];
    for (let kind = 0; swarm !== NONE && kind < KINDS; kind++) {
      const list = this.#swarms.list(swarm, kind);
      if (list === NONE) continue;
      const lists = this.#lists(kind);
      for (let position = 0; position < lists.size(list); position++) {
        peers.push(this.#describe(lists.peer(list, position)));
      }
    }
    return peers;
  }

  /** Takes over how often a torrent was completed, as it is remembered from an earlier run. */
  restoreCompleted(infoHash: Uint8Array, completed: number, now: number): void {
    let swarm = this.#swarms.find(infoHash);
    if (swarm === NONE) swarm = this.#swarms.open(infoHash, Math.floor(now / 1000));
    this.#swarms.setCompleted(swarm, completed);
    this.#closeIfEmpty(swarm);
  }

  /** What is known of a client's earlier announces; nothing of another that was at its place. */
  #last(peer: number, { peerId, key = 0 }: AnnounceRequest, now: number): LastAnnounce | undefined {
    const rows = this.#rows;
    return rows.isIdentity(peer, peerId, key) ? rows.lastAnnounce(peer, now) : undefined;
  }

  /** An answer without peers yet. */
  #reply(request: AnnounceRequest, swarm: number, age: number): Mutable<StoreReply> {
    const { seeders, leechers, completed } = this.#counts(swarm, request.infoHash);
    const interval = announceInterval(Math.max(1, seeders + leechers), age);
    return { interval, seeders, leechers, completed, peers4: NOBODY, peers6: NOBODY };
  }

  #counts(swarm: number, infoHash: Uint8Array): SwarmCounts {
    if (swarm === NONE) return { infoHash, seeders: 0, leechers: 0, completed: 0 };
    let size = 0;
    let done = 0;
    for (let kind = 0; kind < KINDS; kind++) {
      const list = this.#swarms.list(swarm, kind);
      if (list === NONE) continue;
      size += this.#lists(kind).size(list);
      done += this.#lists(kind).done(list);
    }
    const seeders = done - this.#swarms.paused(swarm);
    return {
      infoHash,
      seeders,
      leechers: size - seeders,
      completed: this.#swarms.completed(swarm),
    };
  }

  /** Who announced from this address before, or else with this ID and key from a similar one. */
  #find(swarm: number, kind: number, address: Uint8Array, request: AnnounceRequest): number {
    const list = this.#swarms.list(swarm, kind);
    if (list === NONE) return NONE;
    const { port } = request;
    const hash = this.#addressHash(list, kind, address, port);
    let peer = this.#byAddress.first(hash);
    for (; peer !== NONE; peer = this.#byAddress.next(peer)) {
      if (this.#rows.hash(peer) !== hash || !this.#isIn(peer, list, kind)) continue;
      if (this.#isAt(peer, address, port)) return peer;
    }
    return this.#findIdentity(list, kind, request);
  }

  #findIdentity(list: number, kind: number, { peerId, key = 0 }: AnnounceRequest): number {
    if (key === 0) return NONE;
    const hash = finish(mixWord(mixBytes(this.#listHash(list, kind), peerId), key));
    let peer = this.#byIdentity.first(hash);
    while (
      peer !== NONE && !(this.#isIn(peer, list, kind) && this.#rows.isIdentity(peer, peerId, key))
    ) peer = this.#byIdentity.next(peer);
    return peer;
  }

  #insert(swarm: number, kind: number, address: Uint8Array, request: AnnounceRequest): number {
    this.#assertRoom();
    const lists = this.#lists(kind);
    let list = this.#swarms.list(swarm, kind);
    if (list === NONE) this.#swarms.setList(swarm, kind, list = lists.open(swarm));
    if (this.#empty.size > 0) this.#empty.delete(swarm);
    const { port, peerId, key } = request;
    const peer = this.#rows.open(list, kind, this.#addressHash(list, kind, address, port));
    lists.push(list, address, port, peer);
    this.#byAddress.add(peer);
    this.#identify(peer, peerId, key);
    return peer;
  }

  /** Notes what a peer says of itself. */
  #update(swarm: number, peer: number, request: AnnounceRequest): void {
    const rows = this.#rows;
    const { peerId, key = 0, left, event, name } = request;
    if (!rows.isIdentity(peer, peerId, key)) {
      this.#forgetIdentity(peer);
      this.#identify(peer, peerId, key);
    }
    const isPaused = event === "paused" && left !== 0;
    const wasPaused = (rows.flags(peer) & PAUSED) !== 0;
    if (isPaused !== wasPaused) {
      this.#swarms.setPaused(swarm, this.#swarms.paused(swarm) + (isPaused ? 1 : -1));
      rows.setFlag(peer, PAUSED, isPaused);
    }
    if (left === 0 && rows.left(peer) !== 0) this.#seeders++;
    else if (left !== 0 && rows.left(peer) === 0) this.#seeders--;
    rows.setFacts(peer, request);
    this.#listsOf(peer).setDone(rows.list(peer), rows.position(peer), isDone(request));
    if (name !== undefined) this.#names.set(peer, name);
    else if ((rows.flags(peer) & NAMED) !== 0) this.#names.delete(peer);
    rows.setFlag(peer, NAMED, name !== undefined);
  }

  /** Takes a peer out; its swarm stays, even if it is empty now. */
  #remove(peer: number): void {
    const rows = this.#rows;
    const list = rows.list(peer);
    const lists = this.#listsOf(peer);
    const swarm = lists.owner(list);
    const flags = rows.flags(peer);
    if (rows.left(peer) === 0) this.#seeders--;
    if ((flags & PAUSED) !== 0) this.#swarms.setPaused(swarm, this.#swarms.paused(swarm) - 1);
    if ((flags & NAMED) !== 0) this.#names.delete(peer);
    this.#forgetIdentity(peer);
    this.#byAddress.delete(peer);
    lists.remove(list, rows.position(peer));
    rows.close(peer);
    if (lists.size(list) > 0) return;
    lists.close(list);
    this.#swarms.setList(swarm, flags & KIND, NONE);
  }

  /** Forgets a swarm without anybody that nobody ever completed. */
  #closeIfEmpty(swarm: number): void {
    for (let kind = 0; kind < KINDS; kind++) {
      if (this.#swarms.list(swarm, kind) !== NONE) return;
    }
    if (this.#swarms.completed(swarm) === 0) return this.#swarms.close(swarm);
    this.#empty.add(swarm);
    if (this.#empty.size <= this.#maxEmpty) return;
    const [oldest] = this.#empty;
    this.#empty.delete(oldest!);
    this.#swarms.close(oldest!);
  }

  /**
   * Compact peers of one family: those elsewhere as they are, those on this host as loopback for
   * askers on this host, and as this host's own address for all others.
   *
   * @param peer who asks, or {@linkcode NONE}
   */
  #sample(
    swarm: number,
    family: number,
    wanted: number,
    request: AnnounceRequest,
    asker: Asker,
    peer: number,
  ): Uint8Array {
    const lists = this.#lists(family);
    const { recordLength } = lists;
    const remote = this.#swarms.list(swarm, family);
    let local = this.#swarms.list(swarm, family | LOCAL);
    let own: Uint8Array | undefined;
    if (local !== NONE && (kindOf(asker.address) & LOCAL) === 0) {
      if (asker.address.length === recordLength - 2) own = ownAddressFor(asker.address, asker.own);
      if (own === undefined) local = NONE;
    }
    const there = (local === NONE ? 0 : lists.size(local)) +
      (remote === NONE ? 0 : lists.size(remote));
    const room = Math.min(wanted, there);
    if (room === 0) return NOBODY;
    const into = this.#slab.take(room * recordLength);
    const near = this.#choose(local, family | LOCAL, request, peer, into, 0);
    if (own !== undefined) { for (let i = 0; i < near; i++) into.set(own, i * recordLength); }
    const count = near + this.#choose(remote, family, request, peer, into, near);
    return count === room ? into : into.subarray(0, count * recordLength);
  }

  /** Puts peers of one list into what of `into` is free behind `taken` records: how many. */
  #choose(
    list: number,
    kind: number,
    request: AnnounceRequest,
    peer: number,
    into: Uint8Array,
    taken: number,
  ): number {
    if (list === NONE) return 0;
    const self = peer !== NONE && this.#isIn(peer, list, kind)
      ? peer
      : this.#findIdentity(list, kind, request);
    return this.#lists(kind).sample(list, into, taken, {
      leechersOnly: isDone(request),
      hidden: self === NONE ? NONE : this.#rows.position(self),
      random: this.#random,
    });
  }

  #describe(peer: number): StoredPeer {
    const record = this.#listsOf(peer).record(this.#rows.list(peer), this.#rows.position(peer));
    const end = record.length - 2;
    return {
      ...this.#rows.facts(peer),
      address: record.slice(0, end),
      port: record[end]! << 8 | record[end + 1]!,
      name: this.#names.get(peer),
      seenAt: this.#rows.seenAt(peer),
    };
  }

  #identify(peer: number, peerId: Uint8Array, key = 0): void {
    this.#rows.setIdentity(peer, peerId, key);
    this.#rows.setFlag(peer, KEYED, key !== 0);
    if (key !== 0) this.#byIdentity.add(peer);
  }

  #forgetIdentity(peer: number): void {
    if ((this.#rows.flags(peer) & KEYED) !== 0) this.#byIdentity.delete(peer);
  }

  #assertRoom(): void {
    if (this.#rows.size < MAX_PEERS) return;
    throw new TrackerError("this tracker is full", { retryIn: FULL_MINUTES });
  }

  #isIn(peer: number, list: number, kind: number): boolean {
    return this.#rows.list(peer) === list && (this.#rows.flags(peer) & KIND) === kind;
  }

  #isAt(peer: number, address: Uint8Array, port: number): boolean {
    return this.#listsOf(peer).isAt(
      this.#rows.list(peer),
      this.#rows.position(peer),
      address,
      port,
    );
  }

  #addressHash(list: number, kind: number, address: Uint8Array, port: number): number {
    return finish(mix(mixBytes(this.#listHash(list, kind), address), port));
  }

  #identityHash(peer: number): number {
    const hash = this.#listHash(this.#rows.list(peer), this.#rows.flags(peer) & KIND);
    return finish(this.#rows.mixIdentity(peer, hash));
  }

  #listHash(list: number, kind: number): number {
    return mix(mix(this.#seed, list), kind);
  }

  #listsOf(peer: number): PeerLists {
    return this.#lists(this.#rows.flags(peer));
  }

  #lists(kind: number): PeerLists {
    return (kind & SIX) === 0 ? this.#lists4 : this.#lists6;
  }
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

const NOBODY = new Uint8Array();

/** Peers on the tracker's own host are kept apart: other hosts know them by another address. */
function kindOf(address: Uint8Array): number {
  return (address.length === 4 ? 0 : SIX) | (classifyIp(address) === "loopback" ? LOCAL : 0);
}
