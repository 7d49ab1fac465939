/**
 * Moves a torrent that is open: it leaves its swarm, its files are moved, and it is opened again.
 *
 * @module
 */
import { slices } from "../../loop/process_loop.ts";
import { StorageError } from "../ports.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { pathsInUse } from "./paths_in_use.ts";
import type { FileMover, NewPlace } from "./relocate.ts";
import { restoreTorrent, type Restoring } from "./restore.ts";
import type { TorrentList } from "./torrent_list.ts";

/** The engine around it. */
export interface Moving {
  /** Undefined where nothing is remembered. */
  readonly records: ResumeRecords | undefined;
  readonly mover: FileMover | undefined;
  readonly torrents: TorrentList;
  readonly restoring: Restoring;
}

/**
 * Meanwhile it is listed as one that is being opened.
 *
 * @param find the torrent; throws where it is not here (any more)
 * @throws {StorageError} where its files cannot be there: all stays as it was
 */
export async function moveTorrent(
  find: () => Torrent,
  place: NewPlace,
  { records, mover, torrents, restoring }: Moving,
): Promise<void> {
  const { infoHash, name, init: { dir } } = find();
  if (records === undefined || mover === undefined) {
    throw new StorageError("other", dir, "Only a peer that keeps its torrents can move files");
  }
  const read = () => slices.run(records.recordSteps(infoHash));
  const record = await read();
  const torrent = find();
  mover.requireFree({ dir, name: torrent.init.diskName() }, place);
  torrents.delete(torrent);
  const { unopened } = restoring;
  unopened.hold({ infoHash, name, record, problem: { message: "its files are moved" } });
  await unopened.retry(infoHash, async () => {
    await torrent.close();
    // It may have been removed meanwhile, also while its files were moved.
    const closed = await read();
    if (closed === undefined) return;
    try {
      await mover.relocate(records, closed, place, await pathsInUse(torrents, records, infoHash));
    } finally {
      const now = restoring.isClosing() ? undefined : await read();
      if (now !== undefined) await restoreTorrent(records, restoring, now);
    }
  });
}
