/**
 * The peer: an engine that downloads and seeds, and with `torrent_files.ts` the tools around
 * .torrent files.
 *
 * @module
 */
export type { RuleDecision } from "./crowd_rules.ts";
export { Engine } from "./engine/engine.ts";
export type { RecheckResult } from "./torrent/recheck.ts";
export { AlreadyAddedError, UnknownTorrentError } from "./errors.ts";
export type { EngineEvent, EngineListener, EventPeer, TorrentEvent } from "./events.ts";
export {
  CatalogueClient,
  type CatalogueListing,
  NoCatalogueError,
} from "./trackers/catalogue_client.ts";
export { CheckedFetch } from "./destination/checked_fetch.ts";
export { FileStore } from "./storage/file_store.ts";
export type { KeptFile } from "./storage/delete_files.ts";
export { MAX_UPLOAD_SLOTS } from "./engine/kept_limits.ts";
export { PoolHasher } from "./hashing/hasher.ts";
export { StoreBusyError, StoreLock } from "./resume/store_lock.ts";
export { TcpError } from "./connections/tcp.ts";
export { TrackerClient } from "./trackers/tracker_client.ts";
export { type DiscoverOptions, discoverTrackers } from "./trackers/tracker_discovery.ts";
export { verifyPieces } from "./resume/verifier.ts";
export type { Remedy } from "./remedy.ts";
export type { UserBan } from "./peers/user_bans.ts";
export type { FoundTracker } from "./trackers/tracker_discovery_plan.ts";
export {
  FILE_PRIORITIES,
  fileNumbers,
  magnetSelection,
  parseSelection,
  SelectionError,
} from "./pieces/file_priorities.ts";
export type { AddOptions, EngineOptions, Shared } from "./options.ts";
export type { PieceChoice, Tap, TapLink, TrackerLink, TrackerTalk } from "./ports.ts";
export { StorageError } from "./ports.ts";
export type * from "./snapshot.ts";
export { isSameStamp } from "./snapshot.ts";
export type { RenamedFile } from "./events.ts";
export * from "./torrent_files.ts";
