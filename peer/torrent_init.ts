/**
 * What a torrent begins with.
 *
 * @module
 */
import type { Bitfield } from "../protocol/bitfield.ts";
import type { InfoHashes } from "../protocol/info_hash.ts";
import type { Layout } from "../protocol/layout.ts";
import type { Info } from "../protocol/metainfo.ts";
import type { Wanted } from "./events.ts";
import type { KeptFile } from "./io/delete_files.ts";
import type { CheckedPieces } from "./io/resume.ts";
import type { FileSelection } from "./logic/file_selection.ts";
import type { HashTrees } from "./logic/hash_trees.ts";
import type { RememberedPeer } from "./logic/peer_pool.ts";
import type { PiecePicker } from "./logic/piece_picker.ts";
import type { TorrentChoices } from "./logic/resume_plan.ts";
import type { PieceStore } from "./ports.ts";
import type { RecheckFiles } from "./recheck.ts";
import type { WebSeedSource } from "./web_seeds.ts";

/**
 * What a torrent is made of and what is known of its past.
 *
 * @template T the torrent, which is told to those who write it down
 */
export interface TorrentInit<T> {
  readonly info: Info;
  /** The info dictionary as it stands. */
  readonly infoBytes: Uint8Array;
  /** The name that it goes by here: one of its swarms'. */
  readonly infoHash: Uint8Array;
  readonly hashes: InfoHashes;
  /** Of a v2 or hybrid torrent. */
  readonly trees: HashTrees | undefined;
  /** DHT nodes that the .torrent names. */
  readonly nodes: readonly (readonly [string, number])[];
  /** Trackers that it announces to; and its own among them, which are remembered. */
  readonly tiers: readonly (readonly string[])[];
  readonly ownTiers: readonly (readonly string[])[];
  /** Lists that are announced to beside those. */
  readonly lists: readonly (readonly (readonly string[])[])[];
  readonly layout: Layout;
  /** Which files are wanted at first. */
  readonly selection: FileSelection;
  /** Which piece to begin. */
  readonly picker: PiecePicker;
  readonly dir: string;
  readonly store: PieceStore;
  readonly webSeeds: WebSeedSource;
  /** What people chose for it, this time or before. */
  readonly choices: TorrentChoices;
  /** Whether it has to wait for its turn to download. */
  readonly isWaiting: boolean;
  readonly wanted: Wanted;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly addedAt: number;
  readonly completedAt: number | undefined;
  /** Where peers were met the last time. */
  readonly peers: readonly RememberedPeer[];
  /** Finds out which pieces are there; tells how far it is (0 to 1). */
  check(onProgress: (progress: number) => void, signal: AbortSignal): Promise<CheckedPieces>;
  /** Its files, to be looked at again while it runs. */
  readonly files: RecheckFiles;
  /**
   * Deletes what is only ours, and with `data` the files that were downloaded.
   *
   * @param have the pieces that are there, where that is known
   * @param inUse real paths that other torrents use
   * @returns which files stay although `data` was asked for
   * @throws {StorageError}
   */
  delete(
    data: boolean,
    have: Bitfield | undefined,
    inUse: () => Promise<ReadonlySet<string>>,
  ): Promise<KeptFile[]>;
  /** Paths of its files, there or not. */
  pathsInUse(): string[];
  /** Writes down the piece layers that peers told (BEP 52). */
  saveLayers(): void;
  /** Writes down what is owned; called after the bytes were made safe. `clean`: files are closed. */
  save(torrent: T, have: Bitfield, clean: boolean): Promise<void>;
}
