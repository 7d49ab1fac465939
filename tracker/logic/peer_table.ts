/**
 * Peers of one swarm and one kind of address, as they go on the wire.
 *
 * @module
 */

/** What is kept of a peer beside its address. Amounts in bytes, times in seconds. */
export interface PeerFacts {
  readonly peerId: Uint8Array;
  readonly name: string | undefined;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  /** When it was heard of. */
  readonly seenAt: number;
  /** When it is forgotten unless it announces again. */
  readonly validUntil: number;
}

const FIRST_CAPACITY = 4;

/**
 * Compact records (address and port) side by side in one array that grows, so that a reply is a
 * copy of a range; the last record fills the gap of one that leaves. Other facts lie in arrays of
 * their own with the same index.
 */
export class PeerTable {
  /** Bytes per record: 6 for IPv4 (BEP 23), 18 for IPv6 (BEP 7). */
  readonly recordLength: 6 | 18;
  #records: Uint8Array;
  #facts: PeerFacts[] = [];
  readonly #slots = new Map<number | string, number>();
  #seeders = 0;

  constructor(recordLength: 6 | 18) {
    this.recordLength = recordLength;
    this.#records = new Uint8Array(FIRST_CAPACITY * recordLength);
  }

  get size(): number {
    return this.#facts.length;
  }

  get seeders(): number {
    return this.#seeders;
  }

  /** All peers: the record is a view, valid until the next change. */
  *[Symbol.iterator](): Generator<[record: Uint8Array, facts: PeerFacts]> {
    for (let slot = 0; slot < this.#facts.length; slot++) {
      yield [this.#record(slot), this.#facts[slot]!];
    }
  }

  get(record: Uint8Array): PeerFacts | undefined {
    const slot = this.#slots.get(keyOf(record));
    return slot === undefined ? undefined : this.#facts[slot];
  }

  set(record: Uint8Array, facts: PeerFacts): void {
    this.delete(record);
    const slot = this.#facts.length;
    const end = (slot + 1) * this.recordLength;
    if (end > this.#records.length) {
      const records = new Uint8Array(this.#records.length * 2);
      records.set(this.#records);
      this.#records = records;
    }
    this.#records.set(record, slot * this.recordLength);
    this.#facts.push(facts);
    this.#slots.set(keyOf(record), slot);
    if (facts.left === 0) this.#seeders++;
  }

  /** Takes a peer out; false where it was not there. */
  delete(record: Uint8Array): boolean {
    const key = keyOf(record);
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    if (this.#facts[slot]!.left === 0) this.#seeders--;
    this.#slots.delete(key);
    const last = this.#facts.length - 1;
    const facts = this.#facts.pop()!;
    if (slot !== last) {
      const moved = this.#record(last);
      this.#records.copyWithin(
        slot * this.recordLength,
        last * this.recordLength,
        (last + 1) * this.recordLength,
      );
      this.#facts[slot] = facts;
      this.#slots.set(keyOf(moved), slot);
    }
    return true;
  }

  /**
   * Copies up to `wanted` random records to `into` from `at`; how many.
   *
   * @param leechersOnly seeders are of no use to who asks
   */
  sample(
    into: Uint8Array,
    at: number,
    wanted: number,
    options: { leechersOnly: boolean; random: () => number },
  ): number {
    const { size, recordLength } = this;
    const start = Math.floor(options.random() * size);
    if (options.leechersOnly && this.#seeders > 0) {
      let found = 0;
      for (let i = 0; i < size && found < wanted; i++) {
        const slot = (start + i) % size;
        if (this.#facts[slot]!.left === 0) continue;
        into.set(this.#record(slot), at + found++ * recordLength);
      }
      return found;
    }
    const count = Math.min(wanted, size);
    const first = Math.min(count, size - start);
    into.set(this.#records.subarray(start * recordLength, (start + first) * recordLength), at);
    into.set(this.#records.subarray(0, (count - first) * recordLength), at + first * recordLength);
    return count;
  }

  /** Forgets peers whose time is up at `now` (s); calls `onExpired` for each. */
  sweep(now: number, onExpired: (record: Uint8Array, facts: PeerFacts) => void): void {
    for (let slot = this.#facts.length - 1; slot >= 0; slot--) {
      const facts = this.#facts[slot]!;
      if (facts.validUntil > now) continue;
      const record = this.#record(slot).slice();
      this.delete(record);
      onExpired(record, facts);
    }
  }

  #record(slot: number): Uint8Array {
    return this.#records.subarray(slot * this.recordLength, (slot + 1) * this.recordLength);
  }
}

/** IPv4 address and port are 48 bits: a number. IPv6 needs a string. */
function keyOf(record: Uint8Array): number | string {
  if (record.length !== 6) return String.fromCharCode(...record);
  return ((record[0]! << 24 | record[1]! << 16 | record[2]! << 8 | record[3]!) >>> 0) * 65536 +
    (record[4]! << 8 | record[5]!);
}
