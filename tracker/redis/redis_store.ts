/**
 * Swarms in Redis or Valkey, so that several trackers behind one balancer give out each other's
 * peers. `redis/swarm_scripts.ts` says what lies there.
 *
 * @module
 */
import { hash } from "node:crypto";
import { hostname, networkInterfaces } from "node:os";
import type { AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { classifyIp, isDialable } from "../../protocol/address.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { INTERVALS } from "../swarms/announce_interval.ts";
import { GRACE, timekeepingOf } from "../swarms/lease.ts";
import { type OwnAddress, ownAddressFor } from "../swarms/own_address.ts";
import {
  compactRecord,
  decodeHost,
  decodePeer,
  encodeFacts,
  encodeHost,
  encodeIdentity,
  peerState,
} from "./redis_records.ts";
import { ANNOUNCE_SCRIPT } from "./announce_script.ts";
import { COUNTS_SCRIPT, SWEEP_SCRIPT } from "./swarm_scripts.ts";
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
} from "../swarms/swarm_store.ts";
import type { SharedTorrents, SwarmStore } from "../contract/ports.ts";
import { RedisCatalogue } from "./redis_catalogue.ts";
import { parseRedisAddress, type RedisAddress } from "./redis_address.ts";
import { RedisCluster } from "./redis_cluster.ts";
import { type RedisReply, redisScript } from "./redis_connection.ts";
import { HOSTS_KEY, rootOf } from "./redis_keys.ts";
import { RedisLink, type RedisRoute } from "./redis_link.ts";
import { RedisNotices } from "./redis_notices.ts";
import { RedisSentinel } from "./redis_sentinel.ts";
import { RedisSingle } from "./redis_single.ts";

/** Swarms asked for at once. */
const CHUNK = 500;
/** Most swarms and most peers that Redis looks at in one go: a few milliseconds of its time. */
const SWEEP_SWARMS = 50;
const SWEEP_PEERS = 1000;
/** How often a sweep asks it to, and each partition of several at least: announces come in between. */
const SWEEP_ROUNDS = 32;
const PARTITION_ROUNDS = 4;
/** The shortest time (s) for which a peer is kept that does not come again. */
const SHORTEST_LEASE = 2 * INTERVALS.soon + GRACE;
/** Partitions swept at the same time. */
const SWEPT_AT_ONCE = 16;
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
  /** One of the forms in `redis_address.ts`. */
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
  /** When (s) each partition is to be swept, as far as that is known. */
  readonly #due = new Map<string, number>();
  #sweptAt = 0;
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
   * @throws {TrackerStartError} where the URL is wrong, a server refuses us, is too old, or another
   * kind of server than the URL says
   */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const { url, onChange, host = thisHost(), maxEmpty = MAX_EMPTY } = options;
    let onReady = (): void => {};
    const link = await openLink(url, onChange, () => onReady());
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
    const reply = await this.#link.run(ANNOUNCE, rootOf(this.#link.keys, infoHash), [
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
      String(Math.ceil(this.#maxEmpty / this.#link.keys.roots.length)),
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
    const places = Map.groupBy(
      infoHashes.keys(),
      (place) => rootOf(this.#link.keys, infoHashes[place]!),
    );
    const entries: ScrapeEntry[] = [];
    const count = async (root: string, some: readonly number[]) => {
      const hashes = some.map((place) => infoHashes[place]!.toHex());
      const numbers = await this.#link.run(COUNTS, root, hashes) as number[];
      for (const [i, place] of some.entries()) {
        const [seeders, leechers, completed] = numbers.slice(3 * i) as [number, number, number];
        entries[place] = { infoHash: infoHashes[place]!, seeders, leechers, completed };
      }
    };
    await Promise.all(
      places.entries().map(async ([root, all]) => {
        for (let from = 0; from < all.length; from += CHUNK) {
          await count(root, all.slice(from, from + CHUNK));
        }
      }),
    );
    return entries;
  }

  async sweep(now: number): Promise<ExpiredPeer[]> {
    // A Redis without memory takes nothing new, but can forget.
    if (now - this.#hostsAt > HOSTS_MS) await this.#meetHosts(now).catch(() => {});
    const seconds = this.#seconds(now);
    if (seconds < this.#sweptAt) this.#due.clear();
    this.#sweptAt = seconds;
    // One that is not needed still tells whether Redis is back.
    const roots = this.#link.keys.roots.filter((root) =>
      this.#link.isTroubled || seconds >= (this.#due.get(root) ?? seconds)
    );
    const expired: ExpiredPeer[] = [];
    let failure: PromiseRejectedResult | undefined;
    for (let from = 0; from < roots.length; from += SWEPT_AT_ONCE) {
      const some = roots.slice(from, from + SWEPT_AT_ONCE);
      const swept = await Promise.allSettled(
        some.map((root) => this.#sweep(root, seconds, expired)),
      );
      failure ??= swept.find((one) => one.status === "rejected");
    }
    // What one partition cannot do is no reason not to tell what the others did.
    if (failure !== undefined && expired.length === 0) throw failure.reason;
    return expired;
  }

  async #sweep(root: string, now: number, expired: ExpiredPeer[]): Promise<void> {
    this.#due.delete(root);
    const parts = this.#link.keys.roots.length;
    const maxEmpty = Math.ceil(this.#maxEmpty / parts);
    const limits = [SWEEP_SWARMS, SWEEP_PEERS, maxEmpty].map(String);
    for (let round = 0; round < Math.max(PARTITION_ROUNDS, SWEEP_ROUNDS / parts); round++) {
      const reply = await this.#link.run(SWEEP, root, [String(now), ...limits]);
      const [next, ...parts] = reply as Uint8Array[];
      for (let i = 0; i < parts.length; i += 4) {
        const peer = decodePeer(parts[i + 2]!, parts[i + 3]!);
        if (peer === undefined) continue;
        expired.push({ infoHash: Uint8Array.fromHex(String(parts[i])), peer });
      }
      const due = next!.length === 0 ? Infinity : Number(String(next));
      // Who comes now may be due before.
      this.#due.set(root, Math.min(due, now + SHORTEST_LEASE));
      if (due > now) break;
    }
  }

  async totals(): Promise<StoreTotals> {
    const all = { swarms: 0, seeders: 0, leechers: 0 };
    await Promise.all(this.#link.keys.roots.map(async (root) => {
      const [swarms, totals] = await Promise.all([
        this.#link.command("ZCARD", `${root}swarms`),
        this.#link.command("HMGET", `${root}totals`, "seeders", "leechers"),
      ]) as [number, (Uint8Array | null)[]];
      const [seeders, leechers] = totals.map((number) => Number(String(number ?? 0)));
      all.swarms += swarms;
      all.seeders += seeders!;
      all.leechers += leechers!;
    }));
    return all;
  }

  async swarms(): Promise<SwarmCounts[]> {
    const all = await Promise.all(this.#link.keys.roots.map(async (root) => {
      const ours: Uint8Array[] = [];
      for (let from = 0;; from += CHUNK) {
        const range = [String(from), String(from + CHUNK - 1)];
        const some = await this.#link.command("ZRANGE", `${root}swarms`, ...range) as Uint8Array[];
        for (const hex of some) ours.push(Uint8Array.fromHex(String(hex)));
        if (some.length < CHUNK) return await this.scrape(ours);
      }
    }));
    return all.flat();
  }

  async peers(infoHash: Uint8Array): Promise<StoredPeer[]> {
    const key = `${rootOf(this.#link.keys, infoHash)}${infoHash.toHex()}:f`;
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
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
      const ahead = await this.#link.time() * 1000 - Date.now();
      this.#ahead = Math.abs(ahead) < SAME_CLOCK ? 0 : ahead;
    } catch {
      // It is away; when it is back, this is asked again.
    }
  }

  #seconds(now: number): number {
    return Math.floor((now + this.#ahead) / 1000);
  }
}

/** @throws {TrackerStartError} */
async function openLink(
  url: string,
  onChange: (sentence: string) => void,
  onReady: () => void,
): Promise<RedisLink> {
  const address = parseRedisAddress(url);
  const [name, isDivided] = nameOf(address);
  const notices = new RedisNotices(name, isDivided, onChange, () => performance.now());
  return new RedisLink(await openRoute(address, notices, onReady), notices);
}

function openRoute(
  address: RedisAddress,
  notices: RedisNotices,
  onReady: () => void,
): Promise<RedisRoute> {
  switch (address.kind) {
    case "server":
      return RedisSingle.open(address.server, notices, onReady);
    case "cluster":
      return RedisCluster.open(address, notices, onReady);
    case "sentinel":
      return RedisSentinel.open(address, notices, onReady);
  }
}

/** How messages name it, and whether a part of it may be away. */
function nameOf(address: RedisAddress): [name: string, isDivided: boolean] {
  switch (address.kind) {
    case "server":
      return [`Redis at ${address.server.place}`, false];
    case "cluster":
      return [`The Redis Cluster of ${address.nodes[0]!.place}`, true];
    case "sentinel":
      return [`Redis ${address.master}`, false];
  }
}

const COLON = ":".charCodeAt(0);

/** The same for all trackers of a machine, and for no other: names are often given twice. */
function thisHost(): string {
  const cards = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    .map(({ mac }) => mac);
  return hash("sha1", [hostname(), ...new Set(cards.sort())].join(" ")).slice(0, 12);
}
