/**
 * Store lock: keeps two processes out of one store.
 *
 * @module
 */
import { join } from "@std/path";
import { refuseLink, requireOpened } from "../storage/no_link.ts";
import { endLock, holderOf, signLock } from "../storage/process_lock.ts";
import { toStorageError } from "../storage/storage_error.ts";

/** Another process (or another engine of this one) has the store open. */
export class StoreBusyError extends Error {
  override name = "StoreBusyError";
}

/**
 * A lock of the system's on `peer.lock`: it ends with the process, however that ends, so a `kill -9`
 * leaves no store that nobody can open.
 */
export class StoreLock implements Disposable {
  readonly #file: Deno.FsFile;
  #isHeld = true;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** @throws {StoreBusyError} where it is held; {StorageError} where it cannot be made */
  static take(stateDir: string): StoreLock {
    const path = join(stateDir, "peer.lock");
    let file: Deno.FsFile;
    try {
      refuseLink(path);
      file = Deno.openSync(path, { create: true, read: true, write: true });
    } catch (error) {
      throw toStorageError(error, "lock", path);
    }
    try {
      requireOpened(file, path);
      if (!file.tryLockSync(true)) throw busy(stateDir, file);
      signLock(file, path);
      return new StoreLock(file);
    } catch (error) {
      file.close();
      throw error instanceof StoreBusyError ? error : toStorageError(error, "lock", path);
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    endLock(this.#file);
  }
}

function busy(stateDir: string, file: Deno.FsFile): StoreBusyError {
  const holder = holderOf(file, "another process");
  return new StoreBusyError(
    `Peer store ${stateDir} is in use by ${holder}: stop that program or choose another peer ID`,
  );
}
