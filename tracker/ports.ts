/**
 * What servers ask of the tracker, whichever protocol the question came by.
 *
 * @module
 */
import type { AnnounceRequest, ScrapeEntry } from "../protocol/announce.ts";
import type { AnnounceAnswer } from "./logic/announce_reply.ts";
import type { Catalogue, CatalogueEntry } from "./logic/catalogue.ts";
import type { TrackerStats } from "./snapshot.ts";

/** The tracker as its servers see it. */
export interface TrackerService {
  readonly catalogue: Catalogue;
  /**
   * @param address where it came from: 4 or 16 bytes
   * @throws {TrackerError} where the peer is refused
   */
  announce(request: AnnounceRequest, address: Uint8Array): AnnounceAnswer;
  scrape(infoHashes: readonly Uint8Array[], remote: string): ScrapeEntry[];
  /** Counts of one torrent by its info hash in hex. */
  counts(infoHash: string): { seeders: number; leechers: number; completed: number };
  /** @throws {BencodeError | MetainfoError | CatalogueError | TrackerError} */
  publish(
    bytes: Uint8Array,
    publishedBy: string | undefined,
  ): Promise<{ entry: CatalogueEntry; created: boolean }>;
  isPublishToken(token: string | null): boolean;
  /** A request was refused, or went wrong by a fault of ours. */
  failed(remote: string, reason: string, kind: "refused" | "internal"): void;
  /** An announce or a scrape took that long, without the network. */
  took(protocol: "http" | "udp", seconds: number): void;
  stats(): TrackerStats;
}
