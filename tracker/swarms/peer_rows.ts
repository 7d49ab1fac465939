/**
 * Peer rows: the facts about each peer apart from its address, a row of 80 bytes in typed arrays,
 * and no object.
 *
 * All of a row lies together, the links of both indexes included: with a million peers every other
 * place that an announce looks at is a wait for memory.
 *
 * @module
 */
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import { mixWord } from "./keyed_hash.ts";
import type { LastAnnounce } from "./lease.ts";
import { LeaseEnds } from "./lease_ends.ts";
import type { Links } from "./linear_hash_index.ts";
import { PAGE, PAGE_BITS, PAGE_MASK, SlotPool } from "./slot_pool.ts";

const ID_WORDS = ID_LENGTH / 4;
/** A row in words of four bytes, and in numbers of eight. */
const WORDS = 20;
const DOUBLES = WORDS / 2;
/** First three amounts, as numbers of eight bytes; then the peer ID. */
const PEER_ID = 6;
/** After it: list and position, key, when heard of (s), lease (s) and flags, hash, two links. */
const LIST = PEER_ID + ID_WORDS;
const POSITION = LIST + 1;
const KEY = LIST + 2;
const SEEN_AT = LIST + 3;
const LEASE_FLAGS = LIST + 4;
const HASH = LIST + 5;
const BY_ADDRESS = LIST + 6;
const BY_IDENTITY = LIST + 7;

/** Its address is one of this host's loopback. */
export const LOCAL = 1;
/** Its address is IPv6. */
export const SIX = 2;
/** The flags that say in which kind of list it is. */
export const KIND: number = LOCAL | SIX;
/** BEP 21: it has what it wants of the torrent, and not everything. */
export const PAUSED = 4;
/** It has a display name. */
export const NAMED = 8;
/** It said a key. */
export const KEYED = 16;
/** It came again. */
export const RETURNED = 32;
/** It came again and had given or taken something. */
export const WORKED = 64;
/** What proves that it is used: the more, the larger. */
export const PROOF: number = RETURNED | WORKED;

/** Whoever comes again sooner (s) proves nothing by it. */
export const RETURN_AFTER = 3;

/** What a peer said of itself. Amounts in bytes. */
export interface PeerWords {
  readonly peerId: Uint8Array;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
}

/** Which flags of {@linkcode PROOF} an announce earns that comes `gap` seconds after the one before. */
export function proofOf(
  before: Pick<PeerWords, "uploaded" | "downloaded">,
  said: Pick<PeerWords, "uploaded" | "downloaded">,
  gap: number,
): number {
  if (gap < RETURN_AFTER) return 0;
  const hasWorked = said.uploaded > before.uploaded || said.downloaded > before.downloaded;
  return hasWorked ? RETURNED | WORKED : RETURNED;
}

const UNKNOWN: PeerWords = {
  peerId: new Uint8Array(ID_LENGTH),
  uploaded: 0,
  downloaded: 0,
  left: Infinity,
};

/** Rows by peer number. */
export class PeerRows {
  readonly #amounts: (Float64Array | undefined)[] = [];
  readonly #words: (Int32Array | undefined)[] = [];
  /** Where the index by address links rows. */
  readonly byAddress: Links = { pages: this.#words, width: WORDS, at: BY_ADDRESS };
  /** Where the index by ID and key does. */
  readonly byIdentity: Links = { pages: this.#words, width: WORDS, at: BY_IDENTITY };
  readonly #slots = new SlotPool({
    open: (page) => {
      const words = this.#words[page] = new Int32Array(PAGE * WORDS);
      this.#amounts[page] = new Float64Array(words.buffer);
    },
    drop: (page) => {
      this.#amounts[page] = undefined;
      this.#words[page] = undefined;
    },
  });
  readonly #ends = new LeaseEnds(
    this.#slots,
    (peer) => this.seenAt(peer) + (this.#get(peer, LEASE_FLAGS) >>> 16),
  );

  get size(): number {
    return this.#slots.size;
  }

  /** A row for a peer of a list that is no seed yet. Its position, identity and time follow. */
  open(list: number, flags: number, hash: number): number {
    const peer = this.#slots.take();
    this.#set(peer, LIST, list);
    this.#set(peer, LEASE_FLAGS, flags);
    this.#set(peer, HASH, hash);
    this.setFacts(peer, UNKNOWN);
    return peer;
  }

  close(peer: number): void {
    this.#slots.give(peer);
  }

  /**
   * Calls `over` with peers whose time is up at `now` (s), as far as it gets. Each of them has to be
   * closed.
   */
  sweep(now: number, over: (peer: number) => void, most: number): void {
    this.#ends.sweep(now, over, most);
  }

  list(peer: number): number {
    return this.#get(peer, LIST);
  }

  /** It is in another list now, and has another hash. */
  move(peer: number, list: number, hash: number): void {
    this.#set(peer, LIST, list);
    this.#set(peer, HASH, hash);
  }

  position(peer: number): number {
    return this.#get(peer, POSITION);
  }

  setPosition(peer: number, position: number): void {
    this.#set(peer, POSITION, position);
  }

  /** The hash of its address in its swarm. */
  hash(peer: number): number {
    return this.#get(peer, HASH);
  }

  flags(peer: number): number {
    return this.#get(peer, LEASE_FLAGS) & 0xffff;
  }

  setFlag(peer: number, flag: number, isSet: boolean): void {
    const value = this.#get(peer, LEASE_FLAGS);
    this.#set(peer, LEASE_FLAGS, isSet ? value | flag : value & ~flag);
  }

  key(peer: number): number {
    return this.#get(peer, KEY);
  }

  left(peer: number): number {
    return this.#amounts[peer >> PAGE_BITS]![(peer & PAGE_MASK) * DOUBLES + 2]!;
  }

  /** When it was heard of, in seconds. */
  seenAt(peer: number): number {
    return this.#get(peer, SEEN_AT) >>> 0;
  }

  /** When it was heard of before `now` (s), and for how long that holds. */
  lastAnnounce(peer: number, now: number): LastAnnounce {
    return { gap: now - this.seenAt(peer), lease: this.#get(peer, LEASE_FLAGS) >>> 16 };
  }

  /** Notes when it was heard of, and for how many seconds that holds (at most 65535). */
  setTime(peer: number, seenAt: number, lease: number): void {
    const kept = Math.min(lease, 0xffff);
    this.#set(peer, SEEN_AT, seenAt);
    this.#set(peer, LEASE_FLAGS, kept << 16 | this.flags(peer));
    this.#ends.note(peer, seenAt + kept);
  }

  /** Notes that it came again at `now` (s), before its facts are: which of these flags it has. */
  prove(peer: number, said: PeerWords, now: number): number {
    const amounts = this.#amounts[peer >> PAGE_BITS]!;
    const at = (peer & PAGE_MASK) * DOUBLES;
    const before = { uploaded: amounts[at]!, downloaded: amounts[at + 1]! };
    const flags = this.flags(peer);
    const proof = proofOf(before, said, now - this.seenAt(peer));
    if ((flags | proof) !== flags) this.setFlag(peer, proof, true);
    return (flags | proof) & PROOF;
  }

  setFacts(peer: number, facts: PeerWords): void {
    const amounts = this.#amounts[peer >> PAGE_BITS]!;
    const at = (peer & PAGE_MASK) * DOUBLES;
    amounts[at] = facts.uploaded;
    amounts[at + 1] = facts.downloaded;
    amounts[at + 2] = facts.left;
  }

  /** Who it is: set once, read by {@linkcode isIdentity}. */
  setIdentity(peer: number, peerId: Uint8Array, key: number): void {
    for (let i = 0; i < ID_WORDS; i++) this.#set(peer, PEER_ID + i, wordAt(peerId, i));
    this.#set(peer, KEY, key);
  }

  isIdentity(peer: number, peerId: Uint8Array, key: number): boolean {
    if (this.key(peer) !== (key | 0)) return false;
    // From the back: the front names the client and is the same in most.
    for (let i = ID_WORDS - 1; i >= 0; i--) {
      if (this.#get(peer, PEER_ID + i) !== wordAt(peerId, i)) return false;
    }
    return true;
  }

  /** Takes its ID and key into a hash. */
  mixIdentity(peer: number, hash: number): number {
    let mixed = hash;
    for (let i = 0; i < ID_WORDS; i++) mixed = mixWord(mixed, this.#get(peer, PEER_ID + i));
    return mixWord(mixed, this.key(peer));
  }

  /** A copy of what it said. */
  facts(peer: number): PeerWords {
    const peerId = new Uint8Array(ID_LENGTH);
    const view = new DataView(peerId.buffer);
    for (let i = 0; i < ID_WORDS; i++) view.setInt32(4 * i, this.#get(peer, PEER_ID + i));
    const amounts = this.#amounts[peer >> PAGE_BITS]!;
    const at = (peer & PAGE_MASK) * DOUBLES;
    return {
      peerId,
      uploaded: amounts[at]!,
      downloaded: amounts[at + 1]!,
      left: amounts[at + 2]!,
    };
  }

  #get(peer: number, word: number): number {
    return this.#words[peer >> PAGE_BITS]![(peer & PAGE_MASK) * WORDS + word]!;
  }

  #set(peer: number, word: number, value: number): void {
    this.#words[peer >> PAGE_BITS]![(peer & PAGE_MASK) * WORDS + word] = value;
  }
}

/** The `index`th four bytes as one number. */
export function wordAt(bytes: Uint8Array, index: number): number {
  const at = 4 * index;
  return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
}
