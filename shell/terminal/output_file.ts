/**
 * Files that a command writes.
 *
 * @module
 */
import { dirname } from "@std/path";
import { CommandError } from "../base/errors.ts";

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

/**
 * Finds out before long work whether its result can be written.
 *
 * @throws {CommandError} where the name is taken, unless it may be overwritten, or has no folder
 */
export async function requireWritable(path: string, overwrite: boolean): Promise<void> {
  if (!overwrite) await refuseExisting(path);
  const folder = await Deno.stat(dirname(path)).catch(() => undefined);
  if (folder?.isDirectory !== true) throw noFolder(path);
}

function noFolder(path: string): CommandError {
  return new CommandError("failed", `Cannot write ${path}: there is no folder ${dirname(path)}`);
}

/**
 * Writes a file whole or not at all: beside its place, then into it. A link that is overwritten stays
 * one: what it names is written.
 */
export async function writeOutput(
  path: string,
  bytes: Uint8Array,
  { overwrite = false }: { overwrite?: boolean | undefined } = {},
): Promise<void> {
  if (!overwrite) await refuseExisting(path);
  const target = await Deno.realPath(path).catch(() => path);
  const fresh = `${target}.new-${crypto.randomUUID().slice(0, 8)}`;
  try {
    const mode = (await Deno.stat(target).catch(() => undefined))?.mode;
    await Deno.writeFile(fresh, bytes, {
      createNew: true,
      ...(mode !== null && mode !== undefined && { mode: mode & 0o777 }),
    });
    await Deno.rename(fresh, target);
  } catch (error) {
    await Deno.remove(fresh).catch(() => {});
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw noFolder(path);
    }
    if (error instanceof Error) error.message = error.message.replaceAll(fresh, path);
    throw error;
  }
}
