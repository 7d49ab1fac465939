/**
 * The peer's parts for the lab, which joins them over a network of its own: what they decide by, and
 * where a strategy may take their place. Nothing here is reachable from `vtorrent peer`.
 *
 * @module
 */
export { type ChokeDecision, Choker, type ChokerPeer } from "./choking/choker.ts";
export { isInteresting } from "./choking/interest.ts";
export { Download } from "./downloading/download.ts";
export { PeerTrials } from "./downloading/peer_trials.ts";
export { SeedSparing } from "./downloading/seed_sparing.ts";
export type { ActivePiece } from "./pieces/active_piece.ts";
export { BufferPool } from "./pieces/buffer_pool.ts";
export { type PieceOrder, PiecePicker } from "./pieces/piece_picker.ts";
export { Peer, type UploadRequest } from "./peers/peer.ts";
export { AnnounceSchedule, type DueAnnounce } from "./trackers/announce_schedule.ts";
export { FirstCopies } from "./uploading/first_copies.ts";
export { SuperSeedPlan } from "./uploading/super_seed_plan.ts";
