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
import type { FileFacts, PeerStatus, TorrentSummary } from "./page/api_types.ts";
import { type StreamEvent, type Tell, Told } from "./event_stream.ts";
import { fileFacts, peerStatus, pieceMap, torrentFacts, torrentSummary } from "./peer_views.ts";

/** What a round looks at: made once, whoever many listen. */
export interface PeerFactsNow {
  readonly snapshot: EngineSnapshot;
  readonly status: PeerStatus;
  readonly torrents: readonly TorrentSummary[];
  /** The JSON of each part of a torrent's detail but its files; undefined where it is not here. */
  readonly detail: (infoHash: string) => Promise<ReadonlyMap<string, string>> | undefined;
  readonly files: (infoHash: string) => Promise<KeptFiles> | undefined;
}

/** How a listener is told the files of the torrent that it is told whole. */
export const FILE_NEWS = ["all", "changes", "none"] as const;

/** What a listener wants to hear. */
export interface Wish {
  /** The torrent that is told whole. */
  readonly infoHash?: string | undefined;
  /** Whether only that one is told. */
  readonly isDetailOnly?: boolean;
  /** Default "all": all of them when one has changed. */
  readonly files?: typeof FILE_NEWS[number];
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
  const find = (infoHash: string) => snapshot.torrents.find((one) => one.infoHash === infoHash);
  const details = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const files = new Map<string, Promise<KeptFiles>>();
  return {
    snapshot,
    status: peerStatus(snapshot, about),
    torrents: snapshot.torrents.map(torrentSummary),
    detail: (infoHash) => {
      const torrent = find(infoHash);
      if (torrent === undefined) return undefined;
      return details.getOrInsertComputed(
        infoHash,
        () => slices.run(about.details.partSteps(torrent, about.magnet(infoHash))),
      );
    },
    files: (infoHash) => {
      const torrent = find(infoHash);
      if (torrent === undefined) return undefined;
      return files.getOrInsertComputed(
        infoHash,
        () => slices.run(about.details.fileSteps(torrent)),
      );
    },
  };
}

/** Tells a page all at first, then what changed. */
export function tellPeer({ infoHash, isDetailOnly = false, files = "all" }: Wish): Tell<
  PeerFactsNow
> {
  const told = new Told();
  const detail = new Told();
  const toldFiles = files === "changes" ? new ToldFiles() : undefined;
  return (now) => {
    const events: StreamEvent[] = isDetailOnly ? [] : tellList(now, told);
    const parts = infoHash === undefined ? undefined : now.detail(infoHash);
    if (infoHash === undefined || parts === undefined) return events;
    return (async () => {
      const changed = [...await parts].filter(([name, json]) => detail.isNewText(name, json));
      if (files !== "none") {
        const kept = await now.files(infoHash)!;
        const news = toldFiles === undefined
          ? { files: await slices.run(filesJson(kept)) }
          : await slices.run(toldFiles.newsSteps(kept));
        for (const [name, json] of Object.entries(news)) {
          if (toldFiles !== undefined || detail.isNewText(name, json)) changed.push([name, json]);
        }
      }
      return [...events, ...detailEvent(changed, infoHash)];
    })();
  };
}

function tellList(now: PeerFactsNow, told: Told): StreamEvent[] {
  const events: StreamEvent[] = [];
  const isFirst = told.keys().next().done === true;
  if (told.isNew("", now.status)) events.push({ event: "status", data: now.status });
  const changed = now.torrents.filter((torrent) => told.isNew(torrent.info_hash, torrent));
  const here = new Set(now.torrents.map(({ info_hash }) => info_hash));
  const removed = [...told.keys()].filter((key) => key !== "" && !here.has(key));
  for (const key of removed) told.forget(key);
  // Who comes back hears at once that what was here is gone.
  if (isFirst || changed.length > 0 || removed.length > 0) {
    events.push({ event: "torrents", data: { changed, removed } });
  }
  return events;
}

/** Remembers files as they were told: of ten thousand of them a few change in a round. */
class ToldFiles {
  #told: readonly FileFacts[] | undefined;

  /** The JSON of `files` at first and where there are others than before, else of `files_changed`. */
  *newsSteps(kept: KeptFiles): Steps<Record<string, string>> {
    const before = this.#told;
    const { facts } = kept;
    this.#told = facts;
    if (before === facts) return {};
    if (before?.length !== facts.length) return { files: yield* filesJson(kept) };
    const changed: FileFacts[] = [];
    for (const [index, file] of facts.entries()) {
      yield;
      const { have, priority } = before[index]!;
      if (file.have !== have || file.priority !== priority) changed.push(file);
    }
    return changed.length === 0 ? {} : { "files_changed": yield* jsonSteps(changed) };
  }
}

/** Rounds for which what was written of a torrent is kept that nobody looks at any more. */
const KEPT_ROUNDS = 20;

/** The files of a torrent as they were at a stamp. */
export interface KeptFiles {
  readonly stamp: Stamp;
  readonly facts: readonly FileFacts[];
  /** The same as JSON, once somebody wanted it. */
  json?: string;
}

/** The long parts of a torrent's detail, as they were written last. */
interface KeptParts {
  files?: KeptFiles;
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

  /** The JSON of each part of a torrent but its files. */
  *partSteps(torrent: TorrentSnapshot, magnet: string): Steps<Map<string, string>> {
    const kept = this.#keptOf(torrent);
    const now = torrent.stamps();
    const pieces = isSameStamp(now.pieces, kept.pieces?.stamp) ? kept.pieces! : kept.pieces = {
      stamp: now.pieces,
      json: yield* jsonSteps(yield* pieceMap(torrent)),
      copies: yield* torrent.distributedSteps(),
    };
    const texts = new Map([["piece_map", pieces.json]]);
    for (const [name, value] of Object.entries(torrentFacts(torrent, magnet, pieces.copies))) {
      texts.set(name, yield* jsonSteps(value));
    }
    return texts;
  }

  /** Its files: the same object as before where they are as before. */
  *fileSteps(torrent: TorrentSnapshot): Steps<KeptFiles> {
    const kept = this.#keptOf(torrent);
    const { files: stamp } = torrent.stamps();
    if (isSameStamp(stamp, kept.files?.stamp)) return kept.files!;
    return kept.files = { stamp, facts: yield* fileFacts(torrent) };
  }

  #keptOf({ infoHash }: TorrentSnapshot): KeptParts {
    const kept = this.#kept.getOrInsertComputed(infoHash, () => ({ round: 0 }));
    kept.round = this.#round;
    return kept;
  }
}

/** All files as JSON, written once. */
function* filesJson(files: KeptFiles): Steps<string> {
  return files.json ??= yield* jsonSteps(files.facts);
}

/** A `DetailChange`, where there is one. */
function detailEvent(
  changed: readonly (readonly [name: string, json: string])[],
  infoHash: string,
): StreamEvent[] {
  if (changed.length === 0) return [];
  const fields = [["info_hash", JSON.stringify(infoHash)] as const, ...changed];
  const json = `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
  return [{ event: "detail", json }];
}
