/**
 * What servers ask of the tracker, whichever protocol the question came by.
 *
 * @module
 */
import type { AnnounceRequest, ScrapeEntry } from "../protocol/announce.ts";
import type { AnnounceAnswer } from "./logic/announce_reply.ts";
import type { Answer } from "./logic/answer.ts";
import type { Catalogue, CatalogueEntry, StoredTorrent } from "./logic/catalogue.ts";
import type {
  Asker,
  ExpiredPeer,
  StoredPeer,
  StoreReply,
  StoreTotals,
  SwarmCounts,
} from "./logic/swarm_store.ts";
import type { SwarmNumbers, TrackerStats } from "./snapshot.ts";

export type { SwarmNumbers } from "./snapshot.ts";

/** The tracker as its servers see it. */
export interface TrackerService {
  readonly catalogue: Catalogue;
  /** Sees to it that the catalogue has what other trackers took; undefined where there are none. */
  refreshCatalogue(): Promise<void> | undefined;
  /**
   * The request's bytes may lie in a packet: they are good until this returns, not until it answers.
   *
   * @param address where it came from: 4 or 16 bytes
   * @throws {TrackerError} where the peer is refused; a promise is rejected with it
   */
  announce(request: AnnounceRequest, address: Uint8Array): Answer<AnnounceAnswer>;
  scrape(infoHashes: readonly Uint8Array[], remote: string): Answer<ScrapeEntry[]>;
  /** Counts of torrents by their info hashes in hex, in the same order. */
  counts(infoHashes: readonly string[]): Answer<SwarmNumbers[]>;
  /**
   * Puts a torrent into the catalogue. Where that is full, others may give way (`logic/catalogue_room.ts`).
   *
   * @param proof by which whoever publishes it can withdraw it
   * @param address where it came from: 4 or 16 bytes
   * @throws {BencodeError | MetainfoError | CatalogueError | TrackerError}
   */
  publish(
    bytes: Uint8Array,
    publishedBy: string | undefined,
    proof?: string,
    address?: Uint8Array,
  ): Promise<{ entry: CatalogueEntry; created: boolean }>;
  /**
   * Takes a torrent out of the catalogue for whoever published it; its swarm lives on.
   *
   * @param proof the same as when it was published
   */
  withdraw(infoHash: string, proof: string): Promise<Withdrawal>;
  isPublishToken(token: string | null): boolean;
  /** A request was refused, or went wrong by a fault of ours. */
  failed(remote: string, reason: string, kind: "refused" | "internal"): void;
  /** An announce or a scrape took that long, without the network. */
  took(protocol: "http" | "udp", seconds: number): void;
  stats(): Answer<TrackerStats>;
  /** The `limit` largest swarms, the largest first. */
  largestSwarms(limit: number): Answer<SwarmNumbers[]>;
}

/** What came of an attempt to withdraw a torrent. */
export type Withdrawal = "withdrawn" | "unknown" | "refused";

/** A catalogue that trackers share. Calls are rejected with a `TrackerError` while it is away. */
export interface SharedTorrents {
  /** Another text after each change; undefined where there is no catalogue yet. */
  state(): Promise<string | undefined>;
  /** Info hashes in hex. */
  infoHashes(): Promise<string[]>;
  /** Those of them that are there. */
  torrents(infoHashes: readonly string[]): AsyncIterable<StoredTorrent>;
  /** False where it was there. @throws {CatalogueError} where there is no room */
  add(torrent: StoredTorrent): Promise<boolean>;
  /**
   * Which torrents that a tracker has from earlier are to be given back: those that were not taken out
   * since they were published, and are not there, or were published by somebody else since.
   */
  wanted(known: readonly Pick<StoredTorrent, "infoHash" | "publishedAt">[]): Promise<string[]>;
  /**
   * Puts in what a tracker has from earlier, if it is still wanted.
   *
   * @throws {CatalogueError} where there is no room
   */
  giveBack(torrent: StoredTorrent): Promise<boolean>;
  /** False where it was not there. */
  remove(infoHash: string): Promise<boolean>;
  /** Takes it out for its owner (`CatalogueEntry.owner`). */
  withdraw(infoHash: string, owner: string): Promise<Withdrawal>;
  /** Takes out what was taken out earlier, at these times (ms), unless it was published since. */
  bury(gone: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * Where swarms are kept: in this process, where every answer is there at once, or in a database that
 * several trackers share, where it comes later. `tests/tracker/store_conformance.ts` says what every
 * store must do.
 */
export interface SwarmStore extends Partial<AsyncDisposable> {
  /** The catalogue of all trackers that share it. */
  readonly torrents?: SharedTorrents;
  /**
   * Notes what a peer says and gives it others. It never gets itself, though it announced before;
   * counts are taken after it was noted, as clients show them.
   *
   * @param now in ms
   * @throws {TrackerError} where the store cannot be asked, with when to try again
   */
  announce(request: AnnounceRequest, asker: Asker, now: number): Answer<StoreReply>;
  /** Torrents' counts, in order; zeros for those that are unknown. */
  scrape(infoHashes: readonly Uint8Array[]): Answer<ScrapeEntry[]>;
  /**
   * Forgets, as far as it gets, peers whose lease is over (`logic/lease.ts`), and swarms without
   * anybody that nobody completed. Called every second.
   */
  sweep(now: number): Answer<ExpiredPeer[]>;
  totals(): Answer<StoreTotals>;
  /** All swarms, in no order. */
  swarms(): Answer<Iterable<SwarmCounts>>;
  /** Everybody in a swarm. */
  peers(infoHash: Uint8Array): Answer<StoredPeer[]>;
}
