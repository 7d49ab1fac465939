/**
 * Torrent facts: what is known of a torrent before its files are.
 *
 * @module
 */
import type { InfoHashes } from "../../protocol/info_hash.ts";
import type { Metainfo } from "../../protocol/metainfo.ts";
import type { Wanted } from "../events.ts";
import type { AddOptions, TorrentChoices } from "../options.ts";

/** What is known of a torrent before its files are. */
export interface TorrentFacts {
  readonly metainfo: Metainfo;
  /** The name that it goes by here. */
  readonly infoHash: Uint8Array;
  readonly hashes: InfoHashes;
  readonly dir: string;
  readonly tiers: readonly (readonly string[])[];
  /** Trackers of today, in front of its own. */
  readonly more?: readonly string[];
  readonly wanted: Wanted;
  readonly data: NonNullable<AddOptions["data"]>;
  readonly differing?: AddOptions["differing"];
  readonly paths?: readonly string[] | undefined;
  readonly addedAt: number;
  readonly choices: TorrentChoices;
}
