/**
 * Peer views: the engine's snapshot as the JSON of the API.
 *
 * @module
 */
import type {
  EngineSnapshot,
  PeerSnapshot,
  PieceStatus,
  TorrentSnapshot,
  TrackerSnapshot,
} from "../../peer/mod.ts";
import type { Steps } from "../../protocol/mod.ts";
import type {
  FileFacts,
  PeerFacts,
  PeerStatus,
  PieceFacts,
  PieceMap,
  TorrentDetail,
  TorrentSummary,
  TrackerFacts,
} from "./page/api_types.ts";
import { VERSION } from "../../protocol/mod.ts";

/** The peer as a whole. */
export function peerStatus(
  snapshot: EngineSnapshot,
  { dir, trackers }: { dir: string; trackers: readonly string[] },
): PeerStatus {
  return {
    role: "peer",
    version: VERSION,
    name: snapshot.name,
    peer_id: snapshot.peerId,
    port: snapshot.port,
    dir,
    trackers,
    download_rate: Math.round(snapshot.downloadRate),
    upload_rate: Math.round(snapshot.uploadRate),
    download_limit: snapshot.downloadLimit,
    upload_limit: snapshot.uploadLimit,
    upload_slots: snapshot.uploadSlots,
    downloaded: snapshot.downloaded,
    uploaded: snapshot.uploaded,
  };
}

/** A torrent in the list. */
export function torrentSummary(torrent: TorrentSnapshot): TorrentSummary {
  return {
    info_hash: torrent.infoHash,
    name: torrent.name,
    state: torrent.state,
    error: torrent.error ?? null,
    remedy: torrent.remedy ?? null,
    total_size: torrent.totalSize,
    wanted_size: torrent.wantedSize,
    left: torrent.left,
    progress: rounded(torrent.progress, 4),
    download_rate: Math.round(torrent.downloadRate),
    upload_rate: Math.round(torrent.uploadRate),
    downloaded: torrent.downloaded,
    uploaded: torrent.uploaded,
    eta: torrent.eta === undefined ? null : Math.round(torrent.eta),
    ratio: ratioOf(torrent),
    peers: torrent.peers.length,
    pieces: torrent.pieceCount,
    pieces_have: torrent.piecesHave,
    verifying: torrent.verifying === undefined ? null : rounded(torrent.verifying, 3),
  };
}

/** Pieces that are looked at between two pauses. */
const PIECES_PER_STEP = 1024;

/** Everything of a torrent but its pieces. */
export function* torrentDetail(torrent: TorrentSnapshot, magnet: string): Steps<TorrentDetail> {
  const copies = yield* torrent.distributedSteps();
  return { ...torrentFacts(torrent, magnet, copies), files: yield* fileFacts(torrent) };
}

/** Its files. */
export function* fileFacts(torrent: TorrentSnapshot): Steps<FileFacts[]> {
  const files: FileFacts[] = [];
  for (const { number, path, length, have, priority } of yield* torrent.fileSteps()) {
    files.push({ number: number ?? null, path, length, have, priority });
    yield;
  }
  return files;
}

/** What is short, however many files and pieces there are. */
export function torrentFacts(
  torrent: TorrentSnapshot,
  magnet: string,
  distributedCopies: number,
): Omit<TorrentDetail, "files"> {
  return {
    torrent: torrentSummary(torrent),
    facts: {
      dir: torrent.dir,
      private: torrent.private,
      piece_length: torrent.pieceLength,
      wasted: torrent.wasted,
      sequential: torrent.sequential,
      download_limit: torrent.downloadLimit,
      upload_limit: torrent.uploadLimit,
      distributed_copies: rounded(distributedCopies, 2),
      added_at: torrent.addedAt,
      completed_at: torrent.completedAt ?? null,
      magnet,
      disk_name: torrent.diskName === torrent.name ? null : torrent.diskName ?? null,
    },
    peers: torrent.peers.map(peerFacts),
    trackers: torrent.trackers.map(trackerFacts),
    web_seeds: torrent.webSeeds.map(({ url, status, downloadRate, downloaded }) => ({
      url,
      status,
      download_rate: Math.round(downloadRate),
      downloaded,
    })),
  };
}

function peerFacts(peer: PeerSnapshot): PeerFacts {
  return {
    address: addressOf(peer),
    peer_id: peer.peerId,
    name: peer.name ?? null,
    client: peer.client,
    source: peer.source,
    via: peer.via ?? null,
    incoming: peer.incoming,
    transport: peer.transport,
    encryption: peer.protection,
    am_choking: peer.amChoking,
    am_interested: peer.amInterested,
    peer_choking: peer.peerChoking,
    peer_interested: peer.peerInterested,
    snubbed: peer.snubbed,
    choke_reason: peer.chokeReason,
    download_rate: Math.round(peer.downloadRate),
    upload_rate: Math.round(peer.uploadRate),
    downloaded: peer.downloaded,
    uploaded: peer.uploaded,
    progress: rounded(peer.progress, 4),
    requests: peer.requests,
    latency: peer.latency === undefined ? null : Math.round(peer.latency),
  };
}

function trackerFacts(tracker: TrackerSnapshot): TrackerFacts {
  return {
    url: tracker.url,
    tier: tracker.tier,
    status: tracker.status,
    message: tracker.message ?? null,
    seeders: tracker.seeders ?? null,
    leechers: tracker.leechers ?? null,
    completed: tracker.completed ?? null,
    next_announce_in: tracker.nextAnnounceIn === undefined
      ? null
      : Math.round(tracker.nextAnnounceIn),
  };
}

const LETTERS: Readonly<Record<PieceStatus, number>> = {
  have: "h".charCodeAt(0),
  active: "a".charCodeAt(0),
  available: "v".charCodeAt(0),
  missing: "m".charCodeAt(0),
};

/** All pieces of a torrent, packed. */
export function* pieceMap(torrent: TorrentSnapshot): Steps<PieceMap> {
  // A text that grows by one letter leaves as much behind as it has pieces.
  const status = new Uint8Array(torrent.pieceCount);
  const copies: number[] = [];
  for (let piece = 0; piece < torrent.pieceCount; piece++) {
    if (piece % PIECES_PER_STEP === 0) yield;
    status[piece] = LETTERS[torrent.statusOf(piece)];
    const count = torrent.copiesOf(piece);
    if (copies.length > 0 && copies.at(-2) === count) copies[copies.length - 1]!++;
    else copies.push(count, 1);
  }
  return { status: new TextDecoder().decode(status), copies };
}

/** One piece, and who has it; undefined where there is no such piece. */
export function pieceFacts(torrent: TorrentSnapshot, piece: number): PieceFacts | undefined {
  if (piece >= torrent.pieceCount) return undefined;
  return {
    piece,
    status: torrent.statusOf(piece),
    copies: torrent.copiesOf(piece),
    peers: torrent.peers.filter((peer) => peer.has(piece))
      .map((peer) => peer.name ?? addressOf(peer)),
  };
}

function addressOf({ address, port }: PeerSnapshot): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What was given by what was taken; by its size for what was shared from here. */
function ratioOf({ uploaded, downloaded, totalSize }: TorrentSnapshot): number | null {
  const taken = downloaded > 0 ? downloaded : totalSize;
  return taken === 0 ? null : rounded(uploaded / taken, 3);
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
