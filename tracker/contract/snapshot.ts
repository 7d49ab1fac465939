/**
 * Snapshot and events of a tracker.
 *
 * @module
 */

import type { MaybePromise } from "./maybe_promise.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import type { Metrics } from "./metrics_text.ts";

/** One peer of one swarm. Amounts in bytes as the peer reported them, times in ms. */
export interface SwarmPeer {
  /** The ID that a vtorrent peer was started with; undefined for clients of other makes. */
  readonly name: string | undefined;
  /** Its 20 bytes in hex. */
  readonly peerId: string;
  /** Client and version in words. */
  readonly client: string;
  readonly ip: string;
  readonly port: number;
  readonly status: "seeder" | "leecher";
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  /** What it gave minus what it took, in MiB with two decimals. */
  readonly score: number;
  readonly lastSeen: number;
}

/** How many there are in a swarm. */
export interface SwarmNumbers {
  /** Hex. */
  readonly infoHash: string;
  /** From the catalogue; undefined for torrents nobody published. */
  readonly name: string | undefined;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

export interface SwarmSnapshot extends SwarmNumbers {
  readonly peers: readonly SwarmPeer[];
}

export interface TrackerSnapshot {
  /** Announce URLs, as they were printed. */
  readonly urls: readonly string[];
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly announces: number;
  readonly scrapes: number;
  readonly failures: number;
  /** Mean of the last ten seconds. */
  readonly announcesPerSecond: number;
  readonly swarms: readonly SwarmSnapshot[];
}

/**
 * The numbers of a tracker, as cheap with a million peers as with one. Swarms, seeders and leechers
 * are NaN while a store in another place cannot be asked.
 */
export interface TrackerStats extends Metrics {
  readonly urls: readonly string[];
  /** Mean of the last ten seconds. */
  readonly announcesPerSecond: number;
}

/** `peer` is a peer's name or client, `infoHash` hex. */
export type TrackerEvent =
  | {
    readonly event: "announce";
    readonly infoHash: string;
    readonly name: string | undefined;
    readonly peer: string;
    readonly ip: string;
    readonly port: number;
    readonly kind: "started" | "completed" | "stopped" | "paused" | "regular";
    /** Bytes still missing. */
    readonly left: number;
    readonly seeders: number;
    readonly leechers: number;
  }
  | {
    readonly event: "peer-expired";
    readonly infoHash: string;
    readonly peer: string;
    readonly ip: string;
    readonly port: number;
  }
  | {
    readonly event: "published" | "unpublished";
    readonly infoHash: string;
    readonly name: string;
    readonly peer: string | undefined;
  }
  /** Nobody can connect to it, as the tracker has tried. */
  | { readonly event: "unreachable"; readonly ip: string; readonly port: number }
  /** What happened in the last `seconds`, and who is there now. */
  | {
    readonly event: "summary";
    readonly seconds: number;
    readonly announces: number;
    readonly scrapes: number;
    readonly failures: number;
    readonly swarms: number;
    readonly seeders: number;
    readonly leechers: number;
  }
  /** The lists of torrents were read anew: how many each names. */
  | {
    readonly event: "lists-read";
    readonly allowed: number | undefined;
    readonly denied: number | undefined;
  }
  /** Something that the one who runs the tracker should know. */
  | { readonly event: "warning"; readonly text: string }
  | { readonly event: "scraped"; readonly ip: string; readonly torrents: number }
  | {
    readonly event: "failure";
    readonly ip: string;
    readonly reason: string;
    /** Stands for so many within a second that were not told one by one; this is the last of them. */
    readonly count?: number;
  };

/** A tracker as those see it that show it. */
export interface TrackerView {
  readonly catalogue: {
    list(search?: string): readonly CatalogueEntry[];
    entry(infoHash: string): CatalogueEntry | undefined;
    get(infoHash: string): Uint8Array | undefined;
  };
  readonly urls: readonly string[];
  /** Mean of the last ten seconds. */
  readonly announcesPerSecond: number;
  stats(): MaybePromise<TrackerStats>;
  /** The largest swarms, the largest first. */
  largestSwarms(limit: number): MaybePromise<SwarmNumbers[]>;
  /** Everybody in a swarm, by its info hash in hex. */
  peers(infoHash: string): MaybePromise<SwarmPeer[]>;
  counts(infoHashes: readonly string[]): MaybePromise<SwarmNumbers[]>;
}
