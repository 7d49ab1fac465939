/**
 * Lone swarms: those of one peer, which most swarms of a public tracker are. Swarm and peer share one
 * row of 96 bytes, where rows for each, a list and two indexes would take twice that; with the second
 * peer a swarm gets those.
 *
 * @module
 */
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import { announceInterval } from "./announce_interval.ts";
import { finish, mixBytes, mixWord } from "./keyed_hash.ts";
import { isRegular, leaseOf, obeysIntervals, promisedLease } from "./lease.ts";
import { LeaseEnds } from "./lease_ends.ts";
import { LinearHashIndex } from "./linear_hash_index.ts";
import { PAUSED, PROOF, proofOf, wordAt } from "./peer_rows.ts";
import { NONE, PAGE, PAGE_BITS, PAGE_MASK, SlotPool } from "./slot_pool.ts";
import type { StoredPeer, StoreReply, SwarmCounts } from "./swarm_store.ts";

const ID_WORDS = ID_LENGTH / 4;
/** A row in words of four bytes, and in numbers of eight. */
const WORDS = 24;
const DOUBLES = WORDS / 2;
/**
 * First the info hash; then peer ID, address, port and flags, key, when heard of (s), lease (s), when
 * the swarm began (s), downloads, and the index's link.
 */
const PEER_ID = ID_WORDS;
const ADDRESS = PEER_ID + ID_WORDS;
const PORT_FLAGS = ADDRESS + 1;
const KEY = ADDRESS + 2;
const SEEN_AT = ADDRESS + 3;
const LEASE = ADDRESS + 4;
const SINCE = ADDRESS + 5;
const COMPLETED = ADDRESS + 6;
const LINK = ADDRESS + 7;
/** Last the three amounts, as numbers of eight bytes. */
const AMOUNTS = (LINK + 1) / 2;

const NOBODY = new Uint8Array();

/** A swarm of one peer, to be moved to where there is room for more. */
export interface LoneSwarm {
  readonly infoHash: Uint8Array;
  /** When it began, in seconds. */
  readonly since: number;
  readonly completed: number;
  readonly peer: StoredPeer;
  readonly key: number;
  readonly isPaused: boolean;
  /** Which flags of {@linkcode PROOF} it has. */
  readonly proof: number;
  /** For how many seconds what was heard holds. */
  readonly lease: number;
}

/** Swarms by row. The peer of each has an IPv4 address and no display name. */
export class LoneSwarms {
  readonly #seed: number;
  readonly #words: (Int32Array | undefined)[] = [];
  readonly #doubles: (Float64Array | undefined)[] = [];
  readonly #slots = new SlotPool({
    open: (page) => {
      const words = this.#words[page] = new Int32Array(PAGE * WORDS);
      this.#doubles[page] = new Float64Array(words.buffer);
    },
    drop: (page) => {
      this.#words[page] = undefined;
      this.#doubles[page] = undefined;
    },
  });
  readonly #index = new LinearHashIndex(
    { pages: this.#words, width: WORDS, at: LINK },
    (row) => this.#hashOf(row),
  );
  readonly #ends = new LeaseEnds(
    this.#slots,
    (row) => this.#seenAt(row) + this.#get(row, LEASE),
  );
  #seeders = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Whether a peer can be one of these. */
  static takes({ name }: AnnounceRequest, address: Uint8Array): boolean {
    return address.length === 4 && name === undefined;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** How many of the peers are seeds. */
  get seeders(): number {
    return this.#seeders;
  }

  /** The row of a swarm, or {@linkcode NONE}. */
  find(infoHash: Uint8Array): number {
    let row = this.#index.first(finish(mixBytes(this.#seed, infoHash)));
    while (row !== NONE && !this.#has(row, 0, infoHash)) row = this.#index.next(row);
    return row;
  }

  /** Whether its peer announced from there. */
  isAt(row: number, address: Uint8Array, port: number): boolean {
    return this.#get(row, ADDRESS) === wordAt(address, 0) &&
      (this.#get(row, PORT_FLAGS) & 0xffff) === port;
  }

  /** A peer comes to a torrent that nobody has. Its swarm must not be there yet. `now` in seconds. */
  open(request: AnnounceRequest, address: Uint8Array, now: number): StoreReply {
    const row = this.#slots.take();
    this.#setBytes(row, 0, request.infoHash);
    this.#set(row, ADDRESS, wordAt(address, 0));
    this.#set(row, PORT_FLAGS, request.port);
    this.#set(row, SINCE, now);
    this.#set(row, COMPLETED, 0);
    this.#index.add(row);
    this.#setAmounts(row, 0, 0, Infinity);
    this.#identify(row, request);
    return this.#noted(row, request, now, 0, undefined);
  }

  /** Its peer comes again, from where it was. `now` in seconds. */
  again(row: number, request: AnnounceRequest, now: number): StoreReply {
    const { event, peerId, key = 0 } = request;
    if (event === "completed" && this.#amount(row, 2) !== 0) {
      this.#set(row, COMPLETED, this.#get(row, COMPLETED) + 1);
    }
    const gap = now - this.#seenAt(row);
    const before = { uploaded: this.#amount(row, 0), downloaded: this.#amount(row, 1) };
    const proof = this.#flags(row) & PROOF | proofOf(before, request, gap);
    const isSame = this.#get(row, KEY) === (key | 0) && this.#has(row, PEER_ID, peerId);
    if (!isSame) this.#identify(row, request);
    const last = isSame && event !== "started" ? { gap, lease: this.#get(row, LEASE) } : undefined;
    return this.#noted(row, request, now, proof, last);
  }

  /** Takes a swarm out: what it was. */
  take(row: number): LoneSwarm {
    const swarm = this.#describe(row);
    this.close(row);
    return swarm;
  }

  /** Forgets a swarm. */
  close(row: number): void {
    if (this.#amount(row, 2) === 0) this.#seeders--;
    this.#index.delete(row);
    this.#slots.give(row);
  }

  /**
   * Calls `over` with those whose peer's time is up at `now` (s), as far as it gets. Each of them has
   * to be taken out or closed.
   */
  sweep(now: number, over: (row: number) => void, most: number): void {
    this.#ends.sweep(now, over, most);
  }

  /** The first row that is `from` or more, or {@linkcode NONE}. */
  next(from: number): number {
    return this.#slots.next(from);
  }

  completed(row: number): number {
    return this.#get(row, COMPLETED) >>> 0;
  }

  counts(row: number): SwarmCounts {
    const seeders = this.#amount(row, 2) === 0 ? 1 : 0;
    const infoHash = this.#bytes(row, 0, ID_WORDS);
    return { infoHash, seeders, leechers: 1 - seeders, completed: this.completed(row) };
  }

  peer(row: number): StoredPeer {
    return {
      peerId: this.#bytes(row, PEER_ID, ID_WORDS),
      uploaded: this.#amount(row, 0),
      downloaded: this.#amount(row, 1),
      left: this.#amount(row, 2),
      address: this.#bytes(row, ADDRESS, 1),
      port: this.#get(row, PORT_FLAGS) & 0xffff,
      name: undefined,
      seenAt: this.#seenAt(row),
    };
  }

  #describe(row: number): LoneSwarm {
    return {
      infoHash: this.#bytes(row, 0, ID_WORDS),
      since: this.#get(row, SINCE) >>> 0,
      completed: this.completed(row),
      peer: this.peer(row),
      key: this.#get(row, KEY),
      isPaused: (this.#flags(row) & PAUSED) !== 0,
      proof: this.#flags(row) & PROOF,
      lease: this.#get(row, LEASE),
    };
  }

  /** Notes what the peer says of itself, and answers. */
  #noted(
    row: number,
    request: AnnounceRequest,
    now: number,
    proof: number,
    last: { gap: number; lease: number } | undefined,
  ): StoreReply {
    const { event, peerId, uploaded, downloaded, left } = request;
    const isPaused = event === "paused" && left !== 0;
    const flags = proof | (isPaused ? PAUSED : 0);
    this.#set(row, PORT_FLAGS, this.#get(row, PORT_FLAGS) & 0xffff | flags << 16);
    if (left === 0 && this.#amount(row, 2) !== 0) this.#seeders++;
    else if (left !== 0 && this.#amount(row, 2) === 0) this.#seeders--;
    this.#setAmounts(row, uploaded, downloaded, left);
    const interval = announceInterval(1, now - (this.#get(row, SINCE) >>> 0));
    const lease = obeysIntervals(peerId)
      ? promisedLease(interval)
      : leaseOf(interval, isRegular(event), last);
    this.#set(row, SEEN_AT, now);
    this.#set(row, LEASE, lease);
    this.#ends.note(row, now + lease);
    const seeders = left === 0 ? 1 : 0;
    const counts = { seeders, leechers: 1 - seeders, completed: this.completed(row) };
    return { interval, ...counts, peers4: NOBODY, peers6: NOBODY };
  }

  #identify(row: number, { peerId, key = 0 }: AnnounceRequest): void {
    this.#setBytes(row, PEER_ID, peerId);
    this.#set(row, KEY, key);
  }

  #hashOf(row: number): number {
    let hash = this.#seed;
    for (let i = 0; i < ID_WORDS; i++) hash = mixWord(hash, this.#get(row, i));
    return finish(hash);
  }

  #flags(row: number): number {
    return this.#get(row, PORT_FLAGS) >>> 16;
  }

  #seenAt(row: number): number {
    return this.#get(row, SEEN_AT) >>> 0;
  }

  /** Whether the bytes of an ID stand from `word` on. */
  #has(row: number, word: number, id: Uint8Array): boolean {
    for (let i = ID_WORDS - 1; i >= 0; i--) {
      if (this.#get(row, word + i) !== wordAt(id, i)) return false;
    }
    return true;
  }

  #bytes(row: number, word: number, words: number): Uint8Array {
    const bytes = new Uint8Array(4 * words);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < words; i++) view.setInt32(4 * i, this.#get(row, word + i));
    return bytes;
  }

  #setBytes(row: number, word: number, bytes: Uint8Array): void {
    for (let i = 0; i < ID_WORDS; i++) this.#set(row, word + i, wordAt(bytes, i));
  }

  #amount(row: number, index: 0 | 1 | 2): number {
    return this.#doubles[row >> PAGE_BITS]![(row & PAGE_MASK) * DOUBLES + AMOUNTS + index]!;
  }

  #setAmounts(row: number, uploaded: number, downloaded: number, left: number): void {
    const doubles = this.#doubles[row >> PAGE_BITS]!;
    const at = (row & PAGE_MASK) * DOUBLES + AMOUNTS;
    doubles[at] = uploaded;
    doubles[at + 1] = downloaded;
    doubles[at + 2] = left;
  }

  #get(row: number, word: number): number {
    return this.#words[row >> PAGE_BITS]![(row & PAGE_MASK) * WORDS + word]!;
  }

  #set(row: number, word: number, value: number): void {
    this.#words[row >> PAGE_BITS]![(row & PAGE_MASK) * WORDS + word] = value;
  }
}
