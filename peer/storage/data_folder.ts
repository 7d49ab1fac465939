/**
 * The folder that a torrent's files live in. Whatever links somebody has planted there, or plants
 * while we work, nothing is read or written outside of it.
 *
 * The runtime opens no file relative to a folder's handle. So it is looked before and after: before,
 * that the way leads inside; after, that what was opened is what lies there, and no link. Only then
 * its first byte is read or written. One mismatch ends it: nobody gets many tries.
 *
 * @module
 */
import { dirname, join, SEPARATOR } from "@std/path";
import { StorageError } from "../ports.ts";
import { toStorageError } from "./storage_error.ts";

/**
 * Somebody who exchanges a folder for a link all the time may do so between any two looks, each time
 * with a chance of a half. So it is looked again and again where a folder above changed of late.
 */
const LOOKS_WHILE_MOVING = 16;
const MOVING_MS = 250;

/** What is at a path: a regular file (or a link to one inside the folder), or something else. */
export interface DiskEntry {
  readonly isFile: boolean;
  /** Size in bytes. */
  readonly size: number;
  /** Time of the last change in ms since the epoch. */
  readonly mtime: number;
  /** Whether it is a link, to which nothing is written. Default: no. */
  readonly isLink?: boolean;
}

/** Whether nothing seems to have happened between two looks at a file. */
export function sameEntry(a: DiskEntry, b: DiskEntry | undefined): boolean {
  return a.size === b?.size && a.mtime === b.mtime;
}

/** Names below a folder, given relative to it with `/` between the parts. */
export class DataFolder {
  readonly dir: string;
  /** Folders seen to exist and to be inside: which ones, where the system can tell. */
  readonly #inside = new Map<string, Identity | undefined>();
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
        ...(link.isSymlink && { isLink: true }),
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw toStorageError(error, "look at", this.path(name));
    }
  }

  /** Whether anything has that name. @throws {StorageError} */
  exists(name: string): boolean {
    return this.entry(name) !== undefined;
  }

  /** Believes nothing of what it saw: folders may have come and gone. */
  forget(): void {
    this.#inside.clear();
    this.#absent.clear();
  }

  /** Makes the folders above `name`. @throws {StorageError} */
  makeParents(name: string): void {
    const folder = dirname(name);
    try {
      if (this.#requireFolder(folder)) return;
      const missing = [folder];
      while (missing[0] !== "." && !this.#requireFolder(dirname(missing[0]!))) {
        missing.unshift(dirname(missing[0]!));
      }
      for (const one of missing) {
        // The folder itself is where a person wants it, with all above it.
        Deno.mkdirSync(this.path(one), { recursive: one === "." });
        if (!this.#requireFolder(one)) throw swapped(this.path(one));
      }
      this.#absent.clear();
    } catch (error) {
      throw toStorageError(error, "create the folder", this.path(folder));
    }
  }

  /** Opens a file for reading. @throws {StorageError} where it is not in here */
  openToRead(name: string): Deno.FsFile {
    return this.#open(name, { read: true });
  }

  /** Opens a file that is there for writing. @throws {StorageError} where it is not, or is a link */
  openToWrite(name: string): Deno.FsFile {
    return this.#open(name, { write: true });
  }

  /** Opens a file for both. @throws {StorageError} where it is not there, or is a link */
  openToUpdate(name: string): Deno.FsFile {
    return this.#open(name, { read: true, write: true });
  }

  /** Makes a file that is not there, and the folders above it. @throws {StorageError} */
  create(name: string, { read = false } = {}): Deno.FsFile {
    this.makeParents(name);
    const handle = Deno.openSync(this.path(name), { read, write: true, createNew: true });
    return this.#proven(name, handle, true);
  }

  /** Gives a file another name, over what has it. @throws {StorageError} where it is a link */
  rename(from: string, to: string): void {
    for (const folder of new Set([dirname(from), dirname(to)])) {
      if (!this.#requireFolder(folder)) throw missing(this.path(from));
    }
    const before = Deno.lstatSync(this.path(from));
    if (!before.isFile) throw swapped(this.path(from));
    Deno.renameSync(this.path(from), this.path(to));
    const after = Deno.lstatSync(this.path(to));
    if (!isSame(before, after) || !this.#requireFolder(dirname(to))) throw swapped(this.path(to));
  }

  /**
   * Gives a file one more name, in another folder or this one. Both names are the same file then.
   *
   * @throws {StorageError} where it is a link
   * @throws {Deno.errors.AlreadyExists} where something has that name
   */
  linkTo(name: string, folder: DataFolder, to: string): void {
    if (!this.#requireFolder(dirname(name))) throw missing(this.path(name));
    const before = Deno.lstatSync(this.path(name));
    if (!before.isFile) throw noFile(this.path(name));
    folder.makeParents(to);
    Deno.linkSync(this.path(name), folder.path(to));
    const after = Deno.lstatSync(folder.path(to));
    if (!isSame(before, after) || !folder.#requireFolder(dirname(to))) {
      throw swapped(folder.path(to));
    }
  }

  /** Deletes a file, or a link. */
  remove(name: string): void {
    if (!this.#requireFolder(dirname(name))) return;
    if (Deno.lstatSync(this.path(name)).isDirectory) throw swapped(this.path(name));
    Deno.removeSync(this.path(name));
  }

  /** Removes the folders above `name` that are empty, up to the folder itself. */
  removeEmptyParents(name: string): void {
    for (let folder = dirname(name); folder !== "."; folder = dirname(folder)) {
      try {
        if (!this.#requireFolder(dirname(folder))) return;
        if (!Deno.lstatSync(this.path(folder)).isDirectory) return;
        Deno.removeSync(this.path(folder));
      } catch {
        return; // Not empty, or gone: either way it stays as it is.
      }
      this.#inside.delete(folder);
    }
  }

  #open(name: string, how: { read?: boolean; write?: boolean }): Deno.FsFile {
    const path = this.path(name);
    if (how.write && !this.#requireFolder(dirname(name))) throw missing(path);
    // Opening something else than a file may wait for ever.
    const there = Deno.lstatSync(path);
    const isLink = there.isSymlink && !how.write && this.#followInside(path)?.isFile === true;
    if (!there.isFile && !isLink) throw noFile(path);
    return this.#proven(name, Deno.openSync(path, how), !isLink);
  }

  /** Closes what was opened unless it lies where it should. */
  #proven(name: string, handle: Deno.FsFile, isDirect: boolean): Deno.FsFile {
    const path = this.path(name);
    try {
      const opened = handle.statSync();
      const looks = isDirect && this.#isMoving(dirname(name)) ? LOOKS_WHILE_MOVING : 1;
      let isThere = true;
      for (let look = 0; look < looks && isThere; look++) {
        const there = isDirect ? Deno.lstatSync(path) : this.#followInside(path);
        isThere = there?.isFile === true && isSame(opened, there) &&
          this.#requireFolder(dirname(name));
      }
      if (isThere) return handle;
    } catch (error) {
      handle.close();
      throw error instanceof Deno.errors.NotFound ? swapped(path) : error;
    }
    handle.close();
    throw swapped(path);
  }

  /** Whether a name in a folder above was exchanged, or made, a moment ago. */
  #isMoving(folder: string): boolean {
    const since = Date.now() - MOVING_MS;
    for (let above = folder; above !== ".";) {
      above = dirname(above);
      if ((Deno.statSync(this.path(above)).ctime?.getTime() ?? 0) > since) return true;
    }
    return false;
  }

  /**
   * Whether a folder exists, looked at now: it may have been swapped since.
   *
   * @throws {StorageError} where it is outside
   */
  #requireFolder(folder: string): boolean {
    const known = this.#inside.get(folder);
    if (known !== undefined) {
      try {
        if (isSame(known, Deno.statSync(this.path(folder)))) return true;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    this.#inside.delete(folder);
    this.#absent.delete(folder);
    return this.#checkFolder(folder);
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
    this.#inside.set(folder, identityOf(Deno.statSync(real)));
    return true;
  }

  #contains(real: string): boolean {
    const root = Deno.realPathSync(this.dir);
    return real === root || real.startsWith(root.endsWith(SEPARATOR) ? root : root + SEPARATOR);
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

/** Which file or folder something is, whatever its name. */
interface Identity {
  readonly dev: number;
  readonly ino: number | null;
}

/** Undefined where the system cannot tell. */
function identityOf({ dev, ino }: Identity): Identity | undefined {
  return ino === null || ino === 0 ? undefined : { dev, ino };
}

function isSame(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function missing(path: string): StorageError {
  return new StorageError("missing", path, `Cannot use ${path}: its folder is missing`);
}

function swapped(path: string): StorageError {
  return new StorageError(
    "other",
    path,
    `Cannot use ${path}: it was exchanged for something else just now`,
  );
}

function noFile(path: string): StorageError {
  return new StorageError(
    "other",
    path,
    `Cannot use ${path}: it is no file but a link or the like`,
  );
}
