/**
 * Events for a peer's page: the peer, its torrents, and one torrent in detail.
 *
 * @module
 */
import {
  type EngineSnapshot,
  isSameStamp,
  slices,
  type Stamp,
  type TorrentSnapshot,
} from "../../peer/mod.ts";
import { jsonSteps, type Steps } from "../../protocol/mod.ts";
import type { PeerStatus, TorrentSummary } from "./page/api_types.ts";
import { type StreamEvent, type Tell, Told } from "./event_stream.ts";
import { fileFacts, peerStatus, pieceMap, torrentFacts, torrentSummary } from "./peer_views.ts";

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
    details: TorrentDetails;
  },
): PeerFactsNow {
  about.details.newRound();
  const details = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const detail = (infoHash: string) => {
    const torrent = snapshot.torrents.find((one) => one.infoHash === infoHash);
    if (torrent === undefined) return undefined;
    return details.getOrInsertComputed(
      infoHash,
      () => slices.run(about.details.steps(torrent, about.magnet(infoHash))),
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

/** Rounds for which the texts of a torrent are kept that nobody looks at any more. */
const KEPT_ROUNDS = 20;

/** The long parts of a torrent's detail, as they were written last. */
interface KeptParts {
  files?: { readonly stamp: Stamp; readonly json: string };
  pieces?: { readonly stamp: Stamp; readonly json: string; readonly copies: number };
  round: number;
}

/**
 * Torrents in detail, as JSON: files and pieces, of which there may be very many, are written again only
 * where their stamp is another.
 */
export class TorrentDetails {
  readonly #kept = new Map<string, KeptParts>();
  #round = 0;

  /** Begins a round; forgets what was not asked for in many. */
  newRound(): void {
    this.#round++;
    for (const [infoHash, { round }] of this.#kept) {
      if (round < this.#round - KEPT_ROUNDS) this.#kept.delete(infoHash);
    }
  }

  /** The JSON of each part of a torrent. */
  *steps(torrent: TorrentSnapshot, magnet: string): Steps<Map<string, string>> {
    const kept = this.#kept.getOrInsertComputed(torrent.infoHash, () => ({ round: 0 }));
    kept.round = this.#round;
    const now = torrent.stamps();
    const files = isSameStamp(now.files, kept.files?.stamp)
      ? kept.files!
      : kept.files = { stamp: now.files, json: yield* jsonSteps(yield* fileFacts(torrent)) };
    const pieces = isSameStamp(now.pieces, kept.pieces?.stamp) ? kept.pieces! : kept.pieces = {
      stamp: now.pieces,
      json: yield* jsonSteps(yield* pieceMap(torrent)),
      copies: yield* torrent.distributedSteps(),
    };
    const texts = new Map([["files", files.json], ["piece_map", pieces.json]]);
    for (const [name, value] of Object.entries(torrentFacts(torrent, magnet, pieces.copies))) {
      texts.set(name, yield* jsonSteps(value));
    }
    return texts;
  }
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
