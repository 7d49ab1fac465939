/**
 * What the exchange of pieces asks of the torrent it belongs to.
 *
 * @module
 */
import type { Layout } from "../protocol/layout.ts";
import type { Info } from "../protocol/metainfo.ts";
import type { TorrentEvent } from "./events.ts";
import type { HashOwner } from "./hash_exchange.ts";
import type { FileSelection } from "./logic/file_selection.ts";
import type { PiecePicker } from "./logic/piece_picker.ts";
import type { SwarmNames } from "./logic/swarm_names.ts";
import type { WebSeedSource } from "./web_seeds.ts";

/** The torrent whose pieces are exchanged. Calls are synchronous. */
export interface ExchangeOwner extends HashOwner {
  readonly info: Info;
  readonly names: SwarmNames;
  /** The info dictionary, for peers that lack it. */
  readonly infoBytes: Uint8Array;
  readonly layout: Layout;
  /** Which files are wanted at first. */
  readonly selection: FileSelection;
  /** Which of its pieces to begin. */
  readonly picker: PiecePicker;
  readonly webSeeds: WebSeedSource;
  /** Whether connections are held, and whether pieces may be asked for and given. */
  isRunning(): boolean;
  isActive(): boolean;
  /** Whether what comes can be checked and kept; giving goes on where it cannot. */
  canDownload(): boolean;
  emit(event: TorrentEvent): void;
  /** A piece that is owned could not be read; or there is a bug. */
  onUnreadable(error: unknown): void;
  /** A piece was verified and written. */
  onVerified(): void;
}
