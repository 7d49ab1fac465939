/**
 * Part file: keeps the bytes of unwanted files that share a piece with wanted ones.
 *
 * @module
 */
import type { PartFileSlots } from "./part_file_slots.ts";
import type { MappedFile, PresentFile } from "../pieces/file_map.ts";
import { StorageError } from "../ports.ts";
import type { DataFolder, DiskEntry } from "./data_folder.ts";
import { FilePool } from "./file_pool.ts";
import { toStorageError } from "./storage_error.ts";
import { writeAll, writeAllSync } from "./write_all.ts";

/** Bytes are addressed as in the torrent. Errors of the file system surface as `StorageError`. */
export class PartFile {
  readonly slots: PartFileSlots;
  readonly #folder: DataFolder;
  readonly #name: string;
  /** One handle, one line: who reads hears of everything that was written before. */
  readonly #open = new FilePool();
  #isUnsynced = false;

  /** @param name relative to the folder */
  constructor(folder: DataFolder, name: string, slots: PartFileSlots) {
    this.#folder = folder;
    this.#name = name;
    this.slots = slots;
  }

  /** The path to hand to the system. */
  get path(): string {
    return this.#folder.path(this.#name);
  }

  /** The file as it is on disk; undefined where it is not there. */
  entry(): DiskEntry | undefined {
    const entry = this.#folder.entry(this.#name);
    return entry?.isFile && !entry.isLink ? entry : undefined;
  }

  /** Fills `into` from `offset`. */
  async read(offset: number, into: Uint8Array): Promise<void> {
    try {
      await this.#use(async (handle) => {
        handle.seekSync(this.#at(offset), Deno.SeekMode.Start);
        for (let done = 0; done < into.length;) {
          const n = await handle.read(into.subarray(done));
          if (n === null) {
            throw new StorageError(
              "missing",
              this.path,
              `Cannot read ${this.path}: it is too short`,
            );
          }
          done += n;
        }
      }, false);
    } catch (error) {
      throw toStorageError(error, "read", this.path);
    }
  }

  /** Makes a file of what is kept of it, at `name`. What was never written is a hole there. */
  async copyTo(file: MappedFile, name: string): Promise<void> {
    using handle = this.#folder.create(name);
    for (const { offset, length } of this.slots.shared(file)) {
      const present = Math.min(length, (this.entry()?.size ?? 0) - this.#at(offset));
      if (present <= 0) continue;
      const bytes = new Uint8Array(present);
      await this.read(offset, bytes);
      handle.seekSync(offset - file.offset, Deno.SeekMode.Start);
      writeAllSync(handle, bytes);
    }
  }

  /** A file of the torrent cut into what is kept here and what is nowhere, for checking it. */
  diskFiles(file: MappedFile): PresentFile[] {
    const cuts: PresentFile[] = [];
    let at = file.offset;
    const size = this.entry()?.size ?? 0;
    const gap = (to: number) => {
      if (to > at) cuts.push({ offset: at, length: to - at, path: undefined, present: 0 });
      at = to;
    };
    for (const { offset, length } of this.slots.shared(file)) {
      gap(offset);
      const start = this.#at(offset);
      const present = Math.max(0, Math.min(length, size - start));
      cuts.push({ offset, length, path: this.path, start, present });
      at = offset + length;
    }
    gap(file.offset + file.length);
    return cuts.length > 0 ? cuts : [{ ...file, path: undefined, present: 0 }];
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    try {
      await this.#use(async (handle) => {
        handle.seekSync(this.#at(offset), Deno.SeekMode.Start);
        this.#isUnsynced = true;
        await writeAll(handle, bytes);
      }, true);
    } catch (error) {
      throw toStorageError(error, "write", this.path);
    }
  }

  async sync(): Promise<void> {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    try {
      await this.#use((handle) => handle.syncData(), false);
    } catch (error) {
      this.#isUnsynced = true;
      throw toStorageError(error, "save", this.path);
    }
  }

  release(): Promise<void> {
    return this.#open.closeAll();
  }

  /** Nothing in it is needed any more. */
  async delete(): Promise<void> {
    await this.release();
    this.#isUnsynced = false;
    try {
      if (this.entry() !== undefined) this.#folder.remove(this.#name);
    } catch (error) {
      throw toStorageError(error, "delete", this.path);
    }
  }

  #at(offset: number): number {
    const at = this.slots.at(offset);
    if (at === undefined) throw new RangeError(`No two files share the piece of byte ${offset}`);
    return at;
  }

  #use<T>(work: (handle: Deno.FsFile) => Promise<T>, create: boolean): Promise<T> {
    return this.#open.use("", () => {
      const isNew = create && !this.#folder.exists(this.#name);
      return isNew
        ? this.#folder.create(this.#name, { read: true })
        : this.#folder.openToUpdate(this.#name);
    }, work);
  }
}
