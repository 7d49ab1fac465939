/**
 * Swarm store: what every kind of store is asked and answers, and the rules that hold for all.
 *
 * @module
 */
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import type { OwnAddress } from "./own_address.ts";

/** Most peers in one reply. */
const MAX_NUMWANT = 200;
/** Peers in a reply to who names no number. */
const DEFAULT_NUMWANT = 50;

/** Swarms without anybody that are kept for their count of downloads, unless told otherwise. */
export const MAX_EMPTY = 1_000_000;

/** What a peer hears while the store cannot be asked. */
export const STORE_AWAY = "the tracker cannot reach its database: try again in a minute";
/** BEP 31, in minutes. */
export const AWAY_MINUTES = 1;

export function isStoreAway(error: unknown): boolean {
  return error instanceof TrackerError && error.message === STORE_AWAY;
}

/** The store cannot be asked now. */
export function storeAway(cause: unknown): TrackerError {
  return new TrackerError(STORE_AWAY, { cause, retryIn: AWAY_MINUTES });
}

/** An announce's answer. Lists are compact. */
export interface StoreReply {
  /** Seconds to the next announce. */
  readonly interval: number;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
  readonly peers4: Uint8Array;
  readonly peers6: Uint8Array;
}

/** Where an announce came from. */
export interface Asker {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** Addresses of this host, for peers on it. */
  readonly own: readonly OwnAddress[];
}

/** A peer as a store knows it. Amounts in bytes. */
export interface StoredPeer {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly peerId: Uint8Array;
  readonly name: string | undefined;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  /** When it was heard of, in seconds. */
  readonly seenAt: number;
}

/** A peer whose time was up. */
export interface ExpiredPeer {
  readonly infoHash: Uint8Array;
  readonly peer: StoredPeer;
}

/** A swarm's numbers. */
export interface SwarmCounts {
  readonly infoHash: Uint8Array;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

/** Numbers over all swarms. */
export interface StoreTotals {
  readonly swarms: number;
  readonly seeders: number;
  readonly leechers: number;
}

/** How many peers to give for a request. Who leaves needs none. */
export function peersWanted(request: AnnounceRequest): number {
  const { event, numwant } = request;
  if (event === "stopped") return 0;
  return Math.min(MAX_NUMWANT, numwant < 0 ? DEFAULT_NUMWANT : numwant);
}

/**
 * Whether it takes nothing more: a seed, or a partial seed (BEP 21), which holds a part for others
 * and counts as a leecher. Such peers are of no use to each other.
 */
export function isDone(request: AnnounceRequest): boolean {
  return request.left === 0 || request.event === "paused";
}

/**
 * Whether only leechers are of use to it. aria2 with a magnet link announces `left=0` until it has
 * the metadata: named nobody, it would never get it.
 */
export function wantsLeechersOnly(request: AnnounceRequest): boolean {
  if (!isDone(request)) return false;
  const { event, uploaded, downloaded, peerId } = request;
  const mayLackMetadata = event !== "paused" && uploaded === 0 && downloaded === 0 &&
    ARIA2.every((byte, i) => peerId[i] === byte);
  return !mayLackMetadata;
}

/** How the peer IDs of aria2 begin. */
const ARIA2 = new TextEncoder().encode("A2-");
