/**
 * DHT node in one address family (BEP 5, 32, 42, 43): sends queries and answers those of other
 * nodes.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { parseIp, type PeerAddress } from "../../protocol/address.ts";
import {
  type DhtNodeInfo,
  encodeKrpcError,
  encodeKrpcQuery,
  encodeKrpcResponse,
  type KrpcMethod,
  type KrpcQuery,
  type KrpcResponse,
  parseKrpc,
} from "../../protocol/krpc.ts";
import { fewOfEach, isSameHost } from "../admission/address_crowd.ts";
import { isInScope } from "../destination/address_scope.ts";
import { isServicePort } from "../destination/destination.ts";
import { fitsIp, idForIp } from "./node_id.ts";
import { BackgroundTasks, type OnFault } from "../background_tasks.ts";
import type { Clock } from "../clock.ts";
import type { DatagramHearer, DatagramPort } from "./datagram_port.ts";
import { DhtLookup } from "./lookup.ts";
import { DhtAnswerQuota } from "./answer_quota.ts";
import { DHT_K, RoutingTable } from "./routing_table.ts";
import { DhtPeerStore } from "./peer_store.ts";
import { DhtTokens } from "./tokens.ts";
import { IpVote } from "./ip_vote.ts";

/** ms that a node has to answer. */
const ANSWER_MS = 2_000;
/** Questions out in one lookup. */
const PARALLEL = 4;
/** Our own questions under way, beyond which nobody new is asked who he is. */
const MAX_QUESTIONS = 500;
/** Addresses of askers remembered as met. */
const MAX_MET = 2000;
/** Peers that are taken from an answer, and of one address in it. */
const MAX_FOUND = 100;
const MAX_OF_ADDRESS = 8;
/** Askers of one public address that are asked at once who they are. */
const MAX_MEETINGS = 2;
/** Peers in an answer: it fits into one packet. */
const MAX_VALUES = { 4: 50, 6: 30 } as const;

interface Pending {
  readonly to: PeerAddress;
  readonly settle: (response: KrpcResponse | undefined) => void;
}

export interface DhtNodeOptions {
  readonly family: 4 | 6;
  /** Opens its port. */
  readonly open: (onDatagram: DatagramHearer) => DatagramPort;
  /** The ID of last time. */
  readonly id?: Uint8Array | undefined;
  /** BEP 43: asks only. */
  readonly readOnly?: boolean;
  readonly clock: Clock;
  /** Uniform in [0, 1), hard to guess. */
  readonly random: () => number;
  /** There is a bug; the node goes on. Default: `reportError`. */
  readonly onFault?: OnFault;
}

/** What a lookup found. */
export interface Found {
  readonly closest: { readonly node: DhtNodeInfo; readonly token: Uint8Array | undefined }[];
}

/** A socket, the table behind it, and what is kept for others. */
export class DhtNode implements AsyncDisposable {
  readonly family: 4 | 6;
  readonly port: number;
  /** The node of the other family, for answers about both (BEP 32). */
  sibling: DhtNode | undefined;
  table: RoutingTable;
  readonly #options: DhtNodeOptions;
  readonly #udp: DatagramPort;
  readonly #background: BackgroundTasks;
  readonly #store = new DhtPeerStore();
  readonly #tokens: DhtTokens;
  readonly #ownIp = new IpVote();
  readonly #pending = new Map<string, Pending>();
  readonly #met = new Set<string>();
  #transaction = 0;
  readonly #quota = new DhtAnswerQuota();
  #isClosed = false;

  constructor(options: DhtNodeOptions) {
    this.#options = options;
    this.family = options.family;
    this.#background = new BackgroundTasks(options.onFault ?? reportError);
    this.#udp = options.open((bytes, from) =>
      this.#background.guard(() => this.#onDatagram(bytes, from))
    );
    this.port = this.#udp.port;
    const anywhere = new Uint8Array(options.family === 4 ? 4 : 16);
    this.table = new RoutingTable(options.id ?? idForIp(anywhere, options.random));
    this.#tokens = new DhtTokens(options.random);
    this.#transaction = Math.floor(options.random() * 0x10000);
  }

  /** Asks whether a node is there; it is kept if it answers. */
  async ping(to: PeerAddress): Promise<boolean> {
    return await this.#query(to, "ping", {}) !== undefined;
  }

  /**
   * Finds the nodes nearest to an ID.
   *
   * @param onPeers given: asks for peers of the torrent of that info hash, and tells of them
   * @param start nodes to begin with beside those of the table
   */
  async lookup(
    target: Uint8Array,
    onPeers?: (peers: readonly PeerAddress[], node: DhtNodeInfo) => void,
    start: readonly DhtNodeInfo[] = [],
  ): Promise<Found> {
    const lookup = new DhtLookup(target, [...this.table.closest(target), ...start]);
    const method = onPeers === undefined ? "find_node" : "get_peers";
    const ask = async (node: DhtNodeInfo): Promise<void> => {
      const response = await this.#query(node, method, { target });
      if (response === undefined) {
        lookup.failed(node);
        return this.table.failed(node);
      }
      const { nodes, token, peers } = response;
      const credible = (one: PeerAddress) => isInScope(one, node.host) && !isServicePort(one.port);
      lookup.answered(node, {
        nodes: nodes.filter((one) => this.#isMine(one) && credible(one)),
        token,
      });
      const found = fewOfEach(peers.slice(0, MAX_FOUND).filter(credible), MAX_OF_ADDRESS);
      if (found.length > 0) onPeers?.(found, node);
    };
    const done = Promise.withResolvers<void>();
    let active = 0;
    const fill = (): void => {
      for (let node; active < PARALLEL && !this.#isClosed;) {
        if ((node = lookup.next()) === undefined) break;
        active++;
        // Also after a fault: whoever waits for the lookup hears of its end.
        this.#background.run(
          ask(node).finally(() => {
            active--;
            fill();
          }),
        );
      }
      if (active === 0) done.resolve();
    };
    fill();
    await done.promise;
    return { closest: lookup.closest };
  }

  /** Tells the nodes that a lookup found that we have a torrent and listen on `port` (TCP). */
  async announce({ closest }: Found, infoHash: Uint8Array, port: number): Promise<number> {
    const answers = await Promise.all(
      closest.map(({ node, token }) =>
        token === undefined
          ? undefined
          : this.#query(node, "announce_peer", { target: infoHash, token, port })
      ),
    );
    return answers.filter((answer) => answer !== undefined).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { settle } of [...this.#pending.values()]) settle(undefined);
    await this.#udp[Symbol.asyncDispose]();
    await this.#background.settled();
  }

  /** Whether a node is of this family, and somebody else. */
  #isMine(node: DhtNodeInfo): boolean {
    return this.#isOfFamily(node) && !equalBytes(node.id, this.table.ownId);
  }

  #isOfFamily({ host }: PeerAddress): boolean {
    return (parseIp(host)?.length === 4) === (this.family === 4);
  }

  async #query(
    to: PeerAddress,
    method: KrpcMethod,
    about: { target?: Uint8Array; token?: Uint8Array; port?: number },
  ): Promise<KrpcResponse | undefined> {
    if (this.#isClosed || isServicePort(to.port)) return undefined;
    const number = this.#transaction = (this.#transaction + 1) & 0xffff;
    const transaction = Uint8Array.of(number >> 8, number & 0xff);
    const key = transaction.toHex();
    const { promise, resolve } = Promise.withResolvers<KrpcResponse | undefined>();
    const settle = (response: KrpcResponse | undefined) => {
      timer[Symbol.dispose]();
      if (this.#pending.get(key)?.settle === settle) this.#pending.delete(key);
      resolve(response);
    };
    const timer = this.#options.clock.after(ANSWER_MS, () => settle(undefined));
    this.#pending.get(key)?.settle(undefined);
    this.#pending.set(key, { to, settle });
    this.#udp.send(
      encodeKrpcQuery({
        transaction,
        method,
        id: this.table.ownId,
        want: this.sibling === undefined ? [] : [4, 6],
        readOnly: this.#options.readOnly ?? false,
        ...about,
      }),
      to,
    );
    return await promise;
  }

  #onDatagram(bytes: Uint8Array, from: PeerAddress): void {
    if (this.#isClosed || !this.#isOfFamily(from) || !isInScope(from, from.host)) return;
    // Whoever seems to ask from there is another service, whose name somebody uses.
    if (isServicePort(from.port)) return;
    const message = parseKrpc(bytes);
    if (message?.kind === "query") return this.#answer(message, from);
    const pending = message && this.#pending.get(message.transaction.toHex());
    if (pending === undefined || message === undefined) return;
    if (pending.to.port !== from.port || pending.to.host !== from.host) return;
    if (message.kind === "error") return pending.settle(undefined);
    this.table.add({ id: message.id, ...from }, this.#options.clock.now());
    if (message.ip !== undefined) this.#hearOwnIp(message.ip, from.host);
    pending.settle(message);
  }

  /** BEP 42: the ID has to belong to our address, once that is known. */
  #hearOwnIp(ip: Uint8Array, host: string): void {
    const own = this.#ownIp.hear(ip, host);
    if (own === undefined || fitsIp(this.table.ownId, own)) return;
    const { nodes } = this.table;
    this.table = new RoutingTable(idForIp(own, this.#options.random));
    for (const node of nodes) this.table.add(node, this.#options.clock.now());
  }

  #answer(query: KrpcQuery, from: PeerAddress): void {
    const now = this.#options.clock.now();
    if (this.#options.readOnly || !this.#quota.mayAnswer(from.host, now)) return;
    const { transaction, method, target } = query;
    const say = (bytes: Uint8Array): void => {
      this.#quota.spend(bytes.length);
      this.#udp.send(bytes, from);
    };
    const refuse = (code: number, message: string) =>
      say(encodeKrpcError({ transaction, code, message }));
    if (method === "unknown") return refuse(204, "Method Unknown");
    if (method !== "ping" && target === undefined) return refuse(203, "Protocol Error");
    if (method === "announce_peer") {
      const { token } = query;
      if (token === undefined || !this.#tokens.isTokenOf(from.host, token, now)) {
        return refuse(203, "Bad Token");
      }
      const port = query.port ?? from.port;
      if (isServicePort(port)) return refuse(203, "Bad port");
      this.#store.add(target!.toHex(), { host: from.host, port }, now);
    }
    const isSearch = method === "find_node" || method === "get_peers";
    const want = !isSearch ? [] : query.want.length > 0 ? query.want : [this.family];
    say(
      encodeKrpcResponse({
        transaction,
        id: this.table.ownId,
        nodes: want.flatMap((family) => this.#tableOf(family)?.closest(target!, DHT_K) ?? [])
          .filter((node) => isInScope(node, from.host)),
        want,
        peers: method === "get_peers"
          ? this.#store.peers(target!.toHex(), MAX_VALUES[this.family], now)
            .filter((peer) => isInScope(peer, from.host))
          : [],
        token: method === "get_peers" ? this.#tokens.tokenFor(from.host, now) : undefined,
        asker: from,
      }),
    );
    if (!query.readOnly) this.#meet(from);
  }

  /** A peer says that a node is there. */
  hearOf(node: PeerAddress): void {
    if (this.#isOfFamily(node)) this.#meet(node);
  }

  /** Who asks may be worth knowing, once it has shown that it answers: asked once. */
  #meet(from: PeerAddress): void {
    const key = `${from.host} ${from.port}`;
    if (this.#met.has(key) || this.#pending.size > MAX_QUESTIONS) return;
    const asked = [...this.#pending.values()].filter(({ to }) => isSameHost(to.host, from.host));
    if (asked.length >= MAX_MEETINGS) return;
    if (this.#met.size >= MAX_MET) this.#met.clear();
    this.#met.add(key);
    this.#background.run(this.ping(from));
  }

  #tableOf(family: 4 | 6): RoutingTable | undefined {
    return family === this.family ? this.table : this.sibling?.table;
  }
}
