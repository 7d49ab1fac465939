/**
 * The compact addresses of one family (BEP 23, BEP 7), a list for each swarm, as they go on the wire:
 * a reply is a copy of ranges.
 *
 * Short lists are blocks of 1, 2, 4 … 1024 records in shared pages and move to a block of twice the
 * size when they are full. Longer ones have pages of their own, and nothing of them is ever copied
 * to make room.
 *
 * ```text
 * position:  0 … done-1             | done … size-1
 *            seeds and paused peers | those that still download
 * ```
 *
 * @module
 */
import { hostLength } from "./host_prefix.ts";
import { NONE, PAGE, PAGE_BITS, PAGE_MASK, SlotPool } from "./slot_pool.ts";

/**
 * Of each list: whose it is, its block, the block's order, how many peers, how many of them done, and
 * the row of its picks.
 */
const WORDS = 6;
const OWNER = 0;
const BLOCK = 1;
const ORDER = 2;
const SIZE = 3;
const DONE = 4;
const PICKS = 5;

/** Which peers of a list to hand out. */
export interface Choice {
  /** Who is done is of no use to who asks. */
  readonly leechersOnly: boolean;
  /** The position of who asks, who never gets itself, or {@linkcode NONE}. */
  readonly hidden: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A range of a list that a sample took. */
interface SampledRange {
  /** The position where the range begins, and how many could be taken. */
  first: number;
  length: number;
  /** How many were taken, beginning at any of them and going round. */
  count: number;
  begin: number;
}

interface RecordPage {
  readonly records: Uint8Array;
  readonly peers: Int32Array;
}

/** Lists by number. A peer is whatever number the caller gives it. */
export class PeerLists {
  /** Bytes per record: an address and two of port. */
  readonly recordLength: 6 | 18;
  readonly #moved: (peer: number, position: number, picks: number) => void;
  readonly #rows: (Int32Array | undefined)[] = [];
  readonly #lists = new SlotPool({
    open: (page) => this.#rows[page] = new Int32Array(PAGE * WORDS),
    drop: (page) => this.#rows[page] = undefined,
  });
  readonly #pages: (RecordPage | undefined)[] = [];
  readonly #blocks = new SlotPool({
    open: (page) =>
      this.#pages[page] = {
        records: new Uint8Array(PAGE * this.recordLength),
        peers: new Int32Array(PAGE),
      },
    drop: (page) => this.#pages[page] = undefined,
  });
  /** What the last sample took. */
  readonly #ofDone: SampledRange = { first: 0, length: 0, count: 0, begin: 0 };
  readonly #ofRest: SampledRange = { first: 0, length: 0, count: 0, begin: 0 };
  /** First rows of the pages of lists longer than a page. */
  readonly #long = new Map<number, number[]>();

  /** @param moved called with a peer's new position and its list's picks, whenever it changes */
  constructor(
    recordLength: 6 | 18,
    moved: (peer: number, position: number, picks: number) => void,
  ) {
    this.recordLength = recordLength;
    this.#moved = moved;
  }

  /** A new, empty list. */
  open(owner: number): number {
    const list = this.#lists.take();
    this.#set(list, OWNER, owner);
    this.#set(list, BLOCK, this.#blocks.take());
    this.#set(list, ORDER, 0);
    this.#set(list, SIZE, 0);
    this.#set(list, DONE, 0);
    this.#set(list, PICKS, NONE);
    return list;
  }

  /** Gives the room of an empty list back. */
  close(list: number): void {
    this.#blocks.give(this.#get(list, BLOCK));
    this.#lists.give(list);
  }

  owner(list: number): number {
    return this.#get(list, OWNER);
  }

  /** The row of a crowd's picks; {@linkcode NONE} for a list that is no crowd's. */
  picks(list: number): number {
    return this.#get(list, PICKS);
  }

  setPicks(list: number, picks: number): void {
    this.#set(list, PICKS, picks);
  }

  size(list: number): number {
    return this.#get(list, SIZE);
  }

  /** How many are seeds or paused. */
  done(list: number): number {
    return this.#get(list, DONE);
  }

  peer(list: number, position: number): number {
    const row = this.#row(list, position);
    return this.#pages[row >> PAGE_BITS]!.peers[row & PAGE_MASK]!;
  }

  /** The record at a position: a view, valid until the next change. */
  record(list: number, position: number): Uint8Array {
    const row = this.#row(list, position);
    const at = (row & PAGE_MASK) * this.recordLength;
    return this.#pages[row >> PAGE_BITS]!.records.subarray(at, at + this.recordLength);
  }

  isAt(list: number, position: number, address: Uint8Array, port: number): boolean {
    const row = this.#row(list, position);
    const { records } = this.#pages[row >> PAGE_BITS]!;
    const at = (row & PAGE_MASK) * this.recordLength;
    const end = at + this.recordLength - 2;
    if ((records[end]! << 8 | records[end + 1]!) !== port) return false;
    for (let i = 0; i < address.length; i++) if (records[at + i] !== address[i]) return false;
    return true;
  }

  /** Whether the peer at a position is of the host of an address. */
  isOfHost(list: number, position: number, address: Uint8Array): boolean {
    const row = this.#row(list, position);
    const { records } = this.#pages[row >> PAGE_BITS]!;
    const at = (row & PAGE_MASK) * this.recordLength;
    const end = hostLength(address.length);
    for (let i = 0; i < end; i++) if (records[at + i] !== address[i]) return false;
    return true;
  }

  /** Adds a peer that is not done. */
  push(list: number, address: Uint8Array, port: number, peer: number): void {
    const size = this.size(list);
    const order = this.#get(list, ORDER);
    if (size >= PAGE) {
      if ((size & PAGE_MASK) === 0) this.#extend(list, size);
    } else if (size === 1 << order) this.#move(list, order + 1, size);
    this.#set(list, SIZE, size + 1);
    const row = this.#row(list, size);
    const page = this.#pages[row >> PAGE_BITS]!;
    const at = (row & PAGE_MASK) * this.recordLength;
    for (let i = 0; i < address.length; i++) page.records[at + i] = address[i]!;
    page.records[at + address.length] = port >> 8;
    page.records[at + address.length + 1] = port;
    page.peers[row & PAGE_MASK] = peer;
    this.#moved(peer, size, this.picks(list));
  }

  /** Takes out whoever is at a position. */
  remove(list: number, position: number): void {
    let gap = position;
    const done = this.done(list);
    if (gap < done) {
      this.#set(list, DONE, done - 1);
      this.#swap(list, gap, done - 1);
      gap = done - 1;
    }
    const size = this.size(list) - 1;
    this.#swap(list, gap, size);
    this.#set(list, SIZE, size);
    if (size >= PAGE) {
      // Half a page to spare, so that one that comes and goes costs nothing.
      const pages = this.#long.get(list)!;
      if (pages.length * PAGE - size > PAGE * 1.5) this.#blocks.give(pages.pop()!);
    } else {
      this.#shorten(list);
      const order = this.#get(list, ORDER);
      if (order > 0 && size <= 1 << order - 2) this.#move(list, order - 1, size);
    }
  }

  /** Notes whether whoever is at a position is a seed or paused. */
  setDone(list: number, position: number, isDone: boolean): void {
    const done = this.done(list);
    if (position < done === isDone) return;
    this.#set(list, DONE, isDone ? done + 1 : done - 1);
    this.#swap(list, position, isDone ? done : done - 1);
  }

  /**
   * Copies random records to where `into` has room behind `taken` of them: a range of those that are
   * done and one of the others, in the proportion in which they are there. How many;
   * {@linkcode sampledAt} tells which.
   */
  sample(list: number, into: Uint8Array, taken: number, choice: Choice): number {
    const { leechersOnly, hidden, random } = choice;
    const at = taken * this.recordLength;
    const wanted = (into.length - at) / this.recordLength;
    const start = this.done(list);
    let done = start;
    let rest = this.size(list) - start;
    // Who is left out goes to the end of its range, which also stirs the list.
    if (hidden !== NONE) {
      if (hidden < start) this.#swap(list, hidden, --done);
      else this.#swap(list, hidden, start + --rest);
    }
    if (leechersOnly) done = 0;
    const count = Math.min(wanted, done + rest);
    if (count <= 0) return 0;
    const share = Math.floor(count * done / (done + rest) + random());
    const fromDone = Math.max(count - rest, Math.min(done, share));
    const fromRest = count - fromDone;
    draw(this.#ofDone, 0, done, fromDone, random);
    draw(this.#ofRest, start, rest, fromRest, random);
    this.#copyRange(list, this.#ofDone, into, at);
    this.#copyRange(list, this.#ofRest, into, at + fromDone * this.recordLength);
    return count;
  }

  /** Which record of the last sample was that of a position, or {@linkcode NONE}: it is changed by nothing else. */
  sampledAt(position: number): number {
    const isRest = position >= this.#ofRest.first;
    const { first, length, count, begin } = isRest ? this.#ofRest : this.#ofDone;
    if (position - first >= length) return NONE;
    const turn = position - first - begin;
    const at = turn < 0 ? turn + length : turn;
    if (at >= count) return NONE;
    return isRest ? this.#ofDone.count + at : at;
  }

  #copyRange(list: number, range: SampledRange, into: Uint8Array, at: number): void {
    const { first, length, count, begin } = range;
    const straight = Math.min(count, length - begin);
    this.#copy(list, first + begin, straight, into, at);
    this.#copy(list, first, count - straight, into, at + straight * this.recordLength);
  }

  /** Copies the record at a position to byte `at` of `into`. */
  copyRecord(list: number, position: number, into: Uint8Array, at: number): void {
    const row = this.#row(list, position);
    const { records } = this.#pages[row >> PAGE_BITS]!;
    const from = (row & PAGE_MASK) * this.recordLength;
    for (let i = 0; i < this.recordLength; i++) into[at + i] = records[from + i]!;
  }

  #copy(list: number, from: number, count: number, into: Uint8Array, at: number): void {
    const width = this.recordLength;
    for (let copied = 0; copied < count;) {
      const row = this.#row(list, from + copied);
      const first = row & PAGE_MASK;
      const some = Math.min(count - copied, PAGE - first);
      const { records } = this.#pages[row >> PAGE_BITS]!;
      into.set(records.subarray(first * width, (first + some) * width), at + copied * width);
      copied += some;
    }
  }

  #swap(list: number, a: number, b: number): void {
    if (a === b) return;
    const rowA = this.#row(list, a);
    const rowB = this.#row(list, b);
    const pageA = this.#pages[rowA >> PAGE_BITS]!;
    const pageB = this.#pages[rowB >> PAGE_BITS]!;
    const width = this.recordLength;
    const atA = (rowA & PAGE_MASK) * width;
    const atB = (rowB & PAGE_MASK) * width;
    for (let i = 0; i < width; i++) {
      const byte = pageA.records[atA + i]!;
      pageA.records[atA + i] = pageB.records[atB + i]!;
      pageB.records[atB + i] = byte;
    }
    const peer = pageA.peers[rowA & PAGE_MASK]!;
    const other = pageB.peers[rowB & PAGE_MASK]!;
    pageA.peers[rowA & PAGE_MASK] = other;
    pageB.peers[rowB & PAGE_MASK] = peer;
    const picks = this.picks(list);
    this.#moved(other, a, picks);
    this.#moved(peer, b, picks);
  }

  /** The row of a position among all records. */
  #row(list: number, position: number): number {
    if (position < PAGE) return this.#get(list, BLOCK) + position;
    return this.#long.get(list)![position >> PAGE_BITS]! + (position & PAGE_MASK);
  }

  /** Moves a list of up to a page to a block of 2^`order` records. */
  #move(list: number, order: number, size: number): void {
    const from = this.#get(list, BLOCK);
    const to = this.#blocks.take(order);
    const width = this.recordLength;
    const old = this.#pages[from >> PAGE_BITS]!;
    const page = this.#pages[to >> PAGE_BITS]!;
    const first = from & PAGE_MASK;
    const records = old.records.subarray(first * width, (first + size) * width);
    page.records.set(records, (to & PAGE_MASK) * width);
    page.peers.set(old.peers.subarray(first, first + size), to & PAGE_MASK);
    this.#blocks.give(from);
    this.#set(list, BLOCK, to);
    this.#set(list, ORDER, order);
  }

  /** One more page for a list whose pages are full, unless it has one to spare. */
  #extend(list: number, size: number): void {
    let pages = this.#long.get(list);
    if (pages === undefined) this.#long.set(list, pages = [this.#get(list, BLOCK)]);
    if (pages.length === size >> PAGE_BITS) pages.push(this.#blocks.take(PAGE_BITS));
  }

  /** A list that fits its first page needs no others. */
  #shorten(list: number): void {
    const pages = this.#long.get(list);
    if (pages === undefined || this.size(list) > PAGE / 2) return;
    for (const row of pages.slice(1)) this.#blocks.give(row);
    this.#long.delete(list);
  }

  #get(list: number, word: number): number {
    return this.#rows[list >> PAGE_BITS]![(list & PAGE_MASK) * WORDS + word]!;
  }

  #set(list: number, word: number, value: number): void {
    this.#rows[list >> PAGE_BITS]![(list & PAGE_MASK) * WORDS + word] = value;
  }
}

/** Notes a range, and draws at which of its records it begins. */
function draw(
  range: SampledRange,
  first: number,
  length: number,
  count: number,
  random: () => number,
): void {
  range.first = first;
  range.length = length;
  range.count = count;
  range.begin = count > 0 ? Math.floor(random() * length) : 0;
}
