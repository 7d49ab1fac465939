/**
 * Files that a command writes.
 *
 * @module
 */
import { dirname } from "node:path";
import { CommandError } from "./errors.ts";

/**
 * Refuses a name that is taken.
 *
 * @throws {CommandError} exit status 13
 */
export async function refuseExisting(path: string): Promise<void> {
  try {
    await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw new CommandError("file-exists", `${path} exists: name another with --output, or --force`);
}

/** Writes a file whole or not at all: beside its place, then into it. */
export async function writeOutput(
  path: string,
  bytes: Uint8Array,
  { overwrite = false }: { overwrite?: boolean | undefined } = {},
): Promise<void> {
  if (!overwrite) await refuseExisting(path);
  const fresh = `${path}.new-${crypto.randomUUID().slice(0, 8)}`;
  try {
    await Deno.writeFile(fresh, bytes, { createNew: true });
    await Deno.rename(fresh, path);
  } catch (error) {
    await Deno.remove(fresh).catch(() => {});
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new CommandError("failed", `Cannot write ${path}: there is no folder ${dirname(path)}`);
    }
    if (error instanceof Error) error.message = error.message.replaceAll(fresh, path);
    throw error;
  }
}
