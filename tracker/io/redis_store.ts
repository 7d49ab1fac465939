/**
 * Swarms in Redis or Valkey, so that several trackers behind one balancer give out each other's
 * peers. `logic/redis_scripts.ts` says what lies there.
 *
 * @module
 */
import { hash } from "node:crypto";
import { hostname, networkInterfaces } from "node:os";
import type { AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { classifyIp, isDialable } from "../../protocol/compact.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { timekeepingOf } from "../logic/lease.ts";
import { type OwnAddress, ownAddressFor } from "../logic/own_address.ts";
import {
  compactRecord,
  decodeHost,
  decodePeer,
  encodeFacts,
  encodeHost,
  encodeIdentity,
  peerState,
} from "../logic/redis_records.ts";
import { ANNOUNCE_SCRIPT } from "../logic/redis_announce_script.ts";
import {
  COUNTS_SCRIPT,
  HOSTS_KEY,
  SWARM_PREFIX,
  SWARMS_KEY,
  SWEEP_SCRIPT,
  TOTALS_KEY,
} from "../logic/redis_scripts.ts";
import {
  type Asker,
  type ExpiredPeer,
  MAX_EMPTY,
  peersWanted,
  type StoredPeer,
  type StoreReply,
  type StoreTotals,
  type SwarmCounts,
  wantsLeechersOnly,
} from "../logic/swarm_store.ts";
import type { SharedTorrents, SwarmStore } from "../ports.ts";
import { RedisCatalogue } from "./redis_catalogue.ts";
import { RedisLink, type RedisReply, redisScript } from "./redis_link.ts";

/** Swarms asked for at once. */
const CHUNK = 500;
/** Most swarms and most peers that Redis looks at in one go: a few milliseconds of its time. */
const SWEEP_SWARMS = 50;
const SWEEP_PEERS = 1000;
/** How often a sweep asks it to: announces come in between. */
const SWEEP_ROUNDS = 32;
/** How often (ms) trackers tell each other by which addresses their hosts are known. */
const HOSTS_MS = 5000;
/** A host that told nothing for so long (s) has no tracker any more. */
const HOST_AGE = 120;
/** Clocks that differ by less (ms) count as the same. */
const SAME_CLOCK = 2000;

const ANNOUNCE = redisScript(ANNOUNCE_SCRIPT);
const COUNTS = redisScript(COUNTS_SCRIPT);
const SWEEP = redisScript(SWEEP_SCRIPT);

/** How a store is opened. */
export interface RedisStoreOptions {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss:` for TLS. */
  readonly url: string;
  /** Hears, in a sentence, that Redis is away or back. */
  readonly onChange: (sentence: string) => void;
  /** Says which machine this is; trackers on one machine say the same. Default: made from it. */
  readonly host?: string;
  /** Swarms without anybody that are kept for their count of downloads; default {@linkcode MAX_EMPTY}. */
  readonly maxEmpty?: number;
}

/** Everything is answered later, and rejected with a `TrackerError` while Redis is away. */
export class RedisStore implements SwarmStore {
  readonly torrents: SharedTorrents;
  readonly #link: RedisLink;
  readonly #host: string;
  readonly #maxEmpty: number;
  /** Addresses of other trackers' hosts, by host. */
  #hosts = new Map<string, readonly OwnAddress[]>();
  #hostsAt = -Infinity;
  /** Addresses of this host. */
  #own: readonly OwnAddress[] = [];
  /** How far (ms) Redis' clock is ahead of ours: all trackers go by that one. */
  #ahead = 0;

  private constructor(link: RedisLink, host: string, maxEmpty: number) {
    this.#link = link;
    this.#maxEmpty = maxEmpty;
    this.torrents = new RedisCatalogue(link);
    this.#host = host;
  }

  /**
   * Connects. A server that cannot be reached is told by `onChange`, and tried again until it is.
   *
   * @throws {TrackerStartError} where the URL is wrong, the server refuses us, or is too old
   */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const { url, onChange, host = thisHost(), maxEmpty = MAX_EMPTY } = options;
    let onReady = (): void => {};
    const link = await RedisLink.open({ url, onChange, onReady: () => onReady() });
    const store = new RedisStore(link, host, maxEmpty);
    onReady = () => void store.#readClock();
    await store.#readClock();
    return store;
  }

  async announce(request: AnnounceRequest, asker: Asker, now: number): Promise<StoreReply> {
    const { address } = asker;
    const { event, port, infoHash, peerId } = request;
    const seconds = this.#seconds(now);
    this.#own = asker.own;
    const isLocal = classifyIp(address) === "loopback";
    const stays = event !== "stopped" && isDialable(address, port);
    const family = address.length === 4 ? "4" : "6";
    const kind = isLocal ? `${family}@${this.#host}` : family;
    if (isLocal && this.#hostsAt === -Infinity) await this.#meetHosts(now);
    const shown = this.#shownTo(asker, isLocal);
    const reply = await this.#link.run(ANNOUNCE, [
      infoHash.toHex(),
      String(seconds),
      kind,
      compactRecord(address, port),
      stays ? peerState(request) : "",
      event === "completed" ? "1" : "",
      encodeIdentity(request),
      encodeFacts(request, seconds),
      String(peersWanted(request)),
      timekeepingOf(event, peerId),
      String(Math.random()),
      [...shown.keys()].filter((one) => one.startsWith("4")).join(" "),
      [...shown.keys()].filter((one) => one.startsWith("6")).join(" "),
      wantsLeechersOnly(request) ? "" : "1",
      String(this.#maxEmpty),
    ]) as RedisReply[];
    const [interval, seeders, leechers, completed] = reply as number[];
    const peers: Record<string, Uint8Array[]> = { 4: [], 6: [] };
    for (let i = 4; i < reply.length; i += 2) {
      const from = String(reply[i]);
      const list = reply[i + 1] as Uint8Array;
      const own = shown.get(from);
      const width = from.startsWith("4") ? 6 : 18;
      if (own !== undefined) { for (let at = 0; at < list.length; at += width) list.set(own, at); }
      peers[from[0]!]!.push(list);
    }
    return {
      interval: interval!,
      seeders: seeders!,
      leechers: leechers!,
      completed: completed!,
      peers4: concatBytes(peers[4]!),
      peers6: concatBytes(peers[6]!),
    };
  }

  async scrape(infoHashes: readonly Uint8Array[]): Promise<ScrapeEntry[]> {
    const entries: ScrapeEntry[] = [];
    for (let from = 0; from < infoHashes.length; from += CHUNK) {
      const some = infoHashes.slice(from, from + CHUNK);
      const numbers = await this.#link.run(COUNTS, some.map((one) => one.toHex())) as number[];
      for (const [i, infoHash] of some.entries()) {
        const [seeders, leechers, completed] = numbers.slice(3 * i) as [number, number, number];
        entries.push({ infoHash, seeders, leechers, completed });
      }
    }
    return entries;
  }

  async sweep(now: number): Promise<ExpiredPeer[]> {
    // A Redis without memory takes nothing new, but can forget.
    if (now - this.#hostsAt > HOSTS_MS) await this.#meetHosts(now).catch(() => {});
    const limits = [SWEEP_SWARMS, SWEEP_PEERS, this.#maxEmpty].map(String);
    const expired: ExpiredPeer[] = [];
    for (let round = 0; round < SWEEP_ROUNDS; round++) {
      const reply = await this.#link.run(SWEEP, [String(this.#seconds(now)), ...limits]);
      const [more, ...parts] = reply as Uint8Array[];
      for (let i = 0; i < parts.length; i += 4) {
        const peer = decodePeer(parts[i + 2]!, parts[i + 3]!);
        if (peer === undefined) continue;
        expired.push({ infoHash: Uint8Array.fromHex(String(parts[i])), peer });
      }
      if (more!.length === 0) break;
    }
    return expired;
  }

  async totals(): Promise<StoreTotals> {
    const [swarms, totals] = await Promise.all([
      this.#link.command("ZCARD", SWARMS_KEY),
      this.#link.command("HMGET", TOTALS_KEY, "seeders", "leechers"),
    ]) as [number, (Uint8Array | null)[]];
    const [seeders, leechers] = totals.map((number) => Number(String(number ?? 0)));
    return { swarms, seeders: seeders!, leechers: leechers! };
  }

  async swarms(): Promise<SwarmCounts[]> {
    const all: SwarmCounts[] = [];
    for (let from = 0;; from += CHUNK) {
      const range = [String(from), String(from + CHUNK - 1)];
      const some = await this.#link.command("ZRANGE", SWARMS_KEY, ...range) as Uint8Array[];
      all.push(...await this.scrape(some.map((hex) => Uint8Array.fromHex(String(hex)))));
      if (some.length < CHUNK) return all;
    }
  }

  async peers(infoHash: Uint8Array): Promise<StoredPeer[]> {
    const key = `${SWARM_PREFIX}${infoHash.toHex()}:f`;
    // A scan may show the same peer twice.
    const peers = new Map<string, StoredPeer>();
    let cursor = "0";
    do {
      const page = await this.#link.command("HSCAN", key, cursor, "COUNT", String(CHUNK));
      const [next, parts] = page as unknown as [Uint8Array, Uint8Array[]];
      for (let i = 0; i < parts.length; i += 2) {
        const field = parts[i]!;
        const address = field.subarray(field.indexOf(COLON) + 1);
        const peer = decodePeer(address, parts[i + 1]!);
        if (peer !== undefined) peers.set(field.toHex(), peer);
      }
      cursor = String(next);
    } while (cursor !== "0");
    return [...peers.values()];
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#link[Symbol.dispose]();
    return Promise.resolve();
  }

  /**
   * Kinds of peers that an asker may hear of, the nearest first, with the address that stands for
   * theirs: loopback is loopback on the same host only.
   */
  #shownTo(asker: Asker, isLocal: boolean): Map<string, Uint8Array | undefined> {
    const shown = new Map<string, Uint8Array | undefined>();
    for (const width of [4, 16]) {
      const family = width === 4 ? "4" : "6";
      const here = `${family}@${this.#host}`;
      if (isLocal) shown.set(here, undefined);
      // Who asks over loopback is seen by other hosts where we are.
      const seen = isLocal ? asker.own.find(({ bytes }) => bytes.length === width) : undefined;
      const address = isLocal ? seen?.bytes : asker.address;
      if (address?.length === width) {
        const own = ownAddressFor(address, asker.own);
        if (!isLocal && own !== undefined) shown.set(here, own);
        for (const [host, addresses] of this.#hosts) {
          const there = ownAddressFor(address, addresses);
          if (there !== undefined) shown.set(`${family}@${host}`, there);
        }
      }
      shown.set(family, undefined);
    }
    return shown;
  }

  /** Tells other trackers by which addresses this host is known, and hears of theirs. */
  async #meetHosts(now: number): Promise<void> {
    this.#hostsAt = now;
    const seconds = this.#seconds(now);
    await this.#link.command("HSET", HOSTS_KEY, this.#host, encodeHost(this.#own, seconds));
    await this.#link.command("EXPIRE", HOSTS_KEY, String(HOST_AGE));
    const parts = await this.#link.command("HGETALL", HOSTS_KEY) as Uint8Array[];
    const hosts = new Map<string, readonly OwnAddress[]>();
    for (let i = 0; i < parts.length; i += 2) {
      const name = String(parts[i]);
      if (name === this.#host) continue;
      const host = decodeHost(String(parts[i + 1]), seconds);
      if (host === undefined || host.age > HOST_AGE) {
        await this.#link.command("HDEL", HOSTS_KEY, name);
      } else hosts.set(name, host.own);
    }
    this.#hosts = hosts;
  }

  async #readClock(): Promise<void> {
    try {
      const time = await this.#link.command("TIME") as Uint8Array[];
      const ahead = Number(String(time[0])) * 1000 - Date.now();
      this.#ahead = Math.abs(ahead) < SAME_CLOCK ? 0 : ahead;
    } catch {
      // It is away; when it is back, this is asked again.
    }
  }

  #seconds(now: number): number {
    return Math.floor((now + this.#ahead) / 1000);
  }
}

const COLON = ":".charCodeAt(0);

/** The same for all trackers of a machine, and for no other: names are often given twice. */
function thisHost(): string {
  const cards = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    .map(({ mac }) => mac);
  return hash("sha1", [hostname(), ...new Set(cards.sort())].join(" ")).slice(0, 12);
}
