/**
 * A magnet link's facts as plain data.
 *
 * @module
 */
import { snapshotPeer } from "../peers/peer_snapshot.ts";
import { emptySnapshot, type TorrentSnapshot } from "../snapshot.ts";
import type { MagnetTorrent } from "./magnet_torrent.ts";

/** What a link shows of itself while its info dictionary is fetched. */
export function snapshotMagnet(magnet: MagnetTorrent, now: number): TorrentSnapshot {
  const { infoHash, name, init: { dir, addedAt, choices } } = magnet;
  return {
    ...emptySnapshot({ infoHash, name, dir, addedAt }),
    state: magnet.state,
    error: magnet.error?.message,
    remedy: magnet.error?.remedy,
    errorKind: magnet.error === undefined ? undefined : "other",
    sequential: choices.sequential ?? false,
    downloadLimit: choices.downloadLimit ?? 0,
    uploadLimit: choices.uploadLimit ?? 0,
    progress: magnet.progress,
    peers: [...magnet.connections.keys()].map((peer) => ({ ...snapshotPeer(peer), progress: 0 })),
    trackers: magnet.announces.snapshot(now),
  };
}
