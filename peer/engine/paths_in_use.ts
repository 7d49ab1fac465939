/**
 * Paths in use: the files that belong to torrents, so that no other torrent deletes them.
 *
 * @module
 */
import { join } from "@std/path";
import { realPathOf } from "../storage/delete_files.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import { slices } from "../../loop/process_loop.ts";
import type { Torrent } from "../torrent/torrent.ts";

/**
 * Real paths of the files of all torrents, and of those that are remembered only because they could
 * not be opened.
 *
 * @param except info hash (hex) of a torrent whose record does not count
 */
export async function pathsInUse(
  torrents: Iterable<Torrent>,
  db: ResumeRecords | undefined,
  except?: string,
): Promise<ReadonlySet<string>> {
  const folders = new Map<string, string>();
  const paths = new Set<string>();
  const add = (path: string) => paths.add(realPathOf(path, folders));
  for (const { init } of torrents) await slices.each(init.pathsInUse(), add);
  const records = db === undefined ? [] : await slices.run(db.torrentSteps());
  for (const { infoHash, dir, paths = [] } of records) {
    if (infoHash === except) continue;
    await slices.each(paths, (name) => add(join(dir, name)));
  }
  return paths;
}
