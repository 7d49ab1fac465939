/**
 * Download lock: two programs that download one torrent into one folder would write into each other's
 * files.
 *
 * @module
 */
import { StorageError } from "../ports.ts";
import { requireOpened } from "./no_link.ts";
import { endLock, holderOf, signLock } from "./process_lock.ts";
import type { DataFolder } from "./data_folder.ts";

/**
 * A lock of the system's on a hidden file beside the torrent's. It ends with the process, however
 * that ends; the file is there only while something is written.
 */
export class DownloadLock {
  readonly #folder: DataFolder;
  readonly #name: string;
  #held: Deno.FsFile | undefined;
  #isTried = false;

  /** @param name relative to the folder */
  constructor(folder: DataFolder, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  /** @throws {StorageError} where another program downloads here, or somebody's file has the name */
  requireFree(): void {
    if (this.#held !== undefined || !this.#isThere()) return;
    try {
      this.take();
    } finally {
      // Of a program that was killed: nothing is written yet.
      this.release();
    }
  }

  /**
   * Keeps others out from now on.
   *
   * @throws {StorageError} where another program downloads here, or somebody's file has the name
   */
  take(tries = 3): void {
    if (this.#held !== undefined || this.#isTried) return;
    const file = this.#open();
    // Where nobody can lock (a read-only folder, NFS without locks), writing says what is wrong.
    this.#isTried = true;
    if (file === undefined) return;
    try {
      if (!file.tryLockSync(true)) throw this.#inUse(file);
      // Its holder may have removed it in this moment: the next one would make another.
      requireOpened(file, this.#folder.path(this.#name));
      this.#sign(file);
      this.#held = file;
    } catch (error) {
      file.close();
      if (!(error instanceof StorageError)) return;
      this.#isTried = false;
      if (error.kind === "in-use" || error.kind === "exists") throw error;
      // Somebody who exchanges it all the time is no reason not to download.
      if (tries > 0) this.take(tries - 1);
    }
  }

  /** Nothing more is written. */
  release(): void {
    this.#isTried = false;
    const file = this.#held;
    if (file === undefined) return;
    this.#held = undefined;
    try {
      this.#folder.remove(this.#name);
    } catch {
      // Empty and hidden, it is in nobody's way.
    }
    endLock(file);
  }

  #isThere(): boolean {
    try {
      return this.#folder.exists(this.#name);
    } catch {
      return false;
    }
  }

  #open(): Deno.FsFile | undefined {
    try {
      return this.#isThere()
        ? this.#folder.openToUpdate(this.#name)
        : this.#folder.create(this.#name, { read: true });
    } catch {
      return undefined;
    }
  }

  #sign(file: Deno.FsFile): void {
    try {
      signLock(file, this.#folder.path(this.#name));
    } catch (error) {
      file.unlockSync();
      if (!(error instanceof StorageError) || error.kind !== "exists") throw error;
      const { path, message } = error;
      throw new StorageError("exists", path, message, { remedy: { kind: "again" } });
    }
  }

  #inUse(file: Deno.FsFile): StorageError {
    const holder = holderOf(file, "another program");
    const { dir } = this.#folder;
    return new StorageError(
      "in-use",
      dir,
      `It is being downloaded into ${dir} by ${holder} already`,
      { remedy: { kind: "in-use" } },
    );
  }
}
