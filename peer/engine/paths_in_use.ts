/**
 * Which files belong to torrents, so that no other torrent deletes them.
 *
 * @module
 */
import { join } from "@std/path";
import { realPathOf } from "../storage/delete_files.ts";
import type { ResumeDb } from "../resume/resume_db.ts";
import type { Torrent } from "../torrent/torrent.ts";

/**
 * Real paths of the files of all torrents, and of those that are remembered only because they could
 * not be opened.
 */
export function pathsInUse(
  torrents: Iterable<Torrent>,
  db: ResumeDb | undefined,
): ReadonlySet<string> {
  const folders = new Map<string, string>();
  const paths = new Set<string>();
  for (const { init } of torrents) {
    for (const path of init.pathsInUse()) paths.add(realPathOf(path, folders));
  }
  for (const { dir, paths: names } of db?.torrents() ?? []) {
    for (const name of names ?? []) paths.add(realPathOf(join(dir, name), folders));
  }
  return paths;
}
