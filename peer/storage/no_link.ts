/**
 * Files of our own are not opened through links that somebody else has put in their place.
 *
 * @module
 */
import { dirname, SEPARATOR } from "@std/path";
import { StorageError } from "../ports.ts";

/** @throws {StorageError} where there is a link at `path` */
export function refuseLink(path: string): void {
  if (lookAt(path)?.isSymlink) throw refused(path, "it is a link");
}

/** @throws {StorageError} where what was opened is not the file that lies at `path` */
export function requireOpened(file: Pick<Deno.FsFile, "statSync">, path: string): void {
  const [opened, there] = [file.statSync(), lookAt(path)];
  const isSame = there?.isFile && there.dev === opened.dev && there.ino === opened.ino;
  if (!isSame) throw refused(path, "it was exchanged for something else just now");
}

/** @throws {StorageError} where a folder is a link that leads out of the one that it is in */
export function refuseFolderOutside(path: string): void {
  if (!lookAt(path)?.isSymlink) return;
  const around = Deno.realPathSync(dirname(path));
  if (
    `${Deno.realPathSync(path)}${SEPARATOR}`.startsWith(
      around.endsWith(SEPARATOR) ? around : around + SEPARATOR,
    )
  ) {
    return;
  }
  throw refused(path, `it is a link that leads out of ${dirname(path)}`);
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function refused(path: string, why: string): StorageError {
  return new StorageError("other", path, `Cannot use ${path}: ${why}. Remove it and start again`);
}
