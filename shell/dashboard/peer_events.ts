/**
 * What a peer's page is told as it changes: the peer, its torrents, and one torrent in detail.
 *
 * @module
 */
import { type EngineSnapshot, slices, type TorrentSnapshot } from "../../peer/mod.ts";
import { jsonSteps, type Steps } from "../../protocol/mod.ts";
import type { PeerStatus, TorrentSummary } from "./api_types.ts";
import { type StreamEvent, type Tell, Told } from "./event_stream.ts";
import { peerStatus, pieceMap, torrentDetail, torrentSummary } from "./peer_views.ts";

/** What a round looks at: made once, whoever many listen. */
export interface PeerFactsNow {
  readonly snapshot: EngineSnapshot;
  readonly status: PeerStatus;
  readonly torrents: readonly TorrentSummary[];
  /** The JSON of each part of a torrent's detail; undefined where it is not here. */
  readonly detail: (infoHash: string) => Promise<ReadonlyMap<string, string>> | undefined;
}

export function factsNow(
  snapshot: EngineSnapshot,
  about: {
    dir: string;
    trackers: readonly string[];
    magnet: (infoHash: string) => string;
  },
): PeerFactsNow {
  const details = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const detail = (infoHash: string) => {
    const torrent = snapshot.torrents.find((one) => one.infoHash === infoHash);
    if (torrent === undefined) return undefined;
    return details.getOrInsertComputed(
      infoHash,
      () => slices.run(detailSteps(torrent, about.magnet(infoHash))),
    );
  };
  return {
    snapshot,
    status: peerStatus(snapshot, about),
    torrents: snapshot.torrents.map(torrentSummary),
    detail,
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
    const parts = infoHash === undefined ? undefined : now.detail(infoHash);
    if (infoHash === undefined || parts === undefined) return events;
    return parts.then((parts) => [...events, ...tellDetail(parts, infoHash, detail)]);
  };
}

function* detailSteps(torrent: TorrentSnapshot, magnet: string): Steps<Map<string, string>> {
  const parts = yield* torrentDetail(torrent, magnet);
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...parts, piece_map: yield* pieceMap(torrent) })) {
    texts.set(name, yield* jsonSteps(value));
  }
  return texts;
}

/** A `DetailChange`, where there is one. */
function tellDetail(
  parts: ReadonlyMap<string, string>,
  infoHash: string,
  told: Told,
): StreamEvent[] {
  const changed = [...parts].filter(([name, json]) => told.isNewText(name, json));
  if (changed.length === 0) return [];
  const fields = [["info_hash", JSON.stringify(infoHash)], ...changed];
  const json = `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
  return [{ event: "detail", json }];
}
