/**
 * The peer for the lab: its parts, which the lab joins over a network of its own, what they decide by,
 * and where a strategy may take their place; and the whole engine with the world that it needs. Nothing
 * here is reachable from `vtorrent peer`.
 *
 * @module
 */
export { type ChokeDecision, Choker, type ChokerPeer } from "./choking/choker.ts";
export { isInteresting } from "./choking/interest.ts";
export { DownlinkQueue } from "./downloading/downlink_queue.ts";
export { Download } from "./downloading/download.ts";
export { PeerTrials } from "./downloading/peer_trials.ts";
export { SeedSparing } from "./downloading/seed_sparing.ts";
export type { ActivePiece } from "./pieces/active_piece.ts";
export { BufferPool } from "./pieces/buffer_pool.ts";
export { type PieceOrder, PiecePicker } from "./pieces/piece_picker.ts";
export { Peer, placeOf, type UploadRequest } from "./peers/peer.ts";
export { AnnounceSchedule, type DueAnnounce } from "./trackers/announce_schedule.ts";
export type { Clock } from "./clock.ts";
export { ALL_RULES, CROWD_RULES, type CrowdRule, type CrowdRules } from "./crowd_rules.ts";
export { PlacesToCall } from "./connections/places_to_call.ts";
export { TcpError } from "./connections/tcp.ts";
export type { DhtMemory } from "./dht/state_file.ts";
export type { JoinNetworks } from "./discovery/lsd_sockets.ts";
export { Engine } from "./engine/engine.ts";
export { realWorld } from "./engine/real_world.ts";
export type { TorrentDisk } from "./engine/torrent_disk.ts";
export type { Disk, Network, World } from "./engine/world.ts";
export type { EngineEvent } from "./events.ts";
export { PoolHasher } from "./hashing/hasher.ts";
export type { MagnetRecords } from "./magnet/magnet_files.ts";
export type { EngineOptions } from "./options.ts";
export {
  type DatagramSocket,
  type Listener,
  type PieceStore,
  type Socket,
  StorageError,
  type Tap,
  type TrackerPort,
  type UdpAddress,
} from "./ports.ts";
export type { ResumeRecords } from "./resume/resume_db.ts";
export { saveRecord } from "./resume/torrent_record.ts";
export { inOneGo } from "../loop/process_loop.ts";
export { type UplinkFacts, UploadSlots } from "./choking/upload_slots.ts";
export { FirstCopies } from "./uploading/first_copies.ts";
export { PieceTurns } from "./uploading/piece_turns.ts";
export { SuperSeedPlan } from "./uploading/super_seed_plan.ts";
