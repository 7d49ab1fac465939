/**
 * Files of the store as the page names them: relative, and never anything outside of it.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { CommandError, UsageError } from "../errors.ts";
import type { StoreEntry } from "./api_types.ts";

/** Entries of a folder that are shown at most. */
const MAX_ENTRIES = 2000;

/**
 * The path that `text` means within the store.
 *
 * @param text relative, with `/` or the system's separator
 * @throws {UsageError} where it leads out of the store, also by a symbolic link, or is hidden
 */
export async function pathInStore(store: string, text: string): Promise<string> {
  const outside = () => new UsageError(`"${text}" is not in the store: name what lies in ${store}`);
  // deno-lint-ignore no-control-regex
  if (isAbsolute(text) || /[\u0000-\u001f\u007f]/.test(text) || /^[a-z]:/i.test(text)) {
    throw outside();
  }
  const parts = text.split(/[\\/]/).filter((part) => part !== "" && part !== ".");
  if (parts.some((part) => part.startsWith("."))) throw outside();
  const path = resolve(store, ...parts);
  if (!isWithin(await nearestReal(path), await Deno.realPath(store))) throw outside();
  return path;
}

/** A folder of the store: what could be shared, by name. */
export async function listStore(store: string, text: string): Promise<StoreEntry[]> {
  const folder = await pathInStore(store, text);
  const entries: StoreEntry[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (name.startsWith(".") || name.endsWith(".part") || !(isDirectory || isFile)) continue;
    const size = isFile ? await sizeOf(join(folder, name)) : null;
    if (size === undefined) continue;
    if (entries.length === MAX_ENTRIES) {
      throw new CommandError("failed", `More than ${MAX_ENTRIES} files in ${text || "the store"}`);
    }
    const path = relative(store, join(folder, name)).split(sep).join("/");
    entries.push({ name, path, kind: isFile ? "file" : "folder", size });
  }
  return entries.sort((a, b) =>
    a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind === "folder" ? -1 : 1
  );
}

/** Bytes of a file; undefined where it cannot be asked for: gone meanwhile, or its name is not UTF-8. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The real path of what is there of `path`: a folder that is still to be made has a parent. */
async function nearestReal(path: string): Promise<string> {
  for (let at = path;; at = dirname(at)) {
    try {
      return await Deno.realPath(at);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || dirname(at) === at) throw error;
      // A link whose target is still missing leads wherever that will be.
      if (await Deno.lstat(at).then(({ isSymlink }) => isSymlink, () => false)) throw error;
    }
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`));
}
