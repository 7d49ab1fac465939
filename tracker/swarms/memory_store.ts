/**
 * Swarm store in memory: about 100 bytes a peer, and as quick with a million of them as with a
 * thousand.
 *
 * Peers, swarms and lists are numbered rows of typed arrays that grow by pages; the garbage collector
 * has nothing to look through. A peer is found by its address in its swarm or, where that is new, by
 * its ID and key: then it has moved.
 *
 * @module
 */
import type { AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { isDialable } from "../../protocol/address.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { announceInterval } from "./announce_interval.ts";
import { crowdKey, crowdList, Crowds, MAX_ALONE, MAX_COUNTED, MAX_PER_HOST } from "./crowds.ts";
import { CrowdPicks, leastOf } from "./crowd_picks.ts";
import { finish, mix, mixBytes, mixWord } from "./keyed_hash.ts";
import { hostLength } from "./host_prefix.ts";
import { isRegular, type LastAnnounce, leaseOf, obeysIntervals, promisedLease } from "./lease.ts";
import { PeerLists } from "./peer_lists.ts";
import { kindOf, NOBODY, PeerSampling } from "./peer_sampling.ts";
import { KEYED, KIND, NAMED, PAUSED, PeerRows, PROOF, SIX } from "./peer_rows.ts";
import { LinearHashIndex } from "./linear_hash_index.ts";
import { LoneSwarms } from "./lone_swarms.ts";
import { NONE } from "./slot_pool.ts";
import {
  type Asker,
  type ExpiredPeer,
  isDone,
  MAX_EMPTY,
  peersWanted,
  type StoredPeer,
  type StoreReply,
  type StoreTotals,
  type SwarmCounts,
} from "./swarm_store.ts";
import { KINDS, SwarmRows } from "./swarm_rows.ts";

/** Peers forgotten in one sweep. */
const SWEEP_EXPIRED = 1 << 15;
/** More peers are refused: a gigabyte. */
const MAX_PEERS = 10_000_000;
/** Minutes after which to ask a full tracker again. */
const FULL_MINUTES = 10;

/** Everything is answered at once. */
export class MemoryStore {
  readonly #random: () => number;
  readonly #seed: number;
  readonly #swarms: SwarmRows;
  /** Swarms of one peer that are in no other table. */
  readonly #lone: LoneSwarms;
  readonly #rows = new PeerRows();
  readonly #lists4: PeerLists;
  readonly #lists6: PeerLists;
  readonly #crowds = new Crowds();
  readonly #picks = new CrowdPicks();
  /** Peers of crowds by their address, all others by their host. */
  readonly #byAddress = new LinearHashIndex(this.#rows.byAddress, (peer) => this.#rows.hash(peer));
  readonly #byIdentity = new LinearHashIndex(
    this.#rows.byIdentity,
    (peer) => this.#identityHash(peer),
  );
  readonly #sampling: PeerSampling;
  readonly #names = new Map<number, string>();
  /** Swarms with downloads and without peers, the longest empty first. */
  readonly #empty = new Set<number>();
  readonly #maxEmpty: number;
  #seeders = 0;

  /**
   * @param random uniform in [0, 1)
   * @param maxEmpty swarms without anybody that are kept for their count of downloads
   */
  constructor(random: () => number, maxEmpty: number = MAX_EMPTY) {
    this.#random = random;
    this.#maxEmpty = maxEmpty;
    this.#seed = random() * 2 ** 32 | 0;
    this.#swarms = new SwarmRows(this.#seed);
    this.#lone = new LoneSwarms(this.#seed);
    const moved = (peer: number, position: number, picks: number): void => {
      this.#rows.setPosition(peer, position);
      if (picks !== NONE) this.#picks.moved(picks, peer, position);
    };
    this.#lists4 = new PeerLists(6, moved);
    this.#lists6 = new PeerLists(18, moved);
    this.#sampling = new PeerSampling({
      swarms: this.#swarms,
      rows: this.#rows,
      crowds: this.#crowds,
      picks: this.#picks,
      lists: (kind) => this.#lists(kind),
      findIdentity: (swarm, kind, request) => this.#findIdentity(swarm, kind, request),
      random,
    });
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
      const lone = this.#lone.find(infoHash);
      if (lone === NONE && !stays) return this.#reply(request, NONE, 0);
      if (lone === NONE) this.#assertRoom();
      if (stays && LoneSwarms.takes(request, address)) {
        if (lone === NONE) return this.#lone.open(request, address, seconds);
        if (this.#lone.isAt(lone, address, port)) return this.#lone.again(lone, request, seconds);
      }
      swarm = lone === NONE ? this.#swarms.open(infoHash, seconds) : this.#widen(lone);
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
      let proof = 0;
      if (this.#swarms.peers(swarm) === 0) this.#swarms.setSince(swarm, seconds);
      if (peer === NONE) peer = this.#insert(swarm, kind, address, request);
      else {
        proof = this.#rows.prove(peer, request, seconds);
        if (!obeys && event !== "started") last = this.#last(peer, request, seconds);
      }
      const picks = this.#lists(kind).picks(this.#rows.list(peer));
      if (picks !== NONE) {
        this.#picks.heard(picks, peer, this.#rows.position(peer), proof, isDone(request));
      }
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
      const question = { swarm, wanted, request, asker, peer };
      reply.peers4 = this.#sampling.sample(0, question);
      reply.peers6 = this.#sampling.sample(SIX, question);
    }
    if (!stays) this.#closeIfEmpty(swarm);
    return reply;
  }

  /** A torrent's counts; zeros where it is unknown. */
  scrape(infoHashes: readonly Uint8Array[]): ScrapeEntry[] {
    return infoHashes.map((infoHash) => {
      const swarm = this.#swarms.find(infoHash);
      const lone = swarm === NONE ? this.#lone.find(infoHash) : NONE;
      return lone === NONE ? this.#counts(swarm, infoHash) : this.#lone.counts(lone);
    });
  }

  /**
   * Forgets peers whose lease is over, as far as it gets: call it every second or so.
   */
  sweep(now: number): ExpiredPeer[] {
    const expired: ExpiredPeer[] = [];
    const seconds = Math.floor(now / 1000);
    this.#rows.sweep(seconds, (peer) => {
      const swarm = this.#listsOf(peer).owner(this.#rows.list(peer));
      expired.push({ infoHash: this.#swarms.infoHash(swarm), peer: this.#describe(peer) });
      this.#remove(peer);
      this.#closeIfEmpty(swarm);
    }, SWEEP_EXPIRED);
    this.#lone.sweep(seconds, (row) => {
      const { infoHash, peer, since, completed } = this.#lone.take(row);
      expired.push({ infoHash, peer });
      if (completed > 0) this.#closeIfEmpty(this.#open(infoHash, since, completed));
    }, SWEEP_EXPIRED - expired.length);
    return expired;
  }

  totals(): StoreTotals {
    const seeders = this.#seeders + this.#lone.seeders;
    const swarms = this.#swarms.size + this.#lone.size;
    return { swarms, seeders, leechers: this.#peers - seeders };
  }

  /** All swarms. Do not announce while going through them. */
  *swarms(): Generator<SwarmCounts> {
    for (
      let swarm = this.#swarms.next(0);
      swarm !== NONE;
      swarm = this.#swarms.next(swarm + 1)
    ) yield this.#counts(swarm, this.#swarms.infoHash(swarm));
    for (let row = this.#lone.next(0); row !== NONE; row = this.#lone.next(row + 1)) {
      yield this.#lone.counts(row);
    }
  }

  /** Everybody in a swarm. */
  peers(infoHash: Uint8Array): StoredPeer[] {
    const swarm = this.#swarms.find(infoHash);
    const lone = swarm === NONE ? this.#lone.find(infoHash) : NONE;
    if (lone !== NONE) return [this.#lone.peer(lone)];
    const peers: StoredPeer[] = [];
    for (let kind = 0; swarm !== NONE && kind < KINDS; kind++) {
      const lists = this.#lists(kind);
      for (const list of [this.#swarms.list(swarm, kind), ...this.#crowds.of(swarm, kind)]) {
        const size = list === NONE ? 0 : lists.size(list);
        for (let position = 0; position < size; position++) {
          peers.push(this.#describe(lists.peer(list, position)));
        }
      }
    }
    return peers;
  }

  /** Adds downloads of earlier runs, and tells how many that are in all. */
  restoreCompleted(infoHash: Uint8Array, completed: number, now: number): number {
    let swarm = this.#swarms.find(infoHash);
    if (swarm === NONE) {
      const lone = this.#lone.find(infoHash);
      swarm = lone === NONE ? this.#open(infoHash, Math.floor(now / 1000), 0) : this.#widen(lone);
    }
    const total = this.#swarms.completed(swarm) + completed;
    this.#swarms.setCompleted(swarm, total);
    this.#closeIfEmpty(swarm);
    return total;
  }

  /** A swarm without anybody yet, in which so many have completed. */
  #open(infoHash: Uint8Array, since: number, completed: number): number {
    const swarm = this.#swarms.open(infoHash, since);
    this.#swarms.setCompleted(swarm, completed);
    return swarm;
  }

  /** Moves a swarm of one peer to where there is room for more. */
  #widen(lone: number): number {
    const { peer, key, isPaused, proof, lease, ...facts } = this.#lone.take(lone);
    const { address, peerId, port, uploaded, downloaded, left, seenAt } = peer;
    const swarm = this.#open(facts.infoHash, facts.since, facts.completed);
    const request: AnnounceRequest = {
      ...{ infoHash: facts.infoHash, peerId, port, uploaded, downloaded, left, key },
      ...{ event: isPaused ? "paused" : "none", numwant: 0, compact: true, noPeerId: true },
    };
    const row = this.#insert(swarm, kindOf(address), address, request);
    this.#update(swarm, row, request);
    this.#rows.setFlag(row, proof, true);
    this.#rows.setTime(row, seenAt, lease);
    return swarm;
  }

  /** What is known of a client's earlier announces; nothing of another that was at its place. */
  #last(peer: number, { peerId, key = 0 }: AnnounceRequest, now: number): LastAnnounce | undefined {
    const rows = this.#rows;
    return rows.isIdentity(peer, peerId, key) ? rows.lastAnnounce(peer, now) : undefined;
  }

  /** An answer without peers yet. */
  #reply(request: AnnounceRequest, swarm: number, age: number): Mutable<StoreReply> {
    const { seeders, leechers, completed } = this.#counts(swarm, request.infoHash);
    const counted = seeders + leechers - (swarm === NONE ? 0 : this.#swarms.uncounted(swarm));
    const interval = announceInterval(Math.max(1, counted), age);
    return { interval, seeders, leechers, completed, peers4: NOBODY, peers6: NOBODY };
  }

  #counts(swarm: number, infoHash: Uint8Array): SwarmCounts {
    if (swarm === NONE) return { infoHash, seeders: 0, leechers: 0, completed: 0 };
    const seeders = this.#swarms.done(swarm) - this.#swarms.paused(swarm);
    return {
      infoHash,
      seeders,
      leechers: this.#swarms.peers(swarm) - seeders,
      completed: this.#swarms.completed(swarm),
    };
  }

  /** Who announced from this address before, or else with this ID and key from a similar one. */
  #find(swarm: number, kind: number, address: Uint8Array, request: AnnounceRequest): number {
    const { port } = request;
    const host = this.#hostHash(swarm, kind, address);
    const crowd = this.#crowdOf(swarm, kind, host, address);
    const list = crowd === NONE ? this.#swarms.list(swarm, kind) : crowd;
    if (list === NONE) return this.#findIdentity(swarm, kind, request);
    const hash = crowd === NONE ? host : this.#addressHash(crowd, kind, address, port);
    let peer = this.#byAddress.first(hash);
    for (; peer !== NONE; peer = this.#byAddress.next(peer)) {
      if (this.#rows.hash(peer) !== hash || !this.#isIn(peer, list, kind)) continue;
      if (this.#isAt(peer, address, port)) return peer;
    }
    return this.#findIdentity(swarm, kind, request);
  }

  #findIdentity(swarm: number, kind: number, { peerId, key = 0 }: AnnounceRequest): number {
    if (key === 0) return NONE;
    const hash = finish(mixWord(mixBytes(this.#kindHash(swarm, kind), peerId), key));
    let peer = this.#byIdentity.first(hash);
    while (
      peer !== NONE && !(this.#isOf(peer, swarm, kind) && this.#rows.isIdentity(peer, peerId, key))
    ) peer = this.#byIdentity.next(peer);
    return peer;
  }

  /** The list of a host's own, or {@linkcode NONE}. */
  #crowdOf(swarm: number, kind: number, host: number, address: Uint8Array): number {
    if (this.#crowds.hasNone(kind)) return NONE;
    const there = this.#crowds.ofHash(host);
    if (typeof there === "number") {
      return there !== NONE && this.#isCrowdOf(there, swarm, kind, address)
        ? crowdList(there)
        : NONE;
    }
    const key = there.find((key) => this.#isCrowdOf(key, swarm, kind, address));
    return key === undefined ? NONE : crowdList(key);
  }

  #isCrowdOf(key: number, swarm: number, kind: number, address: Uint8Array): boolean {
    const list = crowdList(key);
    const lists = this.#lists(kind);
    return key === crowdKey(list, kind) && lists.owner(list) === swarm &&
      lists.isOfHost(list, 0, address);
  }

  #insert(swarm: number, kind: number, address: Uint8Array, request: AnnounceRequest): number {
    this.#assertRoom();
    const lists = this.#lists(kind);
    const host = this.#hostHash(swarm, kind, address);
    let crowd = this.#crowdOf(swarm, kind, host, address);
    if (crowd === NONE) crowd = this.#gather(swarm, kind, host, address);
    let list = crowd;
    if (crowd === NONE) {
      list = this.#swarms.list(swarm, kind);
      if (list === NONE) this.#swarms.setList(swarm, kind, list = lists.open(swarm));
    } else if (lists.size(crowd) >= MAX_PER_HOST) {
      this.#remove(leastOf(lists, this.#rows, crowd, this.#random));
    }
    if (this.#empty.size > 0) this.#empty.delete(swarm);
    const { port, peerId, key } = request;
    const hash = crowd === NONE ? host : this.#addressHash(crowd, kind, address, port);
    const peer = this.#rows.open(list, kind, hash);
    lists.push(list, address, port, peer);
    this.#swarms.add(swarm, 1, 0, lists.size(list) > MAX_COUNTED && crowd !== NONE ? 1 : 0);
    this.#byAddress.add(peer);
    this.#identify(peer, peerId, key);
    return peer;
  }

  /** Makes a list of a host's own where it has too many peers among all others, or {@linkcode NONE}. */
  #gather(swarm: number, kind: number, host: number, address: Uint8Array): number {
    const from = this.#swarms.list(swarm, kind);
    if (from === NONE) return NONE;
    const lists = this.#lists(kind);
    const isNeighbour = (peer: number): boolean =>
      this.#rows.hash(peer) === host && this.#isIn(peer, from, kind) &&
      lists.isOfHost(from, this.#rows.position(peer), address);
    let count = 0;
    let peer = this.#byAddress.first(host);
    for (; peer !== NONE; peer = this.#byAddress.next(peer)) if (isNeighbour(peer)) count++;
    if (count < MAX_ALONE) return NONE;
    const neighbours: number[] = [];
    for (peer = this.#byAddress.first(host); peer !== NONE; peer = this.#byAddress.next(peer)) {
      if (isNeighbour(peer)) neighbours.push(peer);
    }
    const crowd = lists.open(swarm);
    const picks = this.#picks.open();
    lists.setPicks(crowd, picks);
    for (const one of neighbours) {
      const position = this.#rows.position(one);
      const record = lists.record(from, position).slice();
      const end = record.length - 2;
      const port = record[end]! << 8 | record[end + 1]!;
      const isDone = position < lists.done(from);
      const there = record.subarray(0, end);
      this.#byAddress.delete(one);
      lists.remove(from, position);
      lists.push(crowd, there, port, one);
      lists.setDone(crowd, this.#rows.position(one), isDone);
      this.#rows.move(one, crowd, this.#addressHash(crowd, kind, there, port));
      this.#byAddress.add(one);
      const proof = this.#rows.flags(one) & PROOF;
      this.#picks.heard(picks, one, this.#rows.position(one), proof, isDone);
    }
    this.#crowds.add(swarm, kind, host, crowd);
    if (lists.size(from) === 0) {
      lists.close(from);
      this.#swarms.setList(swarm, kind, NONE);
    }
    return crowd;
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
    const lists = this.#listsOf(peer);
    const done = lists.done(rows.list(peer));
    lists.setDone(rows.list(peer), rows.position(peer), isDone(request));
    const more = lists.done(rows.list(peer)) - done;
    if (more !== 0) this.#swarms.add(swarm, 0, more, 0);
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
    const position = rows.position(peer);
    const kind = flags & KIND;
    const picks = lists.picks(list);
    const isCrowd = picks !== NONE;
    const wasDone = position < lists.done(list) ? 1 : 0;
    const uncounted = isCrowd && lists.size(list) > MAX_COUNTED ? 1 : 0;
    this.#swarms.add(swarm, -1, -wasDone, -uncounted);
    if (isCrowd) this.#picks.left(picks, peer);
    if (lists.size(list) === 1) {
      if (isCrowd) {
        const address = lists.record(list, 0).subarray(0, lists.recordLength - 2);
        this.#crowds.delete(swarm, kind, this.#hostHash(swarm, kind, address), list);
        this.#picks.close(picks);
        lists.setPicks(list, NONE);
      } else this.#swarms.setList(swarm, kind, NONE);
    }
    lists.remove(list, position);
    if (lists.size(list) === 0) lists.close(list);
    rows.close(peer);
  }

  /** Forgets a swarm without anybody that nobody ever completed. */
  #closeIfEmpty(swarm: number): void {
    if (this.#swarms.peers(swarm) > 0) return;
    if (this.#swarms.completed(swarm) === 0) return this.#swarms.close(swarm);
    this.#empty.add(swarm);
    if (this.#empty.size <= this.#maxEmpty) return;
    const [oldest] = this.#empty;
    this.#empty.delete(oldest!);
    this.#swarms.close(oldest!);
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
    if (this.#peers < MAX_PEERS) return;
    throw new TrackerError("this tracker is full", { retryIn: FULL_MINUTES });
  }

  get #peers(): number {
    return this.#rows.size + this.#lone.size;
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

  #isOf(peer: number, swarm: number, kind: number): boolean {
    const rows = this.#rows;
    return (rows.flags(peer) & KIND) === kind &&
      this.#lists(kind).owner(rows.list(peer)) === swarm;
  }

  /** Of a place in a list of one host. */
  #addressHash(list: number, kind: number, address: Uint8Array, port: number): number {
    return finish(mix(mixBytes(this.#kindHash(~list, kind), address), port));
  }

  /** Of a host in a swarm. */
  #hostHash(swarm: number, kind: number, address: Uint8Array): number {
    return finish(mixBytes(this.#kindHash(swarm, kind), address, hostLength(address.length)));
  }

  #identityHash(peer: number): number {
    const swarm = this.#listsOf(peer).owner(this.#rows.list(peer));
    const hash = this.#kindHash(swarm, this.#rows.flags(peer) & KIND);
    return finish(this.#rows.mixIdentity(peer, hash));
  }

  #kindHash(swarm: number, kind: number): number {
    return mix(mix(this.#seed, swarm), kind);
  }

  #listsOf(peer: number): PeerLists {
    return this.#lists(this.#rows.flags(peer));
  }

  #lists(kind: number): PeerLists {
    return (kind & SIX) === 0 ? this.#lists4 : this.#lists6;
  }
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
