/**
 * Goes on with the torrents of last time.
 *
 * @module
 */
import { BencodeError, MetainfoError } from "../protocol/errors.ts";
import { faultSentence } from "../protocol/fault.ts";
import { parseMetainfo } from "../protocol/metainfo.ts";
import type { EngineListener } from "./events.ts";
import { infoHashesOf } from "./io/info_hashes.ts";
import type { PeerDb } from "./io/peer_db.ts";
import type { TorrentRecord } from "./logic/resume_plan.ts";
import type { TorrentFacts } from "./open_torrent.ts";
import { StorageError } from "./ports.ts";
import type { Torrent } from "./torrent.ts";

/** The engine that goes on with them. */
export interface Restoring {
  /** Trackers of today, in front of their own. */
  readonly moreTrackers: readonly string[];
  take(facts: TorrentFacts, bytes: Uint8Array): Promise<Torrent>;
  start(torrent: Torrent): void;
  emit: EngineListener;
}

/** Takes in what the store remembers; what cannot go on says why and hinders nobody. */
export async function restoreTorrents(db: PeerDb, engine: Restoring): Promise<void> {
  const failed = (about: { infoHash: string; name: string }, error: unknown): void => {
    const isExpected = error instanceof BencodeError || error instanceof MetainfoError ||
      error instanceof StorageError;
    const reason = isExpected ? error.message : faultSentence(error);
    engine.emit({ event: "restore-failed", ...about, reason });
  };
  for (const record of db.torrents(failed)) {
    const { infoHash, name } = record;
    try {
      const bytes = db.torrentFile(infoHash);
      if (bytes === undefined) throw new MetainfoError("its .torrent is missing in the store");
      const torrent = await engine.take(await factsOf(record, bytes, engine), bytes);
      const { totalSize: size, pieceCount: pieces } = torrent.info;
      const wanted = record.state;
      engine.emit({ event: "torrent-restored", infoHash, name, size, pieces, wanted });
      engine.start(torrent);
    } catch (error) {
      failed({ infoHash, name }, error);
    }
  }
}

async function factsOf(
  record: TorrentRecord,
  bytes: Uint8Array,
  { moreTrackers }: Restoring,
): Promise<TorrentFacts> {
  const metainfo = parseMetainfo(bytes);
  return {
    metainfo,
    infoHash: Uint8Array.fromHex(record.infoHash),
    hashes: await infoHashesOf(metainfo),
    dir: record.dir,
    tiers: record.trackers ?? metainfo.trackers,
    more: moreTrackers,
    wanted: record.state,
    data: "check",
    addedAt: record.addedAt,
    choices: record.choices ?? {},
  };
}
