/**
 * The folder that a torrent's files live in. Whatever links somebody has planted there, nothing is
 * read or written outside of it.
 *
 * @module
 */
import { dirname, join, sep } from "node:path";
import { StorageError } from "../ports.ts";
import { toStorageError } from "./storage_error.ts";

/** What is at a path: a regular file (or a link to one inside the folder), or something else. */
export interface DiskEntry {
  readonly isFile: boolean;
  /** Size in bytes. */
  readonly size: number;
  /** Time of the last change in ms since the epoch. */
  readonly mtime: number;
}

/** Whether nothing seems to have happened between two looks at a file. */
export function sameEntry(a: DiskEntry, b: DiskEntry | undefined): boolean {
  return a.size === b?.size && a.mtime === b.mtime;
}

/** Names below a folder, given relative to it with `/` between the parts. */
export class DataFolder {
  readonly dir: string;
  /** Folders known to exist and to be inside. */
  readonly #inside = new Set<string>();
  /** Folders that were not there when they were looked for, until we make one. */
  readonly #absent = new Set<string>();

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The path to hand to the system. */
  path(name: string): string {
    return join(this.dir, name);
  }

  /**
   * What is at `name`; undefined for nothing.
   *
   * @throws {StorageError} where a folder on the way is a link that leads out
   */
  entry(name: string): DiskEntry | undefined {
    try {
      if (!this.#checkFolder(dirname(name))) return undefined;
      const path = this.path(name);
      const link = Deno.lstatSync(path);
      const info = link.isSymlink ? this.#followInside(path) : link;
      return {
        isFile: info?.isFile ?? false,
        size: info?.size ?? 0,
        mtime: info?.mtime?.getTime() ?? 0,
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw toStorageError(error, "look at", this.path(name));
    }
  }

  /** Believes nothing of what it saw: folders may have come and gone. */
  forget(): void {
    this.#inside.clear();
    this.#absent.clear();
  }

  /** Makes the folders above `name`. @throws {StorageError} */
  makeParents(name: string): void {
    const folder = dirname(name);
    this.#absent.clear();
    try {
      if (this.#checkFolder(folder)) return;
      let existing = folder;
      while (existing !== "." && !this.#checkFolder(existing)) existing = dirname(existing);
      Deno.mkdirSync(this.path(folder), { recursive: true });
      this.#absent.clear();
    } catch (error) {
      throw toStorageError(error, "create the folder", this.path(folder));
    }
  }

  /** Opens a file for reading. */
  openToRead(name: string): Deno.FsFile {
    return Deno.openSync(this.path(name), { read: true });
  }

  /** Opens a file that is there for writing. */
  openToWrite(name: string): Deno.FsFile {
    return Deno.openSync(this.path(name), { write: true });
  }

  /** Makes a file that is not there, and the folders above it. */
  create(name: string): Deno.FsFile {
    this.makeParents(name);
    return Deno.openSync(this.path(name), { write: true, createNew: true });
  }

  rename(from: string, to: string): void {
    Deno.renameSync(this.path(from), this.path(to));
  }

  remove(name: string): void {
    Deno.removeSync(this.path(name));
  }

  /** Removes the folders above `name` that are empty, up to the folder itself. */
  removeEmptyParents(name: string): void {
    for (let folder = dirname(name); folder !== "."; folder = dirname(folder)) {
      try {
        Deno.removeSync(this.path(folder));
      } catch {
        return; // Not empty, or gone: either way it stays as it is.
      }
      this.#inside.delete(folder);
    }
  }

  /** Whether a folder exists. @throws {StorageError} where it is outside */
  #checkFolder(folder: string): boolean {
    if (this.#inside.has(folder)) return true;
    // Thousands of files in one missing folder would each pay for an exception.
    if (this.#absent.has(folder)) return false;
    let real: string;
    try {
      real = Deno.realPathSync(this.path(folder));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      this.#absent.add(folder);
      return false;
    }
    if (!this.#contains(real)) {
      const path = this.path(folder);
      throw new StorageError(
        "other",
        path,
        `Cannot use ${path}: it is a link that leads out of ${this.dir}`,
      );
    }
    this.#inside.add(folder);
    return true;
  }

  #contains(real: string): boolean {
    const root = Deno.realPathSync(this.dir);
    return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  }

  /** What a link points at; undefined where that is outside or nothing. */
  #followInside(path: string): Deno.FileInfo | undefined {
    try {
      return this.#contains(Deno.realPathSync(path)) ? Deno.statSync(path) : undefined;
    } catch {
      return undefined; // A dangling or circular link.
    }
  }
}
