/**
 * Torrent init: everything that a torrent starts with.
 *
 * @module
 */
import type { StorageError } from "../ports.ts";
import type { TorrentChoices } from "../options.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { InfoHashes } from "../../protocol/info_hash.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Info } from "../../protocol/metainfo.ts";
import type { Wanted } from "../events.ts";
import type { KeptFile } from "../storage/delete_files.ts";
import type { FileSelection } from "../pieces/file_priorities.ts";
import type { HashTrees } from "../v2/hash_trees.ts";
import type { RememberedPeer } from "../peers/peer_list.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";
import type { PieceStore } from "../ports.ts";
import type { RecheckFiles } from "./recheck.ts";
import type { WebSeedSource } from "../web_seed/web_seeds.ts";

/**
 * What a torrent is made of and what is known of its past.
 *
 * @template T the torrent, passed to those that persist it
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
  /** Name of its file or folder on disk. */
  diskName(): string;
  /** Paths of its files, there or not. */
  pathsInUse(): string[];
  /** Writes down the piece layers that peers told (BEP 52). */
  saveLayers(): void;
  /** Writes down what is owned; called after the bytes were made safe. `clean`: files are closed. */
  save(torrent: T, have: Bitfield, clean: boolean): Promise<void>;
}

/** What was found, and what a person has to decide on before anything is written. */
export interface CheckedPieces {
  readonly have: Bitfield;
  readonly problem: StorageError | undefined;
}
