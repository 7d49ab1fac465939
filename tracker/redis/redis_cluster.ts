/**
 * A Redis Cluster: a connection to each node that has slots, and to those that were named at the
 * start. Which node has a slot is asked anew whenever one of them sends us elsewhere, and twice a
 * second while any of it cannot be used.
 *
 * @module
 */
import { storeAway } from "../swarms/swarm_store.ts";
import type { RedisAddress, RedisServerAddress } from "./redis_address.ts";
import { RedisConnection, TIMEOUT } from "./redis_connection.ts";
import { CLUSTER_KEYS, type RedisKeys } from "./redis_keys.ts";
import type { RedisRoute } from "./redis_link.ts";
import type { RedisNotices } from "./redis_notices.ts";
import { readRedirection, readSlots, slotOf, type SlotRange } from "./redis_slots.ts";

type ClusterAddress = Extract<RedisAddress, { kind: "cluster" }>;

/** See the module's text. */
export class RedisCluster implements RedisRoute {
  readonly keys: RedisKeys = CLUSTER_KEYS;
  readonly #address: ClusterAddress;
  readonly #notices: RedisNotices;
  readonly #onReady: () => void;
  /** By place. */
  readonly #nodes = new Map<string, RedisConnection>();
  /** Those that are being called. */
  readonly #calls = new Map<string, Promise<RedisConnection>>();
  /** Places of the nodes that have slots, and the slots' own. */
  #owners = new Set<string>();
  #ownerOf: (string | undefined)[] = [];
  /** Our keys are few, and asked for again and again. */
  readonly #slots = new Map<string, number>();
  #refreshing: Promise<void> | undefined;
  #watcher: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  private constructor(address: ClusterAddress, notices: RedisNotices, onReady: () => void) {
    this.#address = address;
    this.#notices = notices;
    this.#onReady = onReady;
  }

  /** @throws {TrackerStartError} where a node refuses us, is too old or not one of a cluster */
  static async open(
    address: ClusterAddress,
    notices: RedisNotices,
    onReady: () => void,
  ): Promise<RedisCluster> {
    const cluster = new RedisCluster(address, notices, onReady);
    try {
      await Promise.all(address.nodes.map((node) => cluster.#call(node, false)));
      await cluster.#refresh();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    cluster.#watcher = setInterval(() => {
      if (notices.isTroubled || cluster.#owners.size === 0) void cluster.#refresh();
    }, TIMEOUT / 2);
    return cluster;
  }

  serverOf(key: string): RedisConnection {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = slotOf(key);
      if (this.keys.roots.includes(key)) this.#slots.set(key, slot);
    }
    // Of a slot that is nobody's, any node says so.
    const node = this.#nodes.get(this.#ownerOf[slot] ?? "") ??
      this.#nodes.values().find(({ isUp }) => isUp);
    if (node === undefined) throw storeAway("no node of the cluster is known");
    return node;
  }

  async redirect(
    refusal: string,
    { server }: RedisConnection,
  ): Promise<{ server: RedisConnection; asking: boolean } | undefined> {
    const to = readRedirection(refusal, hostOf(server));
    if (to === undefined || this.#isClosed) return undefined;
    const node = await this.#call(this.#address.at(to.host, to.port));
    if (!to.asking) {
      this.#ownerOf[to.slot] = node.server.place;
      this.#owners.add(node.server.place);
      void this.#refresh();
    }
    return { server: node, asking: to.asking };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watcher);
    for (const node of this.#nodes.values()) node[Symbol.dispose]();
    // What is still being called is closed when it is there.
    await Promise.allSettled([...this.#calls.values(), this.#refreshing]);
  }

  /** A connection to a node, which may be away. */
  #call(server: RedisServerAddress, endures = true): Promise<RedisConnection> {
    const { place } = server;
    const known = this.#nodes.get(place);
    if (known !== undefined) return Promise.resolve(known);
    let call = this.#calls.get(place);
    if (call === undefined) {
      call = this.#open(server, endures).finally(() => this.#calls.delete(place));
      this.#calls.set(place, call);
    }
    return call;
  }

  async #open(server: RedisServerAddress, endures: boolean): Promise<RedisConnection> {
    const { place } = server;
    const node = await RedisConnection.open({
      server,
      kind: "node",
      endures,
      onAway: (sentence) => {
        // Of one that has no slots nobody wants anything.
        if (this.#owners.size > 0 && !this.#owners.has(place)) return;
        this.#notices.failed(place, `${place}: ${sentence}`);
      },
      onReady: () => {
        this.#notices.forget(place);
        this.#onReady();
      },
    });
    if (this.#isClosed) node[Symbol.dispose]();
    else this.#nodes.set(place, node);
    return node;
  }

  #refresh(): Promise<void> {
    return this.#refreshing ??= this.#askForSlots().finally(() => this.#refreshing = undefined);
  }

  /** Asks the nodes in turn who has which slots, until one says it. */
  async #askForSlots(): Promise<void> {
    const nodes = [...this.#nodes.values()].filter(({ isUp }) => isUp);
    const begin = Math.floor(Math.random() * nodes.length);
    for (const node of [...nodes.slice(begin), ...nodes.slice(0, begin)]) {
      const reply = await node.command(["CLUSTER", "SLOTS"]).catch(() => undefined);
      const ranges = readSlots(reply, hostOf(node.server));
      if (ranges.length > 0) return await this.#adopt(ranges);
    }
  }

  async #adopt(ranges: readonly SlotRange[]): Promise<void> {
    const ownerOf: string[] = [];
    const servers = new Map<string, RedisServerAddress>();
    for (const { first, last, host, port } of ranges) {
      const server = this.#address.at(host, port);
      servers.set(server.place, server);
      for (let slot = first; slot <= last; slot++) ownerOf[slot] = server.place;
    }
    await Promise.allSettled(servers.values().map((server) => this.#call(server)));
    if (this.#isClosed) return;
    this.#ownerOf = ownerOf;
    this.#owners = new Set(servers.keys());
    const named = new Set(this.#address.nodes.map(({ place }) => place));
    for (const [place, node] of this.#nodes) {
      if (this.#owners.has(place)) continue;
      this.#notices.forget(place);
      if (named.has(place)) continue;
      this.#nodes.delete(place);
      node[Symbol.dispose]();
    }
  }
}

/** A node's host, for nodes that say no other. */
function hostOf({ place }: RedisServerAddress): string {
  return place.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}
