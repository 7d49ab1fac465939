/**
 * Catalogue eviction: which entry gives way in a full catalogue. It is one that nobody seeds, of
 * the host that holds the most.
 *
 * A host is an IPv4 address or an IPv6 /64. One that holds less than another may take the place of
 * a torrent of that one which nobody seeds. Torrents that are seeded keep their place, but for two
 * cases: every host may have {@linkcode SHARE} of the catalogue, and among what one host published
 * itself, a torrent that nobody ever asked for gives way to the next.
 *
 * @module
 */

/** How much a torrent of the catalogue is used; the less, the sooner it gives way. */
export type Use = typeof UNUSED | typeof FRESH | typeof SEEDED | typeof TAKEN;
/** Nobody seeds it. */
export const UNUSED = 0;
/** So new that its seed may not have been heard of. */
export const FRESH = 1;
/** Somebody seeds it, and nobody asked for it yet. */
export const SEEDED = 2;
/** Somebody downloads it, or did. */
export const TAKEN = 3;

/** The part of the catalogue that each host may have, whatever others hold. */
export const SHARE: number = 1 / 32;
/** Torrents asked for at once how much they are used. */
const BATCH = 500;
/** For so long (ms), or so many places, what was found out of a host's torrents is good. */
const GOOD_MS = 10_000;
const GOOD_FOR = 256;
/** Hosts looked at for one place: those that hold the most. */
const MAX_HOSTS = 64;

/** How much a catalogue, or a host in it, has or may have. */
export interface Holding {
  readonly entries: number;
  /** Of all .torrents together. */
  readonly bytes: number;
}

/** A question of {@linkcode CatalogueRoom.choose}: of how much use are these torrents? */
export type UseQuestion = Generator<readonly string[], string | undefined, readonly Use[]>;

interface Spare {
  readonly infoHash: string;
  readonly use: Use;
}

interface Host {
  /** Bytes by info hash, the oldest first. */
  readonly torrents: Map<string, number>;
  bytes: number;
  /** Those that would give way, the first of them last. */
  spare: Spare[];
  spareUntil: number;
  /** Those that were added since that was found out. */
  added: string[];
}

/** What is held by whom. */
export class CatalogueEviction {
  readonly #limits: Holding;
  readonly #hosts = new Map<string, Host>();
  #entries = 0;
  #bytes = 0;

  constructor(limits: Holding) {
    this.#limits = limits;
  }

  add(infoHash: string, host: string, bytes: number): void {
    let there = this.#hosts.get(host);
    if (there === undefined) {
      there = { torrents: new Map(), bytes: 0, spare: [], spareUntil: -Infinity, added: [] };
      this.#hosts.set(host, there);
    }
    there.torrents.set(infoHash, bytes);
    there.bytes += bytes;
    if (there.spare.length > 0) there.added.push(infoHash);
    this.#entries++;
    this.#bytes += bytes;
  }

  delete(infoHash: string, host: string): void {
    const there = this.#hosts.get(host);
    const bytes = there?.torrents.get(infoHash);
    if (there === undefined || bytes === undefined) return;
    there.torrents.delete(infoHash);
    there.bytes -= bytes;
    if (there.torrents.size === 0) this.#hosts.delete(host);
    this.#entries--;
    this.#bytes -= bytes;
  }

  /** Whether there is room for one more of so many bytes. */
  fits(bytes: number): boolean {
    return this.#entries < this.#limits.entries && this.#bytes + bytes <= this.#limits.bytes;
  }

  /**
   * Says which torrent gives way to one of `bytes` bytes from `host`; undefined for none. Yields
   * torrents whose use has to be known for that, and wants to be given it, in the same order.
   *
   * @param now in ms
   */
  *choose(host: string, bytes: number, now: number): UseQuestion {
    // What there is too much of: torrents, or bytes.
    const isFull = this.#entries >= this.#limits.entries;
    const held = (one: Host | undefined): number =>
      one === undefined ? 0 : isFull ? one.torrents.size : one.bytes;
    const own = this.#hosts.get(host);
    const mine = held(own) + (isFull ? 1 : bytes);
    const larger = [...this.#hosts.values()]
      .filter((one) => one !== own && held(one) >= mine)
      .sort((a, b) => held(b) - held(a))
      .slice(0, MAX_HOSTS);
    const hosts = own === undefined ? larger : [...larger, own];
    for (const one of hosts) {
      const spare = yield* this.#spareOf(one, now);
      if (spare?.use === UNUSED) return this.#give(one);
    }
    const [largest] = larger;
    const share = SHARE * (isFull ? this.#limits.entries : this.#limits.bytes);
    if (largest !== undefined && held(largest) > mine && mine <= share) {
      if ((yield* this.#spareOf(largest, now)) !== undefined) return this.#give(largest);
    }
    if (own === undefined) return undefined;
    const spare = yield* this.#spareOf(own, now);
    return spare !== undefined && spare.use < TAKEN ? this.#give(own) : undefined;
  }

  /** The torrent of a host that gives way before all others of it. */
  *#spareOf(
    host: Host,
    now: number,
  ): Generator<readonly string[], Spare | undefined, readonly Use[]> {
    while (now < host.spareUntil && host.spare.length > 0) {
      const spare = host.spare.at(-1)!;
      const isUsed = yield* this.#isUsedMore(host, spare);
      if (isUsed) {
        host.spare.pop();
        continue;
      }
      // One that came later may be of less use.
      const infoHash = spare.use === UNUSED ? undefined : host.added.shift();
      if (infoHash === undefined) return spare;
      const isLess = !(yield* this.#isUsedMore(host, { infoHash, use: UNUSED }));
      if (isLess) host.spare.push({ infoHash, use: UNUSED });
    }
    const all: Spare[] = [];
    const infoHashes = [...host.torrents.keys()];
    for (let from = 0; from < infoHashes.length; from += BATCH) {
      const some = infoHashes.slice(from, from + BATCH);
      const uses = yield some;
      all.push(...some.map((infoHash, i) => ({ infoHash, use: uses[i]! })));
    }
    // In the same use the oldest first, as they are in the map.
    host.spare = all.sort((a, b) => a.use - b.use).slice(0, GOOD_FOR).reverse();
    host.spareUntil = now + GOOD_MS;
    host.added = [];
    return host.spare.at(-1);
  }

  /** Whether a torrent is used more than it was, or is not there any more. */
  *#isUsedMore(
    host: Host,
    { infoHash, use }: Spare,
  ): Generator<readonly string[], boolean, readonly Use[]> {
    if (!host.torrents.has(infoHash)) return true;
    const [now] = yield [infoHash];
    return now! > use;
  }

  #give(host: Host): string | undefined {
    return host.spare.pop()?.infoHash;
  }
}
