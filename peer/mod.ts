/**
 * The peer: an engine that downloads and seeds, and the tools around .torrent files.
 *
 * @module
 */
export { Engine } from "./engine.ts";
export type { Rechecked } from "./recheck.ts";
export { AlreadyAddedError, UnknownTorrentError } from "./engine_errors.ts";
export type { EngineEvent, EngineListener, EventPeer, TorrentEvent } from "./events.ts";
export { CatalogueClient, type CatalogueListing, NoCatalogueError } from "./io/catalogue_client.ts";
export { CheckedFetch } from "./io/checked_fetch.ts";
export { type CreateOptions, createTorrent } from "./io/create_torrent.ts";
export { FileStore } from "./io/file_store.ts";
export type { KeptFile } from "./io/delete_files.ts";
export { requireLayers } from "./io/info_hashes.ts";
export { PoolHasher } from "./io/hasher.ts";
export { StoreBusyError } from "./io/peer_db.ts";
export { readMetainfo, slices } from "./io/slices.ts";
export { TcpError } from "./io/tcp.ts";
export { TrackerClient } from "./io/tracker_client.ts";
export { type DiscoverOptions, discoverTrackers } from "./io/tracker_discovery.ts";
export { leftOutInWords } from "./io/source_files.ts";
export { verifyPieces } from "./io/verifier.ts";
export { type VerifiedFile, type VerifiedFiles, verifyFiles } from "./io/verify_files.ts";
export { type Advice, COMMAND_ADVICE, SHELL_ADVICE } from "./logic/advice.ts";
export { rangesText } from "./logic/file_verdicts.ts";
export type { RenamedFile } from "./logic/renamed_files.ts";
export type { UnwelcomePeer } from "./logic/unwelcome.ts";
export type { FoundTracker } from "./logic/discovery_plan.ts";
export {
  FILE_PRIORITIES,
  fileNumbers,
  magnetSelection,
  parseSelection,
  SelectionError,
} from "./logic/file_selection.ts";
export type { AddOptions, EngineOptions, Shared } from "./options.ts";
export type { PieceChoice, Tap, TapLink, TrackerLink, TrackerTalk } from "./ports.ts";
export { StorageError } from "./ports.ts";
export type * from "./snapshot.ts";
export { CLIENT } from "./extensions.ts";
export { fitsGlob } from "./logic/named_files.ts";
