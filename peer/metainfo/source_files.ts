/**
 * The files that a person means by naming a file, a folder, or several of either.
 *
 * @module
 */
import { basename, dirname, join, resolve, SEPARATOR } from "@std/path";
import { MAX_FILES } from "../../protocol/bounds.ts";
import { byteText } from "../../protocol/file_tree_encoder.ts";
import { sortSteps } from "../../protocol/sort_steps.ts";
import { slices } from "../../loop/process_loop.ts";
import { StorageError } from "../ports.ts";
import { isNotUtf8, mayBeNotUtf8, NOT_UTF8 } from "../storage/name_encoding.ts";
import { toStorageError } from "../storage/storage_error.ts";

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
  /** What was left out though nobody said so: each in words, with its path. */
  readonly leftOut: readonly string[];
}

export interface SourceOptions {
  /** Where the .torrent goes: what lies there is not taken. By what is shared. */
  readonly output?:
    | ((source: Pick<Source, "dir" | "name" | "isFolder">) => string | undefined)
    | undefined;
  /** Called before anything is hashed, with where the .torrent goes. */
  readonly beforeHash?: ((output: string | undefined) => Promise<void>) | undefined;
  /** Take files and folders whose names begin with a dot. Default false. */
  readonly includeHidden?: boolean | undefined;
  /** Take what systems leave behind: `Thumbs.db`, `Desktop.ini`, `.DS_Store` and the like. */
  readonly includeJunk?: boolean | undefined;
}

const JUNK = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", "__macosx"]);

/**
 * Finds the files of one path, or of several that lie in one folder, which becomes the torrent's.
 * Symbolic links stand for their targets as long as those are in the folder; others, and those that
 * lead in a circle or nowhere, are left out and told. One that is named itself may lead anywhere.
 *
 * @throws {StorageError} naming the path that is missing, unreadable or empty
 */
export async function findSource(
  paths: readonly string[],
  options: SourceOptions = {},
): Promise<Source> {
  // One of several does not keep the others from being shared.
  const unnamable = paths.length === 1 ? [] : paths.filter(isNotUtf8);
  const others = paths.filter((path) => !unnamable.includes(path));
  const named = await Promise.all((others.length > 0 ? others : paths).map(realPath));
  const first = named[0];
  if (first === undefined) throw new RangeError("Cannot share nothing: name a file or a folder");
  const infos = await Promise.all(named.map(stat));
  const isOne = paths.length === 1;
  const isFolder = !isOne || infos[0]!.isDirectory;
  const folder = isOne && infos[0]!.isDirectory ? first : dirname(first);
  const top = isFolder ? folder : first;
  const source = { dir: dirname(top), name: basename(top), isFolder };
  const output = options.output?.(source);
  const search: Search = { root: folder, output, options, files: [], leftOut: [], folders: 0 };
  for (const path of unnamable) search.leftOut.push(`${path} ${NOT_UTF8}`);
  for (const [index, path] of named.entries()) {
    if (!isOne && dirname(path) !== folder) {
      throw new StorageError(
        "other",
        path,
        `Cannot share ${path} together with ${first}: they lie in different folders`,
      );
    }
    const parts = path === folder ? [] : [basename(path)];
    if (path === output && isFolder) {
      search.leftOut.push(`${path} is where the .torrent goes`);
    } else await collect(path, parts, infos[index]!, search, [path]);
  }
  const { files, leftOut } = search;
  if (files.every((file) => file.length === 0)) {
    const whole = isOne ? first : folder;
    const why = leftOut.length === 0 ? "there is nothing in it" : leftOutInWords(leftOut);
    throw new StorageError("other", whole, `Cannot share ${whole}: ${why}`);
  }
  // By the bytes of the whole path, as mktorrent: the same folder has the same info hash everywhere.
  const sorted = await sortByKey(files, ({ parts }) => byteText(parts.join("/")));
  await options.beforeHash?.(output);
  return { ...source, files: dropTwice(sorted), leftOut };
}

/** Sorts files by a text that is made once for each, with pauses in which others are served. */
export async function sortByKey(
  files: readonly SourceFile[],
  keyOf: (file: SourceFile) => string,
): Promise<SourceFile[]> {
  const keyed: { readonly file: SourceFile; readonly key: string }[] = [];
  await slices.each(files, (file) => keyed.push({ file, key: keyOf(file) }));
  const sorted = await slices.run(
    sortSteps(keyed, (a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
  return sorted.map(({ file }) => file);
}

/** Where `create` puts a folder's .torrent when it is called in that folder: no part of it. */
export function torrentInside({ dir, name, isFolder }: Pick<Source, "dir" | "name" | "isFolder">) {
  return isFolder ? join(dir, name, `${name}.torrent`) : undefined;
}

/** Left out files that are named one by one. */
const NAMED = 3;

/** What was left out, in one sentence. */
export function leftOutInWords(leftOut: readonly string[]): string {
  const more = leftOut.length - NAMED;
  const words = leftOut.slice(0, NAMED).join("; ");
  return `left out: ${words}${more > 0 ? `; and ${more} more` : ""}`;
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

interface Search {
  /** Where links may lead: nowhere but into this folder. */
  readonly root: string;
  readonly output: string | undefined;
  readonly options: SourceOptions;
  readonly files: SourceFile[];
  readonly leftOut: string[];
  /** How many were read: links between folders multiply them. */
  folders: number;
}

/** @param above real paths of the folders on the way: a link to one of them leads in a circle */
async function collect(
  path: string,
  parts: string[],
  info: Deno.FileInfo,
  search: Search,
  above: readonly string[],
): Promise<void> {
  const { files, options, leftOut } = search;
  if (info.isFile) {
    if (files.length >= MAX_FILES) throw tooMuch(search.root, "files");
    files.push({ path, parts, length: info.size, mtime: info.mtime?.getTime() ?? 0 });
    return;
  }
  if (!info.isDirectory) {
    throw new StorageError("other", path, `Cannot share ${path}: it is neither file nor folder`);
  }
  if (++search.folders > MAX_FILES) throw tooMuch(search.root, "folders");
  try {
    for await (const entry of Deno.readDir(path)) {
      if (isSkipped(entry.name, options)) continue;
      const below = join(path, entry.name);
      if (mayBeNotUtf8(entry.name) && !await isThere(below)) {
        leftOut.push(`${below} ${NOT_UTF8}`);
        continue;
      }
      const real = entry.isSymlink ? await targetOf(below, search.root, above) : below;
      if (typeof real !== "string") {
        leftOut.push(`${below} ${real.problem}`);
        continue;
      }
      const found = await stat(below);
      if (real === search.output) leftOut.push(`${below} is where the .torrent goes`);
      else if (!found.isFile && !found.isDirectory) {
        leftOut.push(`${below} is neither file nor folder`);
      } else {
        const way = found.isDirectory && entry.isSymlink ? [...above, real] : above;
        const next = found.isDirectory && !entry.isSymlink ? [...above, below] : way;
        await collect(below, [...parts, entry.name], found, search, next);
      }
    }
  } catch (error) {
    throw toStorageError(error, "read", path);
  }
}

function tooMuch(root: string, what: string): StorageError {
  return new StorageError(
    "other",
    root,
    `Cannot share ${root}: it has more than ${MAX_FILES} ${what}, with those behind links`,
  );
}

/** What a link stands for, or why it is left out. */
async function targetOf(
  link: string,
  root: string,
  above: readonly string[],
): Promise<string | { readonly problem: string }> {
  let real: string;
  try {
    real = await Deno.realPath(link);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw error;
    return { problem: "is a link that leads nowhere" };
  }
  if (above.includes(real)) return { problem: "is a link that leads in a circle" };
  const isInside = real.startsWith(root.endsWith(SEPARATOR) ? root : root + SEPARATOR);
  return isInside ? real : { problem: `is a link that leads out of ${root}` };
}

function isSkipped(name: string, options: SourceOptions): boolean {
  if (!options.includeJunk && JUNK.has(name.toLowerCase())) return true;
  return !options.includeHidden && name.startsWith(".");
}

/** Whether anything is found by that name. */
function isThere(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, (error) => !(error instanceof Deno.errors.NotFound));
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
