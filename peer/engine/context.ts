/**
 * Engine context: the parts of the engine that a torrent needs.
 *
 * @module
 */
import type { EngineEvent } from "../events.ts";
import type { WebClient } from "../web_seed/web_client.ts";
import type { PieceCache } from "../uploading/piece_cache.ts";
import type { Resolve } from "../destination/resolve_host.ts";
import type { BufferPool } from "../pieces/buffer_pool.ts";
import type { PeerPriorities } from "../peers/peer_priority.ts";
import type { Encryption, Sources, UtpUse } from "../options.ts";
import type { ExternalIp } from "../peers/external_ip.ts";
import type { Peer } from "../peers/peer.ts";
import type { RateLimit } from "../rate/rate_limit.ts";
import type { RoundRobin } from "../rate/round_robin.ts";
import type { UserBans } from "../peers/user_bans.ts";
import type { ConnectionLimits } from "../connections/connection_limits.ts";
import type { Clock } from "../clock.ts";
import type { CrowdRules } from "../crowd_rules.ts";
import type { JoinNetworks } from "../discovery/lsd_sockets.ts";
import type {
  DatagramSocket,
  Hasher,
  SharedUdp,
  Socket,
  Tapping,
  TrackerPort,
  Transport,
} from "../ports.ts";

/** Shared by all torrents of an engine. */
export interface EngineContext {
  /** Our 20 bytes on the wire. */
  readonly peerId: Uint8Array;
  /** The port we listen on. */
  readonly port: number;
  /** Where addresses may come from. */
  readonly sources: Sources;
  /** Peers unchoked by their rate, per torrent; may change. */
  uploadSlots: number;
  /** Nobody chose their number: a slow uplink has fewer. */
  slotsFollowUplink: boolean;
  /** What it decides by beyond BEP 3. */
  readonly rules: CrowdRules;
  /** Whether complete torrents are super-seeded (BEP 16). */
  readonly superSeed: boolean;
  readonly encryption: Encryption;
  readonly utp: UtpUse;
  readonly announcer: TrackerPort;
  /** Announce URLs that a person typed, or that were found for one: they are believed. */
  readonly typedTrackers: Set<string>;
  readonly hasher: Hasher;
  readonly web: WebClient;
  readonly buffers: BufferPool;
  readonly cache: PieceCache;
  /** Our address as others see it. */
  readonly externalIp: ExternalIp;
  /** Which connections are worth more (BEP 40). */
  readonly ranks: PeerPriorities;
  /** Whom the person here has sent away. */
  readonly unwelcome: UserBans;
  /** Who listens in, if anybody. */
  readonly tapping: Tapping;
  readonly downLimit: RateLimit;
  readonly upLimit: RateLimit;
  /** Who waits for them, of all torrents. */
  readonly downRoundRobin: RoundRobin<Peer>;
  readonly upRoundRobin: RoundRobin<Peer>;
  readonly clock: Clock;
  /** `clock.now()`: ms since the epoch, never going back. */
  now(): number;
  /** What people call us; may change. */
  name(): string;
  /** Uniform in [0, 1). */
  random(): number;
  /** Hard to guess. */
  randomBytes(length: number): Uint8Array;
  /** Connects to a peer, over TCP unless told otherwise. */
  dial(host: string, port: number, signal: AbortSignal, transport?: Transport): Promise<Socket>;
  listenDatagram(host: string, port: number): DatagramSocket;
  readonly joinNetworks: JoinNetworks;
  /** The addresses that a host's name stands for. */
  readonly resolve: Resolve;
  /** Hangs up what is not TCP, when everything else is done. */
  close(): Promise<void>;
  /** Who may connect. */
  readonly places: ConnectionLimits;
  /** The UDP port of the same number as `port`, where uTP has it. */
  readonly udp: SharedUdp | undefined;
  /** The UDP port of our DHT node; undefined where we take no part. */
  dhtPort(): number | undefined;
  /** A peer of a public torrent says where its DHT node is. */
  meetNode(node: { host: string; port: number }): void;
  emit(event: EngineEvent): void;
  /** There is a bug, and not in the work on one torrent. Must not throw. */
  onFault(fault: unknown): void;
}
