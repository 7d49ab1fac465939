/**
 * Deletes what a torrent has downloaded, and only that.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import type { DataFolder } from "./data_folder.ts";
import { slices } from "../../loop/process_loop.ts";
import { toStorageError } from "./storage_error.ts";

/** A file that stays, and why. */
export interface KeptFile {
  /** Path for a person. */
  readonly path: string;
  readonly reason: "it was not downloaded" | "it was changed since" | "another torrent uses it";
}

/** A file that lies on disk under `name`, relative to the folder. */
export interface Deletable {
  readonly name: string;
  /** Why it has to stay, as far as this torrent knows. */
  readonly reason: KeptFile["reason"] | undefined;
  /** Called when it is gone. */
  readonly onDeleted: () => void;
}

/**
 * Deletes files and the folders that become empty by that.
 *
 * @param inUse real paths that other torrents use: see `realPathOf`
 * @throws {StorageError}
 */
export async function deleteFiles(
  folder: DataFolder,
  files: Iterable<Deletable>,
  inUse: ReadonlySet<string>,
): Promise<KeptFile[]> {
  const pause = slices.pacer();
  const kept: KeptFile[] = [];
  const folders = new Map<string, string>();
  for (const { name, reason, onDeleted } of files) {
    await pause();
    const path = folder.path(name);
    const isUsed = inUse.has(realPathOf(path, folders));
    if (reason !== undefined || isUsed) {
      kept.push({ path, reason: reason ?? "another torrent uses it" });
      continue;
    }
    try {
      folder.remove(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw toStorageError(error, "delete", path);
    }
    onDeleted();
    folder.removeEmptyParents(name);
  }
  return kept;
}

/**
 * A path without links in its folders: two torrents may come to one file on different ways.
 *
 * @param known folders that were looked up before
 */
export function realPathOf(path: string, known: Map<string, string>): string {
  const folder = dirname(path);
  let real = known.get(folder);
  if (real === undefined) {
    try {
      real = Deno.realPathSync(folder);
    } catch {
      real = folder; // It is not there: nor is the file.
    }
    known.set(folder, real);
  }
  return join(real, basename(path));
}
