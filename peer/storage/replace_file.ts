/**
 * Small files that are either as they were or as they should be, whenever the power fails.
 *
 * @module
 */
import { toStorageError } from "./storage_error.ts";
import { writeAllSync } from "./write_all.ts";

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
