/**
 * Relocates a torrent: its files get another folder, or its file or folder another name there.
 *
 * @module
 */
import { join } from "@std/path";
import { safeComponent } from "../../protocol/file_name.ts";
import { StorageError } from "../ports.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import type { TorrentRecord } from "../resume/resume_plan.ts";
import { realPathOf } from "../storage/delete_files.ts";
import { DataFolder } from "../storage/data_folder.ts";
import { partNameSteps } from "../storage/disk_name.ts";
import { type FileMove, placeFiles } from "../storage/move_files.ts";
import { slices } from "../../loop/process_loop.ts";

/** Where a torrent's files are to be. */
export interface NewPlace {
  /** The folder that is to hold them. Default: the one that does. */
  readonly dir?: string;
  /** What its file or folder is to be called. Default: as it is. */
  readonly name?: string;
}

/** Moves files of torrents on a disk. */
export interface FileMover {
  readonly requireFree: typeof requireFree;
  readonly relocate: typeof relocate;
}

/**
 * Refuses a place that something has already, or a name that no file can have.
 *
 * @param now where its file or folder is
 * @throws {StorageError}
 */
export function requireFree(now: { dir: string; name: string }, place: NewPlace): void {
  const { dir, name } = { ...now, ...place };
  const safe = safeComponent(name);
  if (safe !== name) {
    const how = safe === "_" ? "choose another name" : `it could be called "${safe}"`;
    throw new StorageError("other", dir, `No file can be called "${name}": ${how}`);
  }
  const isSame = dir === now.dir && name === now.name;
  if (isSame || !new DataFolder(dir).exists(name)) return;
  const path = join(dir, name);
  throw new StorageError("exists", path, `${path} exists already: choose another folder or name`);
}

/**
 * Moves the files of a torrent that is closed, and writes down where they are.
 *
 * @param inUse real paths of the files of other torrents
 * @throws {StorageError} where they cannot be there: all is as before then
 */
export async function relocate(
  records: ResumeRecords,
  record: TorrentRecord,
  place: NewPlace,
  inUse: ReadonlySet<string>,
): Promise<void> {
  const { dir: from, paths = [] } = record;
  const { dir = from, name } = place;
  const named = name === undefined ? paths : paths.map((path) => withTop(path, name));
  const [source, target] = [new DataFolder(from), new DataFolder(dir)];
  const moves = (await movesOf(record, source, named)).filter(({ from: now, to }) =>
    dir !== from || now !== to
  );
  const folders = new Map<string, string>();
  for (const { from: path } of moves) {
    if (!inUse.has(realPathOf(source.path(path), folders))) continue;
    const used = source.path(path);
    throw new StorageError("other", used, `${used} stays: another torrent uses it`);
  }
  const placed = await placeFiles(source, target, moves);
  try {
    await slices.run(records.saveSteps({ ...record, dir, paths: named }));
  } catch (error) {
    await placed.undo();
    throw error;
  }
  await placed.finish();
}

/** What there is of a torrent on disk, and what it is to be called. */
async function movesOf(
  { infoHash, paths = [], origins = "" }: TorrentRecord,
  source: DataFolder,
  named: readonly string[],
): Promise<FileMove[]> {
  const parts = await slices.run(partNameSteps(paths));
  const newParts = await slices.run(partNameSteps(named));
  const boundary = `.${infoHash}.parts`;
  const candidates: FileMove[] = [{ from: boundary, to: boundary }];
  for (const [index, from] of paths.entries()) {
    // Somebody else's file may have the name that an unfinished one is to get.
    const isWhole = origins[index] === "o" || origins[index] === "m";
    candidates.push(
      isWhole ? { from, to: named[index]! } : { from: parts[index]!, to: newParts[index]! },
    );
  }
  const moves: FileMove[] = [];
  await slices.each(candidates, (move) => {
    if (source.entry(move.from)?.isFile) moves.push(move);
  });
  return moves;
}

/** A path with another name for its first part. */
function withTop(path: string, name: string): string {
  const slash = path.indexOf("/");
  return slash < 0 ? name : name + path.slice(slash);
}
