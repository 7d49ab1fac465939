/**
 * A bounded set of open files with a line before each, because a file's position is shared by all
 * who use its handle.
 *
 * @module
 */

interface OpenFile {
  readonly handle: Deno.FsFile;
  /** Users in line or at work; an entry with none may be closed. */
  users: number;
  /** Settles when the last in line is done. */
  tail: Promise<unknown>;
}

/** Handles opened on demand; the one longest unused is closed when there are too many. */
export class OpenFiles {
  readonly #limit: number;
  /** By key, the longest unused first. */
  readonly #open = new Map<string, OpenFile>();

  constructor(limit = 64) {
    this.#limit = limit;
  }

  /**
   * Runs `work` on the handle kept under `key`, when those before it are done.
   *
   * @param open makes the handle where there is none; its errors reject the promise
   */
  use<T>(
    key: string,
    open: () => Deno.FsFile,
    work: (handle: Deno.FsFile) => Promise<T>,
  ): Promise<T> {
    let entry = this.#open.get(key);
    try {
      entry ??= { handle: open(), users: 0, tail: Promise.resolve() };
    } catch (error) {
      return Promise.reject(error);
    }
    const file = entry;
    this.#open.delete(key);
    this.#open.set(key, file);
    file.users++;
    const result = file.users === 1 ? work(file.handle) : file.tail.then(() => work(file.handle));
    const done = (): void => {
      file.users--;
      if (this.#open.size > this.#limit) this.#closeIdle();
    };
    file.tail = result.then(done, done);
    this.#closeIdle();
    return result;
  }

  /** Closes what is kept under `key` when its line is empty. */
  async close(key: string): Promise<void> {
    const file = this.#open.get(key);
    if (file === undefined) return;
    this.#open.delete(key);
    while (file.users > 0) await file.tail;
    file.handle.close();
  }

  /** Closes everything, after all work in line. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.close(key)));
  }

  #closeIdle(): void {
    for (const [key, file] of this.#open) {
      if (this.#open.size <= this.#limit) return;
      if (file.users > 0) continue;
      this.#open.delete(key);
      file.handle.close();
    }
  }
}
