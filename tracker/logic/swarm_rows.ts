/**
 * What is known of each swarm: 64 bytes in typed arrays, found by info hash.
 *
 * @module
 */
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import { finish, mixBytes, mixWord } from "./hash.ts";
import { wordAt } from "./peer_rows.ts";
import { RowIndex } from "./row_index.ts";
import { NONE, PAGE, PAGE_BITS, PAGE_MASK, SlotPool } from "./slot_pool.ts";

const ID_WORDS = ID_LENGTH / 4;
const WORDS = 16;
/**
 * After the info hash: downloads, when it began (s), paused peers, four lists, the index's link, all
 * peers, those of them that are done, and those that do not lengthen the interval.
 */
const COMPLETED = ID_WORDS;
const SINCE = COMPLETED + 1;
const PAUSED = COMPLETED + 2;
const LISTS = COMPLETED + 3;
const LINK = COMPLETED + 7;
const SIZE = COMPLETED + 8;
const DONE = COMPLETED + 9;
const UNCOUNTED = COMPLETED + 10;

/** How many kinds of addresses have lists of their own. */
export const KINDS = 4;

/** Rows by swarm number. */
export class SwarmRows {
  readonly #seed: number;
  readonly #words: (Int32Array | undefined)[] = [];
  readonly #slots = new SlotPool({
    open: (page) => this.#words[page] = new Int32Array(PAGE * WORDS),
    drop: (page) => this.#words[page] = undefined,
  });
  readonly #index = new RowIndex(
    { pages: this.#words, width: WORDS, at: LINK },
    (swarm) => this.#hashOf(swarm),
  );

  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** A swarm's number, or {@linkcode NONE}. */
  find(infoHash: Uint8Array): number {
    let swarm = this.#index.first(finish(mixBytes(this.#seed, infoHash)));
    while (swarm !== NONE && !this.#is(swarm, infoHash)) swarm = this.#index.next(swarm);
    return swarm;
  }

  /** A new swarm: nobody in it, no list. It must not be there yet. */
  open(infoHash: Uint8Array, since: number): number {
    const swarm = this.#slots.take();
    for (let i = 0; i < ID_WORDS; i++) this.#set(swarm, i, wordAt(infoHash, i));
    this.#set(swarm, COMPLETED, 0);
    this.#set(swarm, SINCE, since);
    for (const word of [PAUSED, SIZE, DONE, UNCOUNTED]) this.#set(swarm, word, 0);
    for (let kind = 0; kind < KINDS; kind++) this.#set(swarm, LISTS + kind, NONE);
    this.#index.add(swarm);
    return swarm;
  }

  close(swarm: number): void {
    this.#index.delete(swarm);
    this.#slots.give(swarm);
  }

  /** The first swarm whose number is `from` or more, or {@linkcode NONE}. */
  next(from: number): number {
    return this.#slots.next(from);
  }

  infoHash(swarm: number): Uint8Array {
    const bytes = new Uint8Array(ID_LENGTH);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < ID_WORDS; i++) view.setInt32(4 * i, this.#get(swarm, i));
    return bytes;
  }

  /** How often somebody completed. */
  completed(swarm: number): number {
    return this.#get(swarm, COMPLETED) >>> 0;
  }

  setCompleted(swarm: number, completed: number): void {
    this.#set(swarm, COMPLETED, completed);
  }

  /** When it began, in seconds. */
  since(swarm: number): number {
    return this.#get(swarm, SINCE) >>> 0;
  }

  /** It begins anew: somebody came after nobody was there. */
  setSince(swarm: number, since: number): void {
    this.#set(swarm, SINCE, since);
  }

  paused(swarm: number): number {
    return this.#get(swarm, PAUSED);
  }

  setPaused(swarm: number, paused: number): void {
    this.#set(swarm, PAUSED, paused);
  }

  /** Peers in all lists. */
  peers(swarm: number): number {
    return this.#get(swarm, SIZE);
  }

  /** Seeds and paused peers among them. */
  done(swarm: number): number {
    return this.#get(swarm, DONE);
  }

  /** Peers that are more than one host's share of the interval. */
  uncounted(swarm: number): number {
    return this.#get(swarm, UNCOUNTED);
  }

  /** Takes note of so many more peers, done ones and uncounted ones. */
  add(swarm: number, peers: number, done: number, uncounted: number): void {
    this.#set(swarm, SIZE, this.peers(swarm) + peers);
    this.#set(swarm, DONE, this.done(swarm) + done);
    this.#set(swarm, UNCOUNTED, this.uncounted(swarm) + uncounted);
  }

  /** The list of a kind, or {@linkcode NONE}. */
  list(swarm: number, kind: number): number {
    return this.#get(swarm, LISTS + kind);
  }

  setList(swarm: number, kind: number, list: number): void {
    this.#set(swarm, LISTS + kind, list);
  }

  #is(swarm: number, infoHash: Uint8Array): boolean {
    for (let i = 0; i < ID_WORDS; i++) {
      if (this.#get(swarm, i) !== wordAt(infoHash, i)) return false;
    }
    return true;
  }

  #hashOf(swarm: number): number {
    let hash = this.#seed;
    for (let i = 0; i < ID_WORDS; i++) hash = mixWord(hash, this.#get(swarm, i));
    return finish(hash);
  }

  #get(swarm: number, word: number): number {
    return this.#words[swarm >> PAGE_BITS]![(swarm & PAGE_MASK) * WORDS + word]!;
  }

  #set(swarm: number, word: number, value: number): void {
    this.#words[swarm >> PAGE_BITS]![(swarm & PAGE_MASK) * WORDS + word] = value;
  }
}
