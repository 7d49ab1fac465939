/**
 * The DHT of an engine (BEP 5): finds peers of public torrents without a tracker.
 *
 * @module
 */
import type { PeerAddress } from "../../protocol/address.ts";
import { MAX_KRPC_LENGTH } from "../../protocol/krpc.ts";
import type { Clock } from "../clock.ts";
import type { DatagramSocket, SharedUdp } from "../ports.ts";
import { type DatagramHearer, openPort, sharePort } from "./datagram_port.ts";
import { DhtNode } from "./node.ts";
import type { DhtMemory, DhtState } from "./state_file.ts";
import type { Resolve } from "../destination/resolve_host.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { SCOPE, scopeOf } from "../destination/address_scope.ts";
import { isServicePort } from "../destination/destination.ts";
import { randomId } from "./node_id.ts";
import { DhtSearchSchedule } from "./search_schedule.ts";
import type { Discoverable } from "../discoverable.ts";

/** ms between two looks at our neighbourhood, and between two saves. */
const REFRESH_MS = 600_000;
/** ms after which an empty table is filled again. */
const RETRY_MS = 10_000;

/** The part of the engine that the DHT needs. */
export interface DhtContext {
  /** The port that we listen on. */
  readonly port: number;
  /** The UDP port of the same number as `port`, where uTP has it. */
  readonly udp: SharedUdp | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** Looks up the names of hosts. */
  readonly resolve: Resolve;
  listenDatagram(host: string, port: number): DatagramSocket;
  /** Takes a bug that nobody awaits. Must not throw. */
  onFault(fault: unknown): void;
}

/** How it is set up. */
export interface DhtOptions {
  /** The address that the engine listens on; `0.0.0.0` and `::` mean nodes in both families. */
  readonly host: string;
  /** Nodes to begin with. */
  readonly bootstrap: readonly PeerAddress[];
  /** Undefined where nothing is remembered. */
  readonly memory: DhtMemory | undefined;
}

/** A node in each family, and the lookups for our torrents. */
export class Dht implements AsyncDisposable {
  readonly #context: DhtContext;
  readonly #options: DhtOptions;
  readonly #nodes: DhtNode[] = [];
  readonly #plan = new DhtSearchSchedule();
  readonly #remembered: DhtState;
  readonly #background: BackgroundTasks;
  /** Torrents whose own nodes were asked. */
  readonly #met = new Set<string>();
  readonly #stop = new AbortController();
  #refreshAt = 0;
  #isClosed = false;

  constructor(context: DhtContext, options: DhtOptions) {
    this.#context = context;
    this.#background = new BackgroundTasks((fault) => context.onFault(fault));
    this.#options = options;
    this.#remembered = options.memory?.load() ?? { ids: {}, nodes: [] };
    const { host } = options;
    // The first has uTP's socket; the other, of the other family, one of its own.
    if (host.includes(":")) {
      this.#open(6, host);
      if (host === "::") this.#open(4, "0.0.0.0");
    } else {
      this.#open(4, host);
      if (host === "0.0.0.0") this.#open(6, "::");
    }
    const [first, second] = this.#nodes;
    if (first !== undefined && second !== undefined) {
      first.sibling = second;
      second.sibling = first;
    }
  }

  /** Where it listens (UDP); undefined where it could not. */
  get port(): number | undefined {
    return this.#nodes[0]?.port;
  }

  /** Nodes known. */
  get size(): number {
    return this.#nodes.reduce((sum, { table }) => sum + table.size, 0);
  }

  /** A peer says that a node is there (BEP 5 `port`): at its own address, at whatever port it likes. */
  meet(node: PeerAddress): void {
    for (const one of this.#nodes) one.hearOf(node);
  }

  /** A second has passed. `searched`: the torrents to find peers for. */
  tick(searched: readonly Discoverable[], now: number): void {
    if (this.#isClosed) return;
    for (const { infoHash, nodes } of searched) {
      if (this.#met.has(infoHash)) continue;
      this.#met.add(infoHash);
      this.#background.run(this.#greetAll(nodes));
    }
    if (now >= this.#refreshAt) {
      this.#refreshAt = now + (this.size === 0 ? RETRY_MS : REFRESH_MS);
      this.#background.run(this.#refresh());
    }
    if (this.size === 0) return;
    const due = new Set(this.#plan.next(searched.map(({ infoHash }) => infoHash), now));
    for (const one of searched) if (due.has(one.infoHash)) this.#background.run(this.#search(one));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop.abort();
    // A full disk is no reason to leave ports open.
    this.#background.guard(() => this.#save());
    await Promise.all(this.#nodes.map((node) => node[Symbol.asyncDispose]()));
    await this.#background.settled();
  }

  #open(family: 4 | 6, host: string): void {
    const { clock, random, port, udp, listenDatagram, onFault } = this.#context;
    const shared = host === this.#options.host ? udp : undefined;
    const open = (onDatagram: DatagramHearer) =>
      shared === undefined
        ? openPort({ host, port, maxLength: MAX_KRPC_LENGTH, listenDatagram }, onDatagram)
        : sharePort(shared, onDatagram);
    const id = this.#remembered.ids[family];
    try {
      this.#nodes.push(new DhtNode({ family, open, id, clock, random, onFault }));
    } catch {
      // A machine without this family.
    }
  }

  async #search(one: Discoverable): Promise<void> {
    let found = false;
    const searches = this.#nodes.flatMap((node) => one.hashes.map((hash) => ({ node, hash })));
    await Promise.all(searches.map(async ({ node, hash }) => {
      const lookup = await node.lookup(hash, (peers, from) => {
        found = true;
        if (one.isRunning) one.addPeers(peers, "dht", `${from.host}:${from.port}`);
      });
      if (one.isRunning && !this.#isClosed && this.#isReachable(node)) {
        await node.announce(lookup, hash, this.#context.port);
      }
    }));
    this.#plan.done(one.infoHash, found, this.#context.clock.now());
  }

  /** Whether peers that hear of us in this family can call us: who listens on 0.0.0.0 has no IPv6. */
  #isReachable({ family }: DhtNode): boolean {
    const { host } = this.#options;
    return host === "::" || (family === 6) === host.includes(":");
  }

  /** Gets to know nodes near us, and a few anywhere. */
  async #refresh(): Promise<void> {
    if (this.size === 0) {
      const known = [...this.#remembered.nodes, ...this.#options.bootstrap];
      await Promise.all(known.map((node) => this.#greet(node)));
    }
    await Promise.all(this.#nodes.map(async (node) => {
      if (node.table.size === 0) return;
      await node.lookup(node.table.ownId);
      await node.lookup(randomId(this.#context.random));
      const silent = node.table.stale(this.#context.clock.now());
      if (silent !== undefined && !await node.ping(silent)) node.table.failed(silent);
    }));
    this.#save();
  }

  /** Those that a .torrent names, one after the other: names may take long. */
  async #greetAll(nodes: readonly (readonly [string, number])[]): Promise<void> {
    for (const [host, port] of nodes) {
      if (this.#stop.signal.aborted) return;
      if (!isServicePort(port)) await this.#greet({ host, port });
    }
  }

  async #greet({ host, port }: PeerAddress): Promise<void> {
    for (const ip of await this.#context.resolve(host, this.#stop.signal)) {
      if (scopeOf(ip) === SCOPE.nowhere) continue;
      const family = ip.includes(":") ? 6 : 4;
      await this.#nodes.find((node) => node.family === family)?.ping({ host: ip, port });
    }
  }

  #save(): void {
    if (this.size === 0) return;
    const ids = {
      4: this.#nodes.find(({ family }) => family === 4)?.table.ownId,
      6: this.#nodes.find(({ family }) => family === 6)?.table.ownId,
    };
    // Those near us last in the table: they matter most.
    const nodes = this.#nodes.flatMap(({ table }) => table.nodes.reverse());
    this.#options.memory?.save({ ids, nodes });
  }
}
