/**
 * Files on disk: the state of one torrent's files, under whichever name each has. Looking at many
 * takes a while: those who are asked for all of them pause, so that others are served.
 *
 * @module
 */
import type { Origin } from "./file_faults.ts";
import type { PartFile } from "./part_file.ts";
import type { DataFolder, DiskEntry } from "./data_folder.ts";
import type { FileStamps } from "./file_stamps.ts";
import type { Place } from "./file_names.ts";
import type { StoredFile } from "./file_store_options.ts";
import type { PresentFile } from "../pieces/file_map.ts";
import { slices } from "../../loop/process_loop.ts";

export interface FilesOnDiskOptions {
  readonly files: readonly StoredFile[];
  readonly folder: DataFolder;
  readonly marks: FileStamps;
  /** Where each file is now. */
  readonly places: readonly Place[];
  readonly boundary: PartFile | undefined;
  readonly isWanted: (file: number) => boolean;
  readonly originOf: (file: number) => Origin;
}

/** A finished or unfinished file as a record has it. */
export interface RecordedFile {
  /** Its final name relative to the folder: what `FileStoreOptions.paths` wants next time. */
  readonly path: string;
  /** As it is, or a finished one as it was when it was right; undefined where it is not there. */
  readonly entry: DiskEntry | undefined;
  readonly origin: Origin;
}

/** One torrent's files as the system shows them. */
export class FilesOnDisk {
  readonly #options: FilesOnDiskOptions;

  constructor(options: FilesOnDiskOptions) {
    this.#options = options;
  }

  /** Whether a file is ever on disk: padding and links are not. */
  isReal(file: number): boolean {
    const { pad, symlink } = this.#options.files[file]!;
    return !pad && !symlink;
  }

  /** Whether a file lies under its final name. Padding and links always do. */
  isFinal(file: number): boolean {
    return !this.isReal(file) || this.#options.places[file]!.at === "final";
  }

  /** Whether some of a file's bytes are in the boundary file: `entry` tells of that one then. */
  isAtBoundary(file: number): boolean {
    return this.isReal(file) && this.#options.places[file]!.at === "boundary";
  }

  /** The name under which a file's bytes lie or will lie, relative to the folder. */
  nameOf(file: number): string {
    const place = this.#options.places[file]!;
    return place.at === "part" ? place.part : place.path;
  }

  /** The path to hand to the system. */
  pathOf(file: number): string {
    return this.#options.folder.path(this.nameOf(file));
  }

  /**
   * Size and time of a file on disk, under whichever name; undefined where it is not there.
   *
   * @param boundary the boundary file, where it was looked at before
   */
  entry(file: number, boundary = () => this.#options.boundary!.entry()): DiskEntry | undefined {
    const { at } = this.#options.places[file]!;
    if (!this.isReal(file) || at === "nowhere") return undefined;
    if (at === "boundary") return boundary();
    const entry = this.#options.folder.entry(this.nameOf(file));
    return entry?.isFile ? entry : undefined;
  }

  /** All of them by `entry`. */
  async entries(): Promise<(DiskEntry | undefined)[]> {
    const boundary = this.#boundary();
    return await this.#each((file) => this.entry(file, boundary));
  }

  /** All of them as a record has them. */
  async recorded(): Promise<RecordedFile[]> {
    const { places, marks, originOf } = this.#options;
    const boundary = this.#boundary();
    return await this.#each((file) => {
      const right = this.isFinal(file) ? marks.of(file) : undefined;
      const entry = right ?? this.entry(file, boundary);
      return { path: places[file]!.path, entry, origin: originOf(file) };
    });
  }

  /** How much of the torrent could be read here: for each file the bytes present, at most its length. */
  present(): Promise<number[]> {
    return this.#each((file) => this.isAtBoundary(file) ? 0 : this.#presentOf(file));
  }

  /** The files as they are, for checking everything there is. */
  async all(): Promise<PresentFile[]> {
    const { files, boundary } = this.#options;
    const found: PresentFile[] = [];
    await slices.each(files.keys(), (file) => {
      const { offset, length } = files[file]!;
      if (this.isAtBoundary(file)) return found.push(...boundary!.diskFiles(files[file]!));
      const path = this.isReal(file) ? this.pathOf(file) : undefined;
      found.push({ offset, length, path, present: this.#presentOf(file) });
    });
    return found;
  }

  /** Path of a file that stands where a new download would put its own; undefined for none. */
  async inTheWay(): Promise<string | undefined> {
    const { places, folder, isWanted } = this.#options;
    const pause = slices.pacer();
    for (const [file, { path }] of places.entries()) {
      await pause();
      if (this.isReal(file) && isWanted(file) && folder.exists(path)) return folder.path(path);
    }
    return undefined;
  }

  /** Finished files that are gone, or not what they were. */
  async suspects(): Promise<number[]> {
    const { places, marks } = this.#options;
    const changed = await this.#each((file) =>
      places[file]!.at === "final" && marks.isChanged(file, this.entry(file))
    );
    return changed.flatMap((is, file) => is ? [file] : []);
  }

  /** Where its files lie or will lie: of each its final name and its unfinished one. */
  paths(): string[] {
    const { places, folder } = this.#options;
    return places.flatMap(({ path, part }, file) =>
      this.isReal(file) ? [folder.path(path), folder.path(part)] : []
    );
  }

  /** Looks at the boundary file once, when it is asked for. */
  #boundary(): () => DiskEntry | undefined {
    let entry: DiskEntry | undefined | null = null;
    return () => entry === null ? entry = this.#options.boundary!.entry() : entry;
  }

  async #each<T>(look: (file: number) => T): Promise<T[]> {
    const found: T[] = [];
    await slices.each(this.#options.files.keys(), (file) => found.push(look(file)));
    return found;
  }

  #presentOf(file: number): number {
    const { length, pad } = this.#options.files[file]!;
    if (!this.isReal(file)) return pad ? length : 0;
    return Math.min(length, this.entry(file)?.size ?? 0);
  }
}
