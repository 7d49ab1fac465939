/**
 * Peer connections of one torrent: which peers to dial, which to accept, and which of two
 * connections to the same peer to keep.
 *
 * @module
 */
import type { Resolve } from "../destination/resolve_host.ts";
import type { DialContext } from "./outgoing_handshake.ts";
import { parseIp, type PeerAddress } from "../../protocol/address.ts";
import { equalBytes } from "../../protocol/bytes20.ts";
import { clientName } from "../../protocol/client_name.ts";
import type { Handshake } from "../../protocol/handshake.ts";
import type { Message } from "../../protocol/message.ts";
import { call } from "./outgoing_handshake.ts";
import type { ConnectionLimits } from "./connection_limits.ts";
import type { PeerPriorities } from "../peers/peer_priority.ts";
import type { UserBans } from "../peers/user_bans.ts";
import type { Tapping } from "../ports.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import { addressKey } from "../admission/address_key.ts";
import type { CrowdRules } from "../crowd_rules.ts";
import { Dials } from "./dials.ts";
import type { PlacesToCall } from "./places_to_call.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import { lowestPriority } from "../peers/peer_priority.ts";
import { isWorthWaiting, peerToEvict } from "../peers/idle_eviction.ts";
import { Peer } from "../peers/peer.ts";
import { type KnownPeer, PeerList } from "../peers/peer_list.ts";
import type { OwnName, SwarmHashes } from "../peers/swarm_hashes.ts";
import { NamedPeers } from "../peers/named_peers.ts";
import type { PeerSource } from "../snapshot.ts";

/** A connection that lasted this long was of use, whatever was said on it (ms). */
const LASTING_MS = 120_000;
/** Connections per torrent. */
const MAX_PEERS = 80;
/** Two peers that want nothing need not call each other again soon. */
const SEED_REDIAL_MS = 1_800_000;
/** Two calls of the same two peers may cross for so long (ms); later an impostor calls. */
const CROSSING_MS = 5000;
/** Why a connection ends that the person here does not want. */
const SENT_AWAY = "disconnected by the user";
/** Why a connection ends that was of no use. */
const IDLE = "evicted: idle, and its address holds many connections";

/** The torrent that the connections belong to. Calls are synchronous. */
export interface ConnectionsOwner {
  readonly names: SwarmHashes;
  readonly pieceCount: number;
  /** Its peers may know of our DHT node: it is not private. */
  readonly usesDht: boolean;
  isSeeding(): boolean;
  /** It lacks something that it may fetch. */
  isFetching(): boolean;
  onOpen(peer: Peer, connection: Connection): void;
  onMessage(peer: Peer, connection: Connection, message: Message): void;
  onBatch(peer: Peer, connection: Connection): void;
  onDrained(peer: Peer, connection: Connection): void;
  /** The peer is no longer among the links. */
  onClosed(peer: Peer, reason: string): void;
  /** There is a bug. */
  onFault(fault: unknown): void;
}

/** A connection that was opened before there was a torrent for it (see `magnet_torrent.ts`). */
export interface HandedConnection {
  /** The peer as it was known there. */
  readonly peer: Peer;
  readonly connection: Connection;
  /** Tells the new owner what was said so far, then what comes; why it ended. */
  run(owner: ConnectionOwner): Promise<string>;
}

/** The part of the engine that connections need. */
export type ConnectionsContext = DialContext & {
  /** Our 20 bytes on the wire. */
  readonly peerId: Uint8Array;
  /** The listener, if there is one. */
  readonly tapping: Tapping;
  readonly places: ConnectionLimits;
  /** Which connections are worth more (BEP 40). */
  readonly ranks: PeerPriorities;
  readonly rules: CrowdRules;
  /** Looks up the names of hosts. */
  readonly resolve: Resolve;
  /** Peers that the person here has sent away. */
  readonly unwelcome: UserBans;
  /** ms since the epoch, never going back. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** The UDP port of our DHT node; undefined where we take no part. */
  dhtPort(): number | undefined;
};

/** Peers with an open connection, in the order they came. */
export class Connections implements Iterable<[Peer, Connection]> {
  readonly peerList: PeerList;
  /** Those of which only the host's name is known. */
  readonly named: NamedPeers;
  readonly #context: ConnectionsContext;
  readonly #owner: ConnectionsOwner;
  readonly #open = new Map<Peer, Connection>();
  readonly #background: BackgroundTasks;
  #abort = new AbortController();
  readonly #dials: Dials;
  #dialled = 0;

  constructor(context: ConnectionsContext, owner: ConnectionsOwner) {
    this.#context = context;
    this.peerList = new PeerList(context.unwelcome, context.random);
    this.#owner = owner;
    this.#dials = new Dials(context, this.peerList, MAX_PEERS, {
      company: this,
      isConnected: (peerId, host) => this.#twin(peerId, host) !== undefined,
      isSeeding: () => owner.isSeeding(),
      isFetching: () => owner.isFetching(),
      isStopped: () => this.#abort.signal.aborted,
      call: (known, ended) => this.#background.run(this.#call(known).finally(ended)),
    });
    this.named = new NamedPeers(context, ({ host, port }, source) => {
      this.peerList.add(host, port, source, context.now());
      this.dial(context.now());
    });
    this.#background = new BackgroundTasks((fault) => owner.onFault(fault));
  }

  get size(): number {
    return this.#open.size;
  }

  /** How many of them we called. */
  get dialled(): number {
    return this.#dialled;
  }

  /** Whether trackers should be asked for addresses. */
  get wantsMore(): boolean {
    return this.#open.size < this.#dials.most(this.#context.now());
  }

  [Symbol.iterator](): Iterator<[Peer, Connection]> {
    return this.#open[Symbol.iterator]();
  }

  keys(): Iterable<Peer> {
    return this.#open.keys();
  }

  get(peer: Peer): Connection | undefined {
    return this.#open.get(peer);
  }

  /** Dials under way. */
  get dialing(): number {
    return this.#dials.size;
  }

  /** How many it calls. */
  get toCall(): PlacesToCall {
    return this.#dials.places;
  }

  /** Somebody named peers, by address or by the names of their hosts. */
  know(peers: readonly PeerAddress[], source: PeerSource, now: number, via?: string): void {
    for (const { host, port } of peers) {
      if (parseIp(host) === undefined) this.named.add({ host, port }, source, now);
      else this.peerList.add(host, port, source, now, { via });
    }
  }

  /** Whether somebody named this one before. */
  knows(peer: PeerAddress): boolean {
    return this.named.has(peer) || this.peerList.get(peer.host, peer.port) !== undefined;
  }

  /** Calls known addresses as far as the limits go. */
  dial(now: number): void {
    for (const begun of this.named.tick(now, this.#abort.signal)) this.#background.run(begun);
    this.#dials.dial(now);
  }

  /** Somebody called and asked for this torrent. */
  accept(connection: Connection, theirs: Handshake): void {
    const own = this.#handshake(this.#owner.names.toAnswer(theirs));
    connection.answer(own);
    this.#attach(connection, theirs, own.infoHash, undefined);
  }

  /** Goes on with a connection whose handshakes were said elsewhere. */
  adopt({ peer: before, connection, run }: HandedConnection): void {
    if (connection.closeReason !== undefined) return;
    const { host, port, peerId, source, via, incoming, protection, transport } = before;
    const { dht, fast, extended, v2, client } = before;
    if (this.#abort.signal.aborted || this.#twin(peerId.toHex(), host) !== undefined) {
      return connection.close("already connected");
    }
    const now = this.#context.now();
    if (!incoming) this.peerList.add(host, port, source, now, { via });
    const known = incoming ? undefined : this.peerList.get(host, port);
    if (known !== undefined) this.peerList.connected(known, peerId.toHex(), now);
    const { pieceCount } = this.#owner;
    const whom = { host, port, peerId, source, via, incoming, protection, transport };
    const peer = new Peer({ ...whom, dht, fast, extended, v2, client, pieceCount, now });
    peer.wasGreeted = true;
    peer.wasShown = before.wasShown;
    this.#begin(peer, connection, known, run);
  }

  /** Hangs up on a peer wherever it is connected. @param peerId hex */
  sendAway(peerId: string): void {
    for (const [peer, connection] of this.#open) {
      if (peer.peerId.toHex() !== peerId) continue;
      connection.close(SENT_AWAY);
      this.#detach(peer, SENT_AWAY);
    }
  }

  /** Hangs up on one of no use, for one that may be. */
  giveWay(peer: Peer, reason: string = IDLE): void {
    this.#open.get(peer)?.close(reason);
    this.#detach(peer, reason);
  }

  /** Closes all and calls nobody until `reopen`; resolves when all have ended. */
  async close(reason: string): Promise<void> {
    this.#abort.abort();
    for (const connection of this.#open.values()) connection.close(reason);
    await this.#background.settled();
  }

  reopen(): void {
    this.#abort = new AbortController();
  }

  async #call(known: KnownPeer): Promise<void> {
    const { signal } = this.#abort;
    const own = this.#handshake(this.#owner.names.toCall(known.failures));
    this.#context.tapping.current?.called?.(known);
    let called: Awaited<ReturnType<typeof call>>;
    try {
      called = await call(this.#context, known, own, signal, () => this.#dials.othersWait);
    } catch {
      return this.peerList.failed(known, this.#context.now());
    }
    this.#attach(called.connection, called.theirs, called.theirs.infoHash, known);
  }

  /** Goes on with a connection whose handshakes are said. Never throws. */
  #attach(
    connection: Connection,
    theirs: Handshake,
    infoHash: Uint8Array,
    known: KnownPeer | undefined,
  ): void {
    try {
      this.#place(connection, theirs, infoHash, known);
    } catch (fault) {
      connection.close("internal error");
      this.#owner.onFault(fault);
      if (known !== undefined) this.peerList.disconnected(known, this.#context.now());
    }
  }

  #place(
    connection: Connection,
    theirs: Handshake,
    infoHash: Uint8Array,
    known: KnownPeer | undefined,
  ): void {
    const now = this.#context.now();
    const id = theirs.peerId.toHex();
    const { host, port } = connection.remote;
    if (equalBytes(theirs.peerId, this.#context.peerId)) {
      if (known !== undefined) this.peerList.markSelf(known);
      return connection.close("connected to ourselves");
    }
    if (known !== undefined) this.peerList.connected(known, id, now);
    if (this.peerList.isBanned(host, port, id, now)) {
      if (known !== undefined) this.peerList.failed(known, now);
      const isSentAway = this.#context.unwelcome.has(host, port, id);
      return connection.close(isSentAway ? SENT_AWAY : "banned");
    }
    const twin = this.#twin(id, host);
    if (twin !== undefined) {
      // Both ends keep the connection that the larger peer ID opened, so they agree without a word.
      const weOpened = known !== undefined;
      const weAreLarger = this.#context.peerId.toHex() > id;
      const isSettled = now - twin.connectedAt > CROSSING_MS ||
        twin.addressKey !== addressKey(host);
      if (isSettled || twin.incoming !== weOpened || weOpened !== weAreLarger) {
        if (known !== undefined) this.peerList.disconnected(known, now);
        return connection.close("already connected");
      }
      this.#open.get(twin)!.close("already connected");
      this.#detach(twin, "already connected");
    }
    if (known === undefined && !this.#findPlace({ host, port }, now)) {
      if (!isWorthWaiting(this.#open.keys(), host)) return connection.close("enough peers");
      const retry = (now: number) => this.#retry(connection, theirs, infoHash, now);
      return this.#context.places.queue(connection, now, retry);
    }
    const peer = new Peer({
      host,
      port,
      peerId: theirs.peerId,
      source: known?.source ?? "incoming",
      via: known?.via,
      incoming: known === undefined,
      protection: connection.protection,
      transport: connection.transport,
      dht: theirs.dht,
      fast: theirs.fast,
      extended: theirs.extended,
      v2: this.#owner.names.isV2(infoHash),
      client: clientName(theirs.peerId),
      pieceCount: this.#owner.pieceCount,
      now,
    });
    this.#begin(peer, connection, known, (owner) => connection.run(owner));
  }

  /** Whether a caller has a place, made where there is none. Nobody passes those who queue. */
  #findPlace(
    { host, port }: { host: string; port: number },
    now: number,
    isFirst = false,
  ): boolean {
    const { places } = this.#context;
    const isFull = this.#open.size >= MAX_PEERS;
    if (isFull && !isFirst && places.isQueued(host)) return false;
    return (!isFull || this.#makeRoom(host, port)) && places.admit(host, now);
  }

  /** A caller that queues: whether it waits no longer. */
  #retry(connection: Connection, theirs: Handshake, infoHash: Uint8Array, now: number): boolean {
    if (connection.closeReason !== undefined) return true;
    if (this.#abort.signal.aborted) connection.close("the torrent is not running");
    else if (this.#findPlace(connection.remote, now, true)) {
      this.#attach(connection, theirs, infoHash, undefined);
    } else return false;
    return true;
  }

  /** One more calls than there may be: whether one of less worth went for it. */
  #makeRoom(host: string, port: number): boolean {
    const { ranks } = this.#context;
    const rank = ranks.of({ host, port });
    const now = this.#context.now();
    const idle = peerToEvict(this.#open.keys(), host, now);
    const least = idle ?? lowestPriority(this.#open.keys(), rank, (peer) => ranks.of(peer), now);
    if (least === undefined) return false;
    this.giveWay(
      least,
      idle === undefined ? "evicted: a higher-priority peer connected (BEP 40)" : IDLE,
    );
    return true;
  }

  #begin(
    peer: Peer,
    connection: Connection,
    known: KnownPeer | undefined,
    run: HandedConnection["run"],
  ): void {
    this.#open.set(peer, connection);
    if (!peer.incoming) this.#dialled++;
    this.#background.run(this.#serve(peer, connection, known, run));
  }

  async #serve(
    peer: Peer,
    connection: Connection,
    known: KnownPeer | undefined,
    run: HandedConnection["run"],
  ): Promise<void> {
    const owner = this.#owner;
    let reason = "internal error";
    try {
      this.#introduce(peer, connection);
      owner.onOpen(peer, connection);
      reason = await run({
        onMessage: (message) => {
          peer.hasSpoken = true;
          peer.patience.heard(message);
          owner.onMessage(peer, connection, message);
        },
        onBatch: () => owner.onBatch(peer, connection),
        onDrained: () => owner.onDrained(peer, connection),
      });
    } finally {
      connection.close(reason);
      this.#ended(peer, known);
      this.#detach(peer, reason);
    }
  }

  #ended(peer: Peer, known: KnownPeer | undefined): void {
    const owner = this.#owner;
    const now = this.#context.now();
    if (known !== undefined) {
      const wasOfUse = peer.wasUsed || now - peer.connectedAt > LASTING_MS;
      this.peerList.disconnected(known, now, this.#abort.signal.aborted ? undefined : wasOfUse);
    }
    // Also where it called us and said where it listens.
    const listens = known ?? this.peerList.get(peer.host, peer.port);
    if (listens !== undefined) {
      listens.isSeed = peer.isSeed;
      const isDoneToo = peer.isSeed || peer.uploadOnly;
      if (owner.isSeeding() && isDoneToo) listens.retryAt = now + SEED_REDIAL_MS;
    }
  }

  #detach(peer: Peer, reason: string): void {
    if (!this.#open.delete(peer)) return;
    if (!peer.incoming) this.#dialled--;
    this.#owner.onClosed(peer, reason);
  }

  /** Tells whoever listens in whose connections these are. */
  introduce(): void {
    for (const [peer, connection] of this.#open) this.#introduce(peer, connection);
  }

  #introduce(peer: Peer, connection: Connection): void {
    const { names, pieceCount } = this.#owner;
    const infoHash = names.primary;
    this.#context.tapping.current?.link(connection, { infoHash, pieceCount, peer });
  }

  /**
   * The connected peer that one with this ID (hex) is as well: at the same address, or proven by
   * blocks. Anybody may take another's ID; it must not keep the other out.
   */
  #twin(id: string, host: string): Peer | undefined {
    const key = addressKey(host);
    for (const peer of this.#open.keys()) {
      if (peer.peerId.toHex() === id && (peer.addressKey === key || peer.wasUsed)) return peer;
    }
    return undefined;
  }

  #handshake<T extends OwnName>(name: T): Handshake & T {
    return {
      ...name,
      peerId: this.#context.peerId,
      fast: true,
      extended: true,
      dht: this.#owner.usesDht && this.#context.dhtPort() !== undefined,
    };
  }
}
