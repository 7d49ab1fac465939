/**
 * What a peer's page is told as it changes: the peer, its torrents, and one torrent in detail.
 *
 * @module
 */
import type { EngineSnapshot } from "../../peer/mod.ts";
import type { DetailChange, PeerStatus, TorrentDetail, TorrentSummary } from "./page/api_types.ts";
import { type StreamEvent, type Tell, Told } from "./event_stream.ts";
import { peerStatus, pieceMap, torrentDetail, torrentSummary } from "./peer_views.ts";

/** What a round looks at: made once, whoever many listen. */
export interface PeerFactsNow {
  readonly snapshot: EngineSnapshot;
  readonly status: PeerStatus;
  readonly torrents: readonly TorrentSummary[];
  readonly magnet: (infoHash: string) => string;
}

export function factsNow(
  snapshot: EngineSnapshot,
  about: {
    dir: string;
    trackers: readonly string[];
    magnet: (infoHash: string) => string;
  },
): PeerFactsNow {
  return {
    snapshot,
    status: peerStatus(snapshot, about),
    torrents: snapshot.torrents.map(torrentSummary),
    magnet: about.magnet,
  };
}

/** Tells a page all at first, then what changed; `infoHash` is the torrent that it shows whole. */
export function tellPeer(infoHash: string | undefined): Tell<PeerFactsNow> {
  const told = new Told();
  const detail = new Told();
  return (now) => {
    const events: StreamEvent[] = [];
    if (told.isNew("", now.status)) events.push({ event: "status", data: now.status });
    const changed = now.torrents.filter((torrent) => told.isNew(torrent.info_hash, torrent));
    const here = new Set(now.torrents.map(({ info_hash }) => info_hash));
    const removed = [...told.keys()].filter((key) => key !== "" && !here.has(key));
    for (const key of removed) told.forget(key);
    if (changed.length > 0 || removed.length > 0) {
      events.push({ event: "torrents", data: { changed, removed } });
    }
    if (infoHash !== undefined) events.push(...tellDetail(now, infoHash, detail));
    return events;
  };
}

function tellDetail(now: PeerFactsNow, infoHash: string, told: Told): StreamEvent[] {
  const torrent = now.snapshot.torrents.find((one) => one.infoHash === infoHash);
  if (torrent === undefined) return [];
  const parts: TorrentDetail = torrentDetail(torrent, now.magnet(infoHash));
  const change: Record<string, unknown> = {};
  for (const [name, value] of Object.entries({ ...parts, piece_map: pieceMap(torrent) })) {
    if (told.isNew(name, value)) change[name] = value;
  }
  if (Object.keys(change).length === 0) return [];
  const data: DetailChange = { "info_hash": infoHash, ...change };
  return [{ event: "detail", data }];
}
