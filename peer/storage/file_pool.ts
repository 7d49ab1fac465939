/**
 * A bounded set of open files with a line before each handle, because its position is shared by all
 * who use it.
 *
 * @module
 */

interface OpenFile {
  readonly handle: Deno.FsFile;
  /** Users in line or at work; a handle with none may be closed. */
  users: number;
  /** Settles when the last in line is done. */
  tail: Promise<unknown>;
}

/** Handles opened on demand; those of the file longest unused are closed when there are too many. */
export class FilePool {
  readonly #limit: number;
  readonly #perFile: number;
  /** By key, the longest unused first. */
  readonly #open = new Map<string, OpenFile[]>();
  #count = 0;

  /** @param perFile handles of one file: so many may be at work on it at once */
  constructor({ limit = 64, perFile = 1 } = {}) {
    this.#limit = limit;
    this.#perFile = perFile;
  }

  /**
   * Runs `work` on a handle kept under `key`, when those before it are done.
   *
   * @param open makes the handle where there is none; its errors reject the promise
   */
  use<T>(
    key: string,
    open: () => Deno.FsFile,
    work: (handle: Deno.FsFile) => Promise<T>,
  ): Promise<T> {
    let file: OpenFile;
    try {
      file = this.#take(key, open);
    } catch (error) {
      return Promise.reject(error);
    }
    file.users++;
    const result = file.users === 1 ? work(file.handle) : file.tail.then(() => work(file.handle));
    const done = (): void => {
      file.users--;
      if (this.#count > this.#limit) this.#closeIdle();
    };
    file.tail = result.then(done, done);
    this.#closeIdle();
    return result;
  }

  /** Closes what is kept under `key` when its lines are empty. */
  async close(key: string): Promise<void> {
    const files = this.#open.get(key) ?? [];
    this.#open.delete(key);
    this.#count -= files.length;
    for (const file of files) {
      while (file.users > 0) await file.tail;
      file.handle.close();
    }
  }

  /** Closes everything, after all work in line. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.close(key)));
  }

  /** An idle handle, a new one, or the one with the shortest line. */
  #take(key: string, open: () => Deno.FsFile): OpenFile {
    const files = this.#open.get(key) ?? [];
    let least = files[0];
    for (const file of files) if (file.users < least!.users) least = file;
    if (least === undefined || least.users > 0 && files.length < this.#perFile) {
      least = { handle: open(), users: 0, tail: Promise.resolve() };
      files.push(least);
      this.#count++;
    }
    this.#open.delete(key);
    this.#open.set(key, files);
    return least;
  }

  #closeIdle(): void {
    for (const [key, files] of this.#open) {
      if (this.#count <= this.#limit) return;
      if (files.some(({ users }) => users > 0)) continue;
      this.#open.delete(key);
      this.#count -= files.length;
      for (const { handle } of files) handle.close();
    }
  }
}
