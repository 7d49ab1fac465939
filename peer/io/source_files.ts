/**
 * The files that a person means by naming a file, a folder, or several of either.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { compareBytes } from "../../protocol/new_file_tree.ts";
import { StorageError } from "../ports.ts";
import { toStorageError } from "./storage_error.ts";

/** A file to share. */
export interface SourceFile {
  /** Path for the system. */
  readonly path: string;
  /** Path within the torrent, in its parts. */
  readonly parts: readonly string[];
  /** Length in bytes. */
  readonly length: number;
  /** Time of the last change in ms since the epoch. */
  readonly mtime: number;
}

/** What is shared: one file, or a folder of files. */
export interface Source {
  /** The folder that holds `name`. */
  readonly dir: string;
  /** Name of the file or folder. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Sorted by path, so that the same content gives the same torrent everywhere. */
  readonly files: readonly SourceFile[];
}

export interface SourceOptions {
  /** Take files and folders whose names begin with a dot. Default false. */
  readonly includeHidden?: boolean | undefined;
  /** Take what systems leave behind: `Thumbs.db`, `Desktop.ini`, `.DS_Store` and the like. */
  readonly includeJunk?: boolean | undefined;
}

const JUNK = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", "__macosx"]);

/**
 * Finds the files of one path, or of several that lie in one folder, which becomes the torrent's.
 * Symbolic links inside a folder are left out; one that is named itself stands for its target.
 *
 * @throws {StorageError} naming the path that is missing, unreadable or empty
 */
export async function findSource(
  paths: readonly string[],
  options: SourceOptions = {},
): Promise<Source> {
  const named = await Promise.all(paths.map(realPath));
  const first = named[0];
  if (first === undefined) throw new RangeError("Cannot share nothing: name a file or a folder");
  const infos = await Promise.all(named.map(stat));
  const files: SourceFile[] = [];
  const isOne = named.length === 1;
  const folder = isOne && infos[0]!.isDirectory ? first : dirname(first);
  for (const [index, path] of named.entries()) {
    if (!isOne && dirname(path) !== folder) {
      throw new StorageError(
        "other",
        path,
        `Cannot share ${path} together with ${first}: they lie in different folders`,
      );
    }
    const parts = path === folder ? [] : [basename(path)];
    await collect(path, parts, infos[index]!, options, files);
  }
  if (files.every((file) => file.length === 0)) {
    const whole = isOne ? first : folder;
    throw new StorageError("other", whole, `Cannot share ${whole}: there is nothing in it`);
  }
  // By the bytes of the whole path, as mktorrent: the same folder has the same info hash everywhere.
  files.sort((a, b) => compareBytes(a.parts.join("/"), b.parts.join("/")));
  const isFolder = !isOne || infos[0]!.isDirectory;
  const top = isFolder ? folder : first;
  return { dir: dirname(top), name: basename(top), isFolder, files: dropTwice(files) };
}

/** @throws {StorageError} where a file is not what it was when `source` was found */
export async function requireUnchanged(source: Source): Promise<void> {
  for (const file of source.files) {
    const info = await stat(file.path);
    if (info.size === file.length && (info.mtime?.getTime() ?? 0) === file.mtime) continue;
    throw new StorageError(
      "other",
      file.path,
      `Cannot share ${file.path}: it changed while it was read: try again when it is finished`,
    );
  }
}

async function collect(
  path: string,
  parts: string[],
  info: Deno.FileInfo,
  options: SourceOptions,
  files: SourceFile[],
): Promise<void> {
  if (info.isFile) {
    files.push({ path, parts, length: info.size, mtime: info.mtime?.getTime() ?? 0 });
    return;
  }
  if (!info.isDirectory) {
    throw new StorageError("other", path, `Cannot share ${path}: it is neither file nor folder`);
  }
  try {
    for await (const entry of Deno.readDir(path)) {
      if (!(entry.isFile || entry.isDirectory) || isSkipped(entry.name, options)) continue;
      const below = join(path, entry.name);
      await collect(below, [...parts, entry.name], await stat(below), options, files);
    }
  } catch (error) {
    throw toStorageError(error, "read", path);
  }
}

function isSkipped(name: string, options: SourceOptions): boolean {
  if (!options.includeJunk && JUNK.has(name.toLowerCase())) return true;
  return !options.includeHidden && name.startsWith(".");
}

async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    throw toStorageError(error, "share", resolve(path));
  }
}

async function stat(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    throw toStorageError(error, "share", path);
  }
}

/** Without the repetitions that come of naming a path twice. */
function dropTwice(files: SourceFile[]): SourceFile[] {
  return files.filter((file, index) => file.path !== files[index - 1]?.path);
}
