/**
 * Small files that are either as they were or as they should be, whenever the power fails.
 *
 * @module
 */
import { toStorageError } from "./storage_error.ts";
import { writeAll, writeAllSync } from "./write_all.ts";

/** Writes beside, flushes, renames. @throws {StorageError} */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.new`;
  try {
    removeIfThere(temporary);
    // Never through a link that somebody has put there.
    using file = Deno.openSync(temporary, { createNew: true, write: true });
    writeAllSync(file, bytes);
    file.syncSync();
  } catch (error) {
    throw toStorageError(error, "write", path);
  }
  rename(temporary, path);
}

/**
 * The same for a large file, while others are served. Whoever does not want it any more calls
 * {@linkcode dropReplacement}, and may write another one meanwhile.
 *
 * @param isWanted whether it is still to be had when all is written
 * @throws {StorageError}
 */
export async function replaceLargeFile(
  path: string,
  bytes: Uint8Array,
  isWanted: () => boolean,
): Promise<void> {
  const temporary = `${path}.new`;
  try {
    removeIfThere(temporary);
    using file = Deno.openSync(temporary, { createNew: true, write: true });
    await writeAll(file, bytes);
    await file.sync();
  } catch (error) {
    throw toStorageError(error, "write", path);
  }
  if (isWanted()) rename(temporary, path);
}

/** Removes what is half-done in place of a file. */
export function dropReplacement(path: string): void {
  removeIfThere(`${path}.new`);
}

function rename(temporary: string, path: string): void {
  try {
    Deno.renameSync(temporary, path);
  } catch (error) {
    throw toStorageError(error, "write", path);
  }
}

/** What an earlier run has left half-done. */
function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
