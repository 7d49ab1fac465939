/**
 * What a torrent needs of the engine that runs it.
 *
 * @module
 */
import type { EngineEvent } from "./events.ts";
import type { WebClient } from "./io/web_client.ts";
import type { PieceCache } from "./io/piece_cache.ts";
import type { Resolve } from "./io/resolve_host.ts";
import type { Advice } from "./logic/advice.ts";
import type { BufferPool } from "./logic/buffer_pool.ts";
import type { ConnectionRanks } from "./logic/connection_rank.ts";
import type { Encryption } from "./logic/encryption.ts";
import type { Sources } from "./options.ts";
import type { OwnAddresses } from "./logic/own_addresses.ts";
import type { Peer } from "./logic/peer.ts";
import type { RateLimit } from "./logic/rate_limit.ts";
import type { Turns } from "./logic/turns.ts";
import type { Unwelcome } from "./logic/unwelcome.ts";
import type { Transport, UtpUse } from "./logic/ways.ts";
import type { Places } from "./places.ts";
import type { Announcer, Hasher, SharedUdp, Socket, Tapping } from "./ports.ts";

/** Shared by all torrents of an engine. */
export interface EngineContext {
  /** Our 20 bytes on the wire. */
  readonly peerId: Uint8Array;
  /** The port we listen on. */
  readonly port: number;
  /** Where addresses may come from. */
  readonly sources: Sources;
  readonly uploadSlots: number;
  /** Whether complete torrents are super-seeded (BEP 16). */
  readonly superSeed: boolean;
  readonly encryption: Encryption;
  readonly utp: UtpUse;
  readonly announcer: Announcer;
  /** Announce URLs that a person typed, or that were found for one: they are believed. */
  readonly typedTrackers: Set<string>;
  readonly hasher: Hasher;
  readonly web: WebClient;
  readonly buffers: BufferPool;
  readonly cache: PieceCache;
  /** Our address as others see it. */
  readonly ownAddresses: OwnAddresses;
  /** Which connections are worth more (BEP 40). */
  readonly ranks: ConnectionRanks;
  /** Whom the person here has sent away. */
  readonly unwelcome: Unwelcome;
  /** Who listens in, if anybody. */
  readonly tapping: Tapping;
  readonly downLimit: RateLimit;
  readonly upLimit: RateLimit;
  /** Who waits for them, of all torrents. */
  readonly downTurns: Turns<Peer>;
  readonly upTurns: Turns<Peer>;
  /** ms since the epoch, never going back. */
  now(): number;
  /** What people call us; may change. */
  name(): string;
  /** Uniform in [0, 1). */
  random(): number;
  /** Connects to a peer, over TCP unless told otherwise. */
  dial(host: string, port: number, signal: AbortSignal, transport?: Transport): Promise<Socket>;
  /** How people go on after something went wrong. */
  readonly advice: Advice;
  /** The addresses that a host's name stands for. */
  readonly resolve: Resolve;
  /** Hangs up what is not TCP, when everything else is done. */
  close(): Promise<void>;
  /** Who may connect. */
  readonly places: Places;
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
