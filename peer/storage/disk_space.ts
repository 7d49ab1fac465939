/**
 * Disk space: checks before a download begins whether it fits.
 *
 * @module
 */
import { dirname } from "@std/path";
import { StorageError } from "../ports.ts";

/** @throws {StorageError} of kind "full" where `bytes` more do not fit into `dir` */
export async function requireSpace(dir: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const free = await freeSpace(dir);
  if (free === undefined || free >= bytes) return;
  throw new StorageError(
    "full",
    dir,
    `Not enough space in ${dir}: ${inWords(bytes)} needed, ${inWords(free)} free: ` +
      "free some space",
  );
}

/** Bytes free for us on the disk that holds, or will hold, `dir`; undefined where it cannot be told. */
async function freeSpace(dir: string): Promise<number | undefined> {
  // What only reads, verifies or seeds has no use for it.
  const { statfs } = await import("node:fs/promises");
  for (let folder = dir;; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch {
      if (dirname(folder) === folder) return undefined;
    }
  }
}

function inWords(bytes: number): string {
  const [value, unit] = bytes < 2 ** 30 ? [bytes / 2 ** 20, "MiB"] : [bytes / 2 ** 30, "GiB"];
  return `${value.toFixed(1)} ${unit}`;
}
