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
    using file = Deno.openSync(temporary, { create: true, write: true, truncate: true });
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
