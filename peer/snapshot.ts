/**
 * Snapshot of the engine: plain, read-only, JSON-able facts, built on demand.
 *
 * @module
 */
import type { Steps } from "../protocol/steps.ts";
import type { Encryption } from "./options.ts";
import type { Remedy } from "./remedy.ts";
import type { Protection, StorageError, TorrentFault, Transport } from "./ports.ts";

export type { Encryption, Protection };

/** What a torrent is doing. Derived from facts, never stored. */
export type TorrentState =
  /** Only its link is known; its info dictionary is fetched from peers. */
  | "metadata"
  | "checking"
  | "downloading"
  | "seeding"
  | "paused"
  | "stopped"
  | "queued"
  | "error";

/** One connection. Rates are bytes per second, times ms since the epoch. */
export interface PeerSnapshot {
  /** Its 20 bytes in hex. */
  readonly peerId: string;
  readonly address: string;
  readonly port: number;
  /** The ID that a vtorrent peer was started with; undefined for clients of other makes. */
  readonly name: string | undefined;
  /** Client and version in words, `vtorrent 0.1.0`, `Transmission 3.00`. */
  readonly client: string;
  /** Where its address was heard of, and who named it (a tracker's URL, a peer's address). */
  readonly source: PeerSource;
  readonly via: string | undefined;
  readonly incoming: boolean;
  /** What of the connection is encrypted (MSE). */
  readonly protection: Protection;
  /** What carries it. */
  readonly transport: Transport;
  /** The four flags, each as it was over the last second: choking throughout, wanting at all. */
  readonly amChoking: boolean;
  readonly amInterested: boolean;
  readonly peerChoking: boolean;
  readonly peerInterested: boolean;
  readonly snubbed: boolean;
  /** Bytes per second, the mean of some seconds; of the last one where nothing flows by the flags. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  readonly downloaded: number;
  readonly uploaded: number;
  /** Share of the pieces it has, 0 to 1. */
  readonly progress: number;
  /** Blocks asked for and not yet here. */
  readonly requests: number;
  /** Time in ms from a request to its block, smoothed; undefined before the first. */
  readonly latency: number | undefined;
  /** Why it is unchoked or choked, in words. */
  readonly chokeReason: string;
  readonly connectedAt: number;
  /** Whether it has a piece. */
  readonly has: (piece: number) => boolean;
}

export interface FileSnapshot {
  /** From 1, without padding and links: what `select` wants. */
  readonly number: number | undefined;
  readonly path: string;
  readonly priority: FilePriority;
  readonly length: number;
  /** Bytes of it in verified pieces. */
  readonly have: number;
}

/** What is known of one piece: owned, asked for, held by some peer, held by nobody. */
export type PieceStatus = "have" | "active" | "available" | "missing";

/** Sums of some pieces. */
export interface PieceSpan {
  /** Those that are owned. */
  readonly have: number;
  /** Whether one is asked for. */
  readonly isActive: boolean;
  /** Where none of them is owned or asked for: whether nobody has one. */
  readonly isMissing: boolean;
}

/**
 * What a part of a torrent is made of. While it is the same, item by item ({@linkcode isSameStamp}),
 * that part shows nothing new, and need not be looked at again.
 */
export type Stamp = readonly unknown[];

/** Whether nothing is new since. */
export function isSameStamp(a: Stamp, b: Stamp | undefined): boolean {
  return a.length === b?.length && a.every((item, index) => Object.is(item, b[index]));
}

export interface TorrentSnapshot {
  readonly infoHash: string;
  readonly name: string;
  /** The folder that holds its files. */
  readonly dir: string;
  /** Name of its file or folder on disk. Undefined for a link. */
  readonly diskName?: string | undefined;
  /** Where each file with a number lies, or will lie. Undefined for a link. */
  readonly diskPaths?: () => readonly string[];
  readonly state: TorrentState;
  /** Why it is in the state "error". */
  readonly error: string | undefined;
  /** Which ways lead on from it. */
  readonly remedy: Remedy | undefined;
  /** What kind of error: decides the exit status. */
  readonly errorKind: StorageError["kind"] | TorrentFault["kind"] | undefined;
  readonly private: boolean;
  readonly totalSize: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly piecesHave: number;
  /** Bytes still missing of what is wanted. */
  readonly left: number;
  /** Bytes of the pieces that are wanted. */
  readonly wantedSize: number;
  /** Pieces come in their order instead of the rarest first. */
  readonly sequential: boolean;
  /** Payload bytes over the torrent's life. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** Bytes that came twice or failed their hash. */
  readonly wasted: number;
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Its own limits in bytes per second; 0 for none. */
  readonly downloadLimit: number;
  readonly uploadLimit: number;
  /** Seconds spent seeding, over its life. */
  readonly seeded: number;
  /** Seconds to completion at the present rate; undefined where it cannot be told. */
  readonly eta: number | undefined;
  /** 0 to 1; of the check while checking, of the torrent otherwise. */
  readonly progress: number;
  /** 0 to 1 of `Engine.verify`, while it goes on. Default: it does not. */
  readonly verifying?: number | undefined;
  /** Copies of the rarest piece among us and our peers, with the share of pieces above it as fraction. */
  readonly distributedCopies: number;
  /** The same with pauses. */
  readonly distributedSteps: () => Steps<number>;
  readonly addedAt: number;
  readonly completedAt: number | undefined;
  readonly peers: readonly PeerSnapshot[];
  readonly webSeeds: readonly WebSeedSnapshot[];
  readonly trackers: readonly TrackerSnapshot[];
  readonly files: readonly FileSnapshot[];
  /** The same with pauses. */
  readonly fileSteps: () => Steps<readonly FileSnapshot[]>;
  /** Status per piece; a function because it is large and rarely looked at. */
  readonly pieces: () => PieceStatus[];
  /** Sums of the pieces from `from` up to `to`. */
  readonly span: (from: number, to: number) => PieceSpan;
  /** What of it is true of one piece of those that there are. */
  readonly statusOf: (piece: number) => PieceStatus;
  /** Of its files, and of its pieces with their copies. */
  readonly stamps: () => { readonly files: Stamp; readonly pieces: Stamp };
  /** Copies of a piece among peers and web seeds, without ours. */
  readonly copiesOf: (piece: number) => number;
}

export interface EngineSnapshot {
  /** The ID the peer was started with, or what it was renamed to. */
  readonly name: string;
  /** Its 20-byte peer ID on the wire, in hex. */
  readonly peerId: string;
  readonly port: number;
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Limits of all torrents together in bytes per second; 0 for none. */
  readonly downloadLimit: number;
  readonly uploadLimit: number;
  /** Peers unchoked by their rate, per torrent; one optimistic unchoke comes on top. */
  readonly uploadSlots: number;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly torrents: readonly TorrentSnapshot[];
}
export type { UtpUse } from "./options.ts";
export type { Transport } from "./ports.ts";

/** Where an address was heard of. */
export type PeerSource =
  | "web seed"
  | "tracker"
  | "incoming"
  | "manual"
  | "magnet"
  | "pex"
  | "lsd"
  | "dht"
  | "resume";

/** One tracker of one torrent. */
export interface TrackerSnapshot {
  readonly url: string;
  readonly tier: number;
  readonly status: "idle" | "announcing" | "working" | "failing";
  /** The tracker's own words, or why it could not be asked. */
  readonly message: string | undefined;
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
  readonly completed: number | undefined;
  /** Seconds until it is asked again; undefined where nothing is planned. */
  readonly nextAnnounceIn: number | undefined;
}

/** A web seed as it is shown. */
export interface WebSeedSnapshot {
  readonly url: string;
  readonly address: string;
  readonly port: number;
  /** What it does or why it does not, in words. */
  readonly status: string;
  /** Bytes per second, and bytes in all. */
  readonly downloadRate: number;
  readonly downloaded: number;
  /** Share of the pieces that it may have, 0 to 1. */
  readonly progress: number;
  /** Requests under way. */
  readonly requests: number;
}

/** How much a file is wanted, the least first. */
export type FilePriority = "skip" | "low" | "normal" | "high";

/** What is shown of a torrent whose info dictionary is not at hand, before anything else is known. */
export function emptySnapshot(
  about: Pick<TorrentSnapshot, "infoHash" | "name" | "dir" | "addedAt">,
): TorrentSnapshot {
  return {
    ...about,
    state: "error",
    error: undefined,
    remedy: undefined,
    errorKind: undefined,
    private: false,
    totalSize: 0,
    pieceLength: 0,
    pieceCount: 0,
    piecesHave: 0,
    left: 0,
    wantedSize: 0,
    sequential: false,
    downloadLimit: 0,
    uploadLimit: 0,
    seeded: 0,
    downloaded: 0,
    uploaded: 0,
    wasted: 0,
    downloadRate: 0,
    uploadRate: 0,
    eta: undefined,
    progress: 0,
    distributedCopies: 0,
    distributedSteps: function* () {
      yield;
      return 0;
    },
    completedAt: undefined,
    peers: [],
    trackers: [],
    files: [],
    webSeeds: [],
    fileSteps: function* () {
      yield;
      return [];
    },
    pieces: () => [],
    span: () => ({ have: 0, isActive: false, isMissing: true }),
    statusOf: () => "missing",
    copiesOf: () => 0,
    stamps: () => ({ files: [], pieces: [] }),
  };
}
