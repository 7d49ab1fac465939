/**
 * Reads a torrent's bytes from end to end, as checking and creating do.
 *
 * @module
 */
import { FileMap, type MappedFile } from "../logic/file_map.ts";
import { StorageError } from "../ports.ts";
import { toStorageError } from "./storage_error.ts";

/** A file to read. Without a path its bytes are zeros (padding). */
export interface BulkFile extends MappedFile {
  readonly path: string | undefined;
}

/** A read faster than this came from memory, in bytes per ms. */
const MEMORY_SPEED = 500_000;

/** Keeps one file open: the next range is most often in the same. */
export class BulkReader implements Disposable {
  readonly #files: readonly BulkFile[];
  readonly #map: FileMap;
  #current: { file: number; handle: Deno.FsFile } | undefined;
  #tail: Promise<void> = Promise.resolve();
  #isSlow = false;

  constructor(files: readonly BulkFile[]) {
    this.#files = files;
    this.#map = new FileMap(files);
  }

  /**
   * Fills `into` with the bytes from `offset`, after the reads asked for before.
   *
   * @throws {StorageError} of kind "missing" where a file is not there or too short
   */
  read(offset: number, into: Uint8Array): Promise<void> {
    const result = this.#tail.then(() => this.#read(offset, into));
    this.#tail = result.catch(() => {}); // The caller hears of it; the next read is another matter.
    return result;
  }

  [Symbol.dispose](): void {
    this.#current?.handle.close();
    this.#current = undefined;
  }

  async #read(offset: number, into: Uint8Array): Promise<void> {
    let at = 0;
    for (const span of this.#map.spans(offset, into.length)) {
      const part = into.subarray(at, at += span.length);
      const { path } = this.#files[span.file]!;
      if (path === undefined) part.fill(0);
      else await this.#fill(span.file, path, span.offset, part);
    }
  }

  async #fill(file: number, path: string, offset: number, into: Uint8Array): Promise<void> {
    try {
      const handle = this.#open(file, path);
      handle.seekSync(offset, Deno.SeekMode.Start);
      for (let at = 0; at < into.length;) {
        const n = await this.#readSome(handle, into.subarray(at));
        if (n === null) {
          throw new StorageError("missing", path, `Cannot read ${path}: it is shorter than it was`);
        }
        at += n;
      }
    } catch (error) {
      throw toStorageError(error, "read", path);
    }
  }

  /**
   * What lies in memory is copied here and now: a trip to the thread pool costs more than the copy
   * (a third of all time in a check). A slow disk must not hold up the program, so it gets the trip.
   */
  async #readSome(handle: Deno.FsFile, into: Uint8Array): Promise<number | null> {
    const start = performance.now();
    const n = this.#isSlow ? await handle.read(into) : handle.readSync(into);
    this.#isSlow = performance.now() - start > 1 + (n ?? 0) / MEMORY_SPEED;
    return n;
  }

  #open(file: number, path: string): Deno.FsFile {
    if (this.#current?.file !== file) {
      this[Symbol.dispose]();
      this.#current = { file, handle: Deno.openSync(path, { read: true }) };
    }
    return this.#current!.handle;
  }
}
