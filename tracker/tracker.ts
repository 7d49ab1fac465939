/**
 * Tracker: store, servers, catalogue, and the sweep that expires peers.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { AnnounceRequest, ScrapeEntry } from "../protocol/announce.ts";
import { clientName } from "../protocol/client_name.ts";
import { formatHostPort, formatIp } from "../protocol/address.ts";
import type { TrackerOptions } from "./options.ts";
import { type Discovery, serveDiscovery } from "./discovery_server.ts";
import { HostAddresses } from "./host_addresses.ts";
import { PortCheck } from "./port_check.ts";
import { RedisStore } from "./redis/redis_store.ts";
import { limitsOf, type Servers, startServers } from "./servers.ts";
import { AccessLists } from "./access_lists.ts";
import type { TrackerDb } from "./tracker_db.ts";
import type { Catalogue, CatalogueEntry } from "./contract/catalogue.ts";
import { peerIdsOf } from "./http/announce_reply.ts";
import { Histogram } from "./contract/histogram.ts";
import { reachesHost } from "./swarms/own_address.ts";
import { type MaybePromise, recovering, whenAnswered } from "./contract/maybe_promise.ts";
import { MemoryStore } from "./swarms/memory_store.ts";
import {
  type ExpiredPeer,
  isStoreAway,
  STORE_AWAY,
  type StoreReply,
  type StoreTotals,
  type SwarmCounts,
} from "./swarms/swarm_store.ts";
import { largestOf } from "./swarms/largest_swarms.ts";
import { Refusals } from "./refusals.ts";
import type { AnnounceAnswer, SwarmStore, TrackerService, Withdrawal } from "./contract/ports.ts";
import { SharedCatalogue } from "./shared_catalogue.ts";
import { openRecords, restoreCatalogue, restoreCounts } from "./restore_records.ts";
import { SummaryLog } from "./summary_log.ts";
import { swarmPeer } from "./contract/swarm_peer.ts";
import type {
  SwarmNumbers,
  SwarmPeer,
  SwarmSnapshot,
  TrackerEvent,
  TrackerSnapshot,
  TrackerStats,
} from "./contract/snapshot.ts";

/** Where a tracker listens unless told otherwise. */
const DEFAULT_PORT = 8000;
/** How often peers are looked through for those that are gone, in ms. */
const SWEEP_MS = 1_000;
/** Swarms in a snapshot: the largest. */
const MAX_SWARMS = 1000;
/** Peers of a swarm up to which a reply in BEP 3's long form names their IDs: it looks at them all. */
const MAX_NAMED = 500;
/** Seconds over which announces per second are averaged. */
const RATE_SECONDS = 10;
/** How often what happened is summed up, in ms. */
const SUMMARY_MS = 60_000;

/**
 * Starts a tracker.
 *
 * @throws {TrackerStartError} where its port, its file or its store cannot be had
 */
export async function startTracker(options: TrackerOptions = {}): Promise<Tracker> {
  let tracker: Tracker | undefined = undefined;
  const early: string[] = [];
  const warn = (text: string): void => {
    if (tracker === undefined) early.push(text);
    else tracker.warn(text);
  };
  const db = openRecords(options, warn);
  let store: SwarmStore | undefined = undefined;
  try {
    store = options.store === undefined
      ? new MemoryStore(Math.random)
      : await RedisStore.open({ url: options.store, onChange: warn });
    tracker = new Tracker(options, { store, db, warnings: early });
    await tracker.refreshCatalogue();
    return tracker;
  } catch (error) {
    await store?.[Symbol.asyncDispose]?.();
    db?.[Symbol.dispose]();
    throw error;
  }
}

/** What a tracker is made of, closed with it. */
interface TrackerParts {
  readonly store: SwarmStore;
  /** What it remembers. */
  readonly db: TrackerDb | undefined;
  /** What was found wrong so far, in sentences for the user. */
  readonly warnings: readonly string[];
}

/** A running tracker. Dispose it to close its ports after what is under way. */
export class Tracker implements AsyncDisposable, TrackerService {
  readonly host: string;
  readonly port: number;
  /** Announce URLs under which others reach it: HTTP before UDP, the nearest first. */
  readonly urls: readonly string[];
  /** What was found wrong on starting, in sentences for the user. */
  readonly warnings: readonly string[];
  readonly #db: TrackerDb | undefined;
  readonly #store: SwarmStore;
  readonly #servers: Servers;
  readonly #discovery: Discovery | undefined;
  readonly #lists: AccessLists;
  readonly #published: SharedCatalogue;
  readonly #portCheck: PortCheck | undefined;
  readonly #summary: SummaryLog;
  readonly #sweeper: ReturnType<typeof setInterval>;
  readonly #listeners = new Set<(event: TrackerEvent) => void>();
  /** Those of them that hear of regular announces too. */
  readonly #regularListeners = new Set<(event: TrackerEvent) => void>();
  readonly #publishToken: string | undefined;
  readonly #onFault: (fault: unknown) => void;
  readonly #startedAt = Date.now();
  readonly #perSecond = new Float64Array(RATE_SECONDS);
  #second = 0;
  #announces = 0;
  #scrapes = 0;
  readonly #errors = { refused: 0, internal: 0 };
  readonly #refusals = new Refusals();
  readonly #requestSeconds = { http: new Histogram(), udp: new Histogram() };
  readonly #own = new HostAddresses();
  /** Counts of earlier runs are being read. */
  #counting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TrackerOptions, { store, db, warnings }: TrackerParts) {
    this.#store = store;
    this.#onFault = options.onFault ?? ((fault) => reportError(fault));
    this.#publishToken = options.publishToken;
    this.#db = db;
    this.#lists = new AccessLists(options);
    this.#published = new SharedCatalogue({
      db,
      shared: store.torrents,
      check: (infoHash) => this.#lists.check(infoHash),
      counts: (infoHashes) => this.#scrape(infoHashes),
      emit: (event) => this.#emit(event),
    });
    if (db !== undefined) restoreCatalogue(db, this.catalogue);
    this.warnings = [...warnings, ...db?.warnings ?? []];
    this.#servers = startServers(
      {
        host: options.host ?? "0.0.0.0",
        port: options.port ?? DEFAULT_PORT,
        limits: limitsOf(options),
        pages: options.pages?.(this) ?? [],
        ...(options.datagramBatch && { datagramBatch: options.datagramBatch }),
      },
      this,
    );
    this.#published.restore();
    // A store that others share knows its counts itself. A million of them keep nobody waiting.
    if (db !== undefined && store instanceof MemoryStore) {
      this.#counting = restoreCounts(db, store, this.#startedAt).catch(this.#onFault);
    }
    this.host = this.#servers.host;
    this.port = this.#servers.port;
    const hosts = this.#reachableHosts().map((host) => formatHostPort(host, this.port));
    this.urls = ["http", "udp"].flatMap((protocol) =>
      hosts.map((host) => `${protocol}://${host}/announce`)
    );
    this.#discovery = options.discoveryPort === undefined ? undefined : serveDiscovery({
      host: this.host,
      port: this.port,
      discoveryPort: options.discoveryPort,
      instance: crypto.getRandomValues(new Uint32Array(1))[0]!,
      reaches: (asker) => reachesHost(this.host, asker, this.#own.at(Date.now())),
    });
    this.#portCheck = options.checkPorts
      ? new PortCheck(
        (address, port) => this.#emit({ event: "unreachable", ip: formatIp(address), port }),
        this.#onFault,
      )
      : undefined;
    this.#sweeper = setInterval(() => this.#guard(() => this.#sweep()), SWEEP_MS);
    this.#summary = new SummaryLog(
      () => this.stats(),
      (summary) => this.#emit(summary),
      options.summaryMs ?? SUMMARY_MS,
      this.#onFault,
    );
  }

  get catalogue(): Catalogue {
    return this.#published.catalogue;
  }

  /** The UDP port at which peers find it; undefined where it was not asked for or is taken. */
  get discoveryPort(): number | undefined {
    return this.#discovery?.port;
  }

  announce(request: AnnounceRequest, address: Uint8Array): MaybePromise<AnnounceAnswer> {
    const now = Date.now();
    this.#count(now);
    this.#lists.check(request.infoHash);
    const asker = { address, own: this.#own.at(now) };
    const answer = this.#store.announce(request, asker, now);
    if (!(answer instanceof Promise)) return this.#answered(answer, request, address, now);
    // Its bytes are a server's, which goes on to the next request now.
    const { infoHash, peerId } = request;
    const kept = { ...request, infoHash: infoHash.slice(), peerId: peerId.slice() };
    return this.#answeredLater(answer, kept, address, now);
  }

  async #answeredLater(
    answer: Promise<StoreReply>,
    request: AnnounceRequest,
    address: Uint8Array,
    now: number,
  ): Promise<AnnounceAnswer> {
    return this.#answered(await answer, request, address, now);
  }

  /** What the store's reply becomes for who asked. */
  #answered(
    reply: StoreReply,
    request: AnnounceRequest,
    address: Uint8Array,
    now: number,
  ): MaybePromise<AnnounceAnswer> {
    this.#announced(request, address, reply);
    const { event, port, peerId } = request;
    if (event === "stopped") this.#portCheck?.left(address, port);
    const warning = event === "stopped"
      ? undefined
      : this.#portCheck?.heard(address, port, peerId, now);
    const answer = warning === undefined ? reply : { ...reply, warning };
    if (request.compact || request.noPeerId || reply.seeders + reply.leechers > MAX_NAMED) {
      return answer;
    }
    return this.#withPeerIds(answer, request.infoHash);
  }

  #withPeerIds(answer: AnnounceAnswer, infoHash: Uint8Array): MaybePromise<AnnounceAnswer> {
    return whenAnswered(
      this.#store.peers(infoHash),
      (peers) => ({ ...answer, peerIds: peerIdsOf(peers) }),
    );
  }

  /** Remembers a download, and tells listeners. */
  #announced(request: AnnounceRequest, address: Uint8Array, reply: StoreReply): void {
    if (request.event === "completed" && reply.completed > 0) {
      this.#db?.noteCompleted(request.infoHash.toHex(), reply.completed);
    }
    const listeners = request.event === "none" ? this.#regularListeners : this.#listeners;
    if (listeners.size > 0) {
      const infoHash = request.infoHash.toHex();
      this.#emit({
        event: "announce",
        infoHash,
        name: this.catalogue.entry(infoHash)?.name,
        peer: request.name ?? clientName(request.peerId),
        ip: formatIp(address),
        port: request.port,
        kind: request.event === "none" ? "regular" : request.event,
        left: request.left,
        seeders: reply.seeders,
        leechers: reply.leechers,
      }, listeners);
    }
  }

  counts(infoHashes: readonly string[]): MaybePromise<SwarmNumbers[]> {
    const none = { name: undefined, seeders: 0, leechers: 0, completed: 0 };
    return unlessAway<SwarmNumbers[]>(
      () => this.#scrape(infoHashes),
      infoHashes.map((infoHash) => ({ infoHash, ...none })),
    );
  }

  #scrape(infoHashes: readonly string[]): MaybePromise<SwarmNumbers[]> {
    const hashes = infoHashes.map((hex) => Uint8Array.fromHex(hex));
    return whenAnswered(
      this.#store.scrape(hashes),
      (known) => known.map((counts) => this.#numbers(counts)),
    );
  }

  scrape(infoHashes: readonly Uint8Array[], remote: string): MaybePromise<ScrapeEntry[]> {
    this.#scrapes++;
    this.#emit({ event: "scraped", ip: remote, torrents: infoHashes.length });
    return this.#store.scrape(infoHashes);
  }

  async publish(
    bytes: Uint8Array,
    publishedBy: string | undefined,
    proof?: string,
    address?: Uint8Array,
  ): Promise<{ entry: CatalogueEntry; created: boolean }> {
    return await this.#published.publish(bytes, publishedBy, proof, address);
  }

  async withdraw(infoHash: string, proof: string): Promise<Withdrawal> {
    return await this.#published.withdraw(infoHash, proof);
  }

  /** Takes a torrent out of the catalogue; its swarm lives on. False where it was not there. */
  async unpublish(infoHash: string): Promise<boolean> {
    return await this.#published.remove(infoHash);
  }

  refreshCatalogue(): Promise<void> | undefined {
    return this.#published.refresh();
  }

  /** Reads the lists of torrents anew, and tells what came of it. */
  reloadLists(): void {
    const problem = this.#lists.reload();
    if (problem !== undefined) this.warn(problem);
    else this.#emit({ event: "lists-read", ...this.#lists.sizes });
  }

  /** Tells listeners something that the one who runs it should know. */
  warn(text: string): void {
    this.#emit({ event: "warning", text });
  }

  isPublishToken(token: string | null): boolean {
    if (token === null || this.#publishToken === undefined) return false;
    const [given, wanted] = [token, this.#publishToken].map((text) =>
      new TextEncoder().encode(text)
    );
    return given!.length === wanted!.length && timingSafeEqual(given!, wanted!);
  }

  failed(remote: string, reason: string, kind: "refused" | "internal"): void {
    this.#errors[kind]++;
    // Once was told already, when it went away.
    if (reason === STORE_AWAY || this.#listeners.size === 0) return;
    if (this.#refusals.note(remote, reason)) this.#emit({ event: "failure", ip: remote, reason });
  }

  took(protocol: "http" | "udp", seconds: number): void {
    this.#requestSeconds[protocol].add(seconds);
  }

  stats(): MaybePromise<TrackerStats> {
    const unknown: StoreTotals = { swarms: NaN, seeders: NaN, leechers: NaN };
    return whenAnswered(unlessAway(() => this.#store.totals(), unknown), (totals) => ({
      ...totals,
      urls: this.urls,
      startedAt: this.#startedAt,
      announces: this.#announces,
      announcesPerSecond: this.announcesPerSecond,
      scrapes: this.#scrapes,
      errors: { ...this.#errors },
      requestSeconds: this.#requestSeconds,
    }));
  }

  largestSwarms(limit: number): MaybePromise<SwarmNumbers[]> {
    return whenAnswered(
      unlessAway<Iterable<SwarmCounts>>(() => this.#store.swarms(), []),
      (swarms) => largestOf(swarms, limit).map((counts) => this.#numbers(counts)),
    );
  }

  /** Everybody in a swarm, by its info hash in hex. */
  peers(infoHash: string): MaybePromise<SwarmPeer[]> {
    const peers = this.#store.peers(Uint8Array.fromHex(infoHash));
    return whenAnswered(peers, (known) => known.map(swarmPeer));
  }

  /** The largest swarms with everybody in them. */
  async snapshot(): Promise<TrackerSnapshot> {
    const { swarms: _, errors, ...stats } = await this.stats();
    const swarms: SwarmSnapshot[] = [];
    for (const numbers of await this.largestSwarms(MAX_SWARMS)) {
      swarms.push({ ...numbers, peers: await this.peers(numbers.infoHash) });
    }
    return { ...stats, failures: errors.refused + errors.internal, swarms };
  }

  /**
   * Calls `listener` with everything that happens, until the result is disposed.
   *
   * @param options.regular false leaves out regular announces: most of all that happens
   */
  subscribe(
    listener: (event: TrackerEvent) => void,
    options: { regular?: boolean } = {},
  ): Disposable {
    const { regular = true } = options;
    this.#listeners.add(listener);
    if (regular) this.#regularListeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        this.#regularListeners.delete(listener);
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper);
    this.#summary[Symbol.dispose]();
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await Promise.all([
      this.#servers[Symbol.asyncDispose](),
      this.#discovery?.[Symbol.asyncDispose](),
      this.#portCheck?.[Symbol.asyncDispose](),
    ]);
    await this.#published[Symbol.asyncDispose]();
    await this.#counting;
    await this.#store[Symbol.asyncDispose]?.();
    this.#db?.[Symbol.dispose]();
  }

  #sweep(): void {
    this.refreshCatalogue()?.catch((error) => this.warn(String(error)));
    const untold = this.#refusals.next();
    if (untold !== undefined) this.#emit({ event: "failure", ...untold });
    const expired = this.#store.sweep(Date.now());
    // A store that is offline expires peers once it is back.
    if (expired instanceof Promise) {
      expired.then((peers) => this.#expired(peers), () => {}).catch(this.#onFault);
    } else this.#expired(expired);
  }

  #expired(expired: readonly ExpiredPeer[]): void {
    if (this.#listeners.size === 0) return;
    for (const one of expired) {
      const { name, client, ip, port } = swarmPeer(one.peer);
      const infoHash = one.infoHash.toHex();
      this.#emit({ event: "peer-expired", infoHash, peer: name ?? client, ip, port });
    }
  }

  /** One more announce in this second. */
  #count(now: number, announces = 1): void {
    const second = Math.floor(now / 1000);
    for (let at = Math.max(this.#second + 1, second - RATE_SECONDS + 1); at <= second; at++) {
      this.#perSecond[at % RATE_SECONDS] = 0;
    }
    this.#second = second;
    this.#perSecond[second % RATE_SECONDS]! += announces;
    this.#announces += announces;
  }

  /** Mean of the last seconds. */
  get announcesPerSecond(): number {
    this.#count(Date.now(), 0);
    return this.#perSecond.reduce((sum, count) => sum + count, 0) / RATE_SECONDS;
  }

  #numbers({ infoHash, seeders, leechers, completed }: SwarmCounts): SwarmNumbers {
    const hex = infoHash.toHex();
    const name = this.catalogue.entry(hex)?.name;
    return { infoHash: hex, name, seeders, leechers, completed };
  }

  #reachableHosts(): string[] {
    if (this.host !== "0.0.0.0" && this.host !== "::") return [this.host];
    const others = this.#own.at(Date.now())
      .filter(({ bytes }) => bytes.length === 4)
      .map(({ bytes }) => formatIp(bytes));
    return ["127.0.0.1", ...others];
  }

  #emit(event: TrackerEvent, listeners = this.#listeners): void {
    for (const listener of listeners) this.#guard(() => listener(event));
  }

  /** Does something beside everybody's requests: what goes wrong with it ends none of them. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.#onFault(fault);
    }
  }
}

/** What a store answers, or `otherwise` while it cannot be asked. */
function unlessAway<T>(ask: () => MaybePromise<T>, otherwise: T): MaybePromise<T> {
  return recovering(ask, (error) => {
    if (!isStoreAway(error)) throw error;
    return otherwise;
  });
}
