/**
 * A torrent's facts as they are remembered.
 *
 * @module
 */
import type { TorrentChoices } from "../options.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { FilesOnDisk } from "../storage/files_on_disk.ts";
import type { ResumeRecords } from "./resume_db.ts";
import { slices } from "../../loop/process_loop.ts";
import { originLetters } from "../storage/file_faults.ts";
import type { Torrent } from "../torrent/torrent.ts";

/** Addresses remembered per torrent. */
const MAX_PEERS = 50;

/**
 * Writes down what is owned and wanted.
 *
 * @param facts.have pieces whose bytes are safe on disk
 * @param facts.clean the files are closed: nothing is written any more
 * @param facts.files its files as they are now, looked up where they are needed
 * @param facts.aliveAt ms since the epoch, by the clock that files go by
 */
export async function saveRecord(
  db: ResumeRecords,
  facts: {
    torrent: Torrent;
    have: Bitfield;
    clean: boolean;
    files: FilesOnDisk["recorded"];
    aliveAt: number;
  },
): Promise<void> {
  const { torrent, have, clean, aliveAt } = facts;
  const { infoHash, init, info, exchange } = torrent;
  if (!torrent.isChecked && db.has(infoHash)) {
    // What is owned is not known yet: what the last record says of it stays.
    return db.saveWishes(infoHash, torrent.wanted, choicesOf(torrent));
  }
  const files = await facts.files();
  await slices.run(db.saveSteps({
    infoHash,
    name: info.name,
    dir: init.dir,
    state: torrent.wanted,
    have: have.bytes,
    downloaded: init.downloaded + exchange.down.total,
    uploaded: init.uploaded + exchange.up.total,
    addedAt: init.addedAt,
    completedAt: torrent.firstCompletedAt,
    trackers: init.ownTiers,
    paths: files.map(({ path }) => path),
    files: files.map(({ entry }) => entry),
    clean,
    aliveAt,
    choices: choicesOf(torrent),
    origins: originLetters(files.map(({ origin }) => origin)),
    // BEP 27: of a private torrent, its tracker says who is there.
    peers: info.private ? [] : exchange.connections.peerList.met(MAX_PEERS),
  }));
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
