/**
 * Copies of a program's folder: one for each host, so that no run sees what another one wrote.
 *
 * @module
 */
import { join } from "node:path";

/** Longest program (bytes): more is a data set or a build that was forgotten. */
export const MAX_PROGRAM = 200 * 2 ** 20;
const MAX_FILES = 50_000;
/** Not needed to run it. */
const LEFT_OUT = new Set([".git", ".hg", ".svn", "__pycache__"]);
/** Large and never written to: one copy for all, linked. */
const LINKED = new Set(["node_modules", ".venv", "venv"]);

/** A folder that cannot be copied; the sentence says why. */
export class CopyError extends Error {
  override name = "CopyError";
}

/** Copies the program's folder for a run. `shared` takes what is linked from every host. */
export async function copyProgram(from: string, to: string, shared: string): Promise<void> {
  const count = { files: 0, bytes: 0 };
  await copyFolder(from, to, count, shared);
}

/** Copies a folder as it is. */
export async function copyAsIs(from: string, to: string): Promise<void> {
  await copyFolder(from, to, { files: 0, bytes: 0 }, undefined);
}

async function copyFolder(
  from: string,
  to: string,
  count: { files: number; bytes: number },
  shared: string | undefined,
): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile, isSymlink } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (shared !== undefined && LEFT_OUT.has(name)) continue;
    if (++count.files > MAX_FILES) {
      throw new CopyError(`The program's folder has more than ${MAX_FILES} files`);
    }
    if (isSymlink) {
      await Deno.symlink(await Deno.readLink(source), target);
    } else if (isDirectory && shared !== undefined && LINKED.has(name)) {
      const one = join(shared, String(count.files), name);
      await copyFolder(source, one, count, undefined);
      await Deno.symlink(one, target);
    } else if (isDirectory) {
      await copyFolder(source, target, count, shared);
    } else if (isFile) {
      count.bytes += (await Deno.stat(source)).size;
      if (count.bytes > MAX_PROGRAM) {
        throw new CopyError(
          `The program's folder has more than ${MAX_PROGRAM / 2 ** 20} MiB: leave data out`,
        );
      }
      await Deno.copyFile(source, target);
    }
  }
}
