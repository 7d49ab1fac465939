/**
 * Notices when somebody else changes a file that is finished: nobody is given what is in it then.
 *
 * @module
 */
import { StorageError } from "../ports.ts";
import type { DiskEntry } from "./data_folder.ts";

/** A file that is read block by block is looked at this often (ms): a look costs a tenth of a read. */
const LOOK_MS = 50;

interface Mark {
  readonly size: number;
  readonly mtime: number;
  lookedAt: number;
}

/** Size and time of finished files, by their number. */
export class FileStamps {
  readonly #marks = new Map<number, Mark>();

  /** What the file is like now is how it should be, unless that is known already. */
  note(file: number, entry: DiskEntry | undefined): void {
    if (entry === undefined || this.#marks.has(file)) return;
    this.#marks.set(file, { size: entry.size, mtime: entry.mtime, lookedAt: -Infinity });
  }

  /** We change it ourselves. */
  forget(file: number): void {
    this.#marks.delete(file);
  }

  /** What it should be like, where that is known. */
  of(file: number): DiskEntry | undefined {
    const mark = this.#marks.get(file);
    return mark && { isFile: true, size: mark.size, mtime: mark.mtime };
  }

  /** Whether a file is not what it was. */
  isChanged(file: number, entry: DiskEntry | undefined): boolean {
    const mark = this.#marks.get(file);
    return mark !== undefined && (entry?.size !== mark.size || entry.mtime !== mark.mtime);
  }

  /**
   * Called before a file is read.
   *
   * @param look what it is like now
   * @throws {StorageError} where it is not what it was
   */
  require(file: number, path: string, look: () => DiskEntry | undefined): void {
    const mark = this.#marks.get(file);
    if (mark === undefined) return;
    const now = performance.now();
    if (now - mark.lookedAt < LOOK_MS) return;
    const entry = look();
    if (entry === undefined) {
      throw new StorageError("missing", path, `Cannot read ${path}: it is missing`);
    }
    if (this.isChanged(file, entry)) {
      throw new StorageError("changed", path, `Cannot read ${path}: it was changed`);
    }
    mark.lookedAt = now;
  }
}
