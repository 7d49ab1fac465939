/**
 * A torrent's facts as they are remembered.
 *
 * @module
 */
import type { TorrentChoices } from "../options.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { FileStore } from "../storage/file_store.ts";
import type { ResumeDb } from "./resume_db.ts";
import { originLetters } from "../storage/file_faults.ts";
import type { Torrent } from "../torrent/torrent.ts";

/** Addresses remembered per torrent. */
const MAX_PEERS = 50;

/**
 * Writes down what is owned and wanted.
 *
 * @param facts.have pieces whose bytes are safe on disk
 * @param facts.clean the files are closed: nothing is written any more
 */
export function saveRecord(
  db: ResumeDb,
  facts: { torrent: Torrent; store: FileStore; have: Bitfield; clean: boolean },
): void {
  const { torrent, store, have, clean } = facts;
  const { infoHash, init, info, exchange, wanted } = torrent;
  const choices = choicesOf(torrent);
  if (!torrent.isChecked && db.torrent(infoHash) !== undefined) {
    // What is owned is not known yet: what the last record says of it stays.
    return db.saveWishes(infoHash, wanted, choices);
  }
  db.saveTorrent({
    infoHash,
    name: info.name,
    dir: init.dir,
    state: wanted,
    have: have.bytes,
    downloaded: init.downloaded + exchange.down.total,
    uploaded: init.uploaded + exchange.up.total,
    addedAt: init.addedAt,
    completedAt: torrent.firstCompletedAt,
    trackers: init.ownTiers,
    paths: store.paths,
    files: info.files.map((_, index) => store.rightEntry(index)),
    clean,
    aliveAt: Date.now(),
    choices,
    origins: originLetters(store.claims.origins),
    // BEP 27: of a private torrent, its tracker says who is there.
    peers: info.private ? [] : exchange.connections.peerList.met(MAX_PEERS),
  });
}

/** What people chose. */
function choicesOf({ selection, exchange, seeding, announces }: Torrent): TorrentChoices {
  return {
    files: selection.letters,
    sequential: exchange.picker.sequential || undefined,
    downloadLimit: exchange.downLimit.limit || undefined,
    uploadLimit: exchange.upLimit.limit || undefined,
    lists: announces.moreLists.length === 0 ? undefined : announces.moreLists,
    seeded: Math.round(seeding.seeded) || undefined,
  };
}
