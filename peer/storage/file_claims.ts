/**
 * File claims: whose a torrent's files are. What was whole once, or is somebody's own, is never
 * written to because it differs.
 *
 * @module
 */
import type { Consent } from "../options.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import {
  type CheckedFile,
  type Fault,
  type FilePlan,
  type FileState,
  type Origin,
  planOf,
  problemOf,
  stateSteps,
} from "./file_faults.ts";
import type { FileSpan, MappedFile } from "../pieces/file_map.ts";
import { StorageError } from "../ports.ts";
import { bytesIn, copyRanges, isBeginOf, requireSameBytes } from "./copy_ranges.ts";
import { type DataFolder, type DiskEntry, sameEntry } from "./data_folder.ts";
import type { KeptFile } from "./delete_files.ts";
import { requireSpace } from "./disk_space.ts";
import type { FileStamps } from "./file_stamps.ts";
import type { FileNames, Place } from "./file_names.ts";
import { slices } from "../../loop/process_loop.ts";
import { toStorageError } from "./storage_error.ts";

export interface FileClaimsOptions {
  readonly layout: Layout;
  readonly files: readonly (MappedFile & { readonly pad: boolean; readonly symlink: boolean })[];
  readonly origins?: readonly Origin[] | undefined;
  readonly isOwn?: boolean | undefined;
  readonly folder: DataFolder;
  readonly names: FileNames;
  readonly marks: FileStamps;
  /** Where each file is now; what is done here is noted in it. */
  readonly places: readonly Place[];
  readonly isWanted: (file: number) => boolean;
}

/** Of each file where it came from, and what a person said of those that differ. */
export class FileClaims {
  readonly origins: Origin[];
  readonly #options: FileClaimsOptions;
  /** How a person wants to go on with what differs, until it was done. */
  #consent: Consent | undefined;
  /** Final files that may be written to, because a person said so. */
  readonly #over = new Set<number>();
  /** Final files in which bytes were found that are not the torrent's. */
  readonly #differing = new Map<number, DiskEntry>();
  /** Files of which only the begin was there: it is replaced when all of it is in the new one. */
  readonly #short = new Set<number>();

  constructor(options: FileClaimsOptions) {
    this.#options = options;
    this.origins = options.files.map((_, index) => options.origins?.[index] ?? "none");
  }

  /** A person says how to go on: for the next `plan`. */
  allow(consent: Consent): void {
    this.#consent = consent;
  }

  /** What is the matter with each file, by the pieces found good on disk. */
  async states(have: Bitfield): Promise<FileState[]> {
    const { files, layout } = this.#options;
    const checked: CheckedFile[] = [];
    await slices.each(files.keys(), (index) => checked.push(this.#checked(index)));
    return await slices.run(stateSteps(layout, checked, have));
  }

  /**
   * What to do with each file, or what a person has to decide on before anything is done.
   *
   * @param have the pieces found good on disk
   */
  async plan(have: Bitfield): Promise<FilePlan[] | StorageError> {
    const states = await this.states(have);
    const plans: FilePlan[] = [];
    await slices.each(states.entries(), ([index, state]) => {
      plans.push(planOf(state, { origin: this.origins[index]! }, {
        isSomeGood: this.isSomeGood(index, have),
        isAllGood: this.#badPieces(index, have) === 0,
        isOwn: this.#options.isOwn ?? false,
        consent: this.#over.has(index) ? "over" : this.#consent,
      }));
    });
    const waiting = plans.flatMap((plan, index) => plan === "wait" ? [index] : []);
    if (waiting.length > 0) return await this.#waitsFor(waiting, states, have);
    await slices.each(plans.entries(), ([index, plan]) => {
      if (plan === "over") this.#over.add(index);
      else if (plan !== "keep") this.origins[index] = "none";
      else if (states[index] === "whole") {
        this.#over.delete(index);
        this.adopt(index);
      }
    });
    return plans;
  }

  /** What was planned is done: a person decides anew on what differs from now on. */
  done(): void {
    this.#consent = undefined;
  }

  /** It was there, and is right. */
  adopt(file: number): void {
    if (this.origins[file] === "none") this.origins[file] = "own";
  }

  /** We made it, and it is whole. */
  made(file: number): void {
    this.origins[file] = "made";
    this.#short.delete(file);
  }

  /** It is whole under its final name: perhaps it was written to in its place. */
  mended(file: number): void {
    this.#over.delete(file);
    this.adopt(file);
  }

  /** Why a finished file is not to be deleted with the torrent. */
  reasonToKeep(
    file: number,
    isRight: boolean,
    entry: DiskEntry | undefined,
  ): KeptFile["reason"] | undefined {
    if (this.origins[file] !== "made") return "it was not downloaded";
    const isChanged = !isRight || this.#options.marks.isChanged(file, entry);
    return isChanged ? "it was changed since" : undefined;
  }

  /** Whether a file may be written to under its final name. */
  mayWrite(file: number): boolean {
    return this.#over.has(file);
  }

  /** Whether any piece of a file is good. */
  isSomeGood(index: number, have: Bitfield): boolean {
    const { offset, length } = this.#options.files[index]!;
    const pieces = this.#options.layout.piecesOf(offset, length);
    if (pieces === undefined) return false;
    return have.countIn(pieces.first, pieces.last) > 0;
  }

  #badPieces(index: number, have: Bitfield): number {
    const { offset, length } = this.#options.files[index]!;
    const pieces = this.#options.layout.piecesOf(offset, length);
    if (pieces === undefined) return 0;
    return pieces.last - pieces.first + 1 - have.countIn(pieces.first, pieces.last);
  }

  #checked(index: number): CheckedFile {
    const { offset, length } = this.#options.files[index]!;
    const { at } = this.#options.places[index]!;
    return {
      offset,
      length,
      isVirtual: this.#isVirtual(index),
      at: at === "part" || at === "boundary" ? "unfinished" : at,
      isWanted: this.#options.isWanted(index),
      size: at === "final" ? (this.#options.marks.of(index) ?? this.#entry(index))?.size ?? 0 : 0,
      origin: this.origins[index]!,
      differs: this.#isDiffering(index),
    };
  }

  async #waitsFor(
    waiting: readonly number[],
    states: readonly FileState[],
    have: Bitfield,
  ): Promise<StorageError> {
    const faults: Fault[] = [];
    await slices.each(waiting, (index) =>
      faults.push({
        path: this.#path(index),
        state: states[index] === "missing" ? "missing" : "changed",
        size: this.#checked(index).size,
        length: this.#options.files[index]!.length,
        pieces: this.#badPieces(index, have),
      }));
    const kind = faults.every(({ state }) => state === "missing") ? "missing" : "changed";
    const onDisk = this.#options.files.filter((_, index) => !this.#isVirtual(index)).length;
    const { message, remedy } = problemOf(faults, this.#options.folder.dir, onDisk);
    return new StorageError(kind, faults[0]!.path, message, { remedy });
  }

  /**
   * A file that differs keeps its name and every byte: what is right in it is copied to a `.part` of
   * ours.
   *
   * @returns whether anything was
   */
  async leaveAlone(index: number, have: Bitfield, signal?: AbortSignal): Promise<boolean> {
    const place = this.#options.places[index]!;
    const file = this.#options.files[index]!;
    this.#differing.delete(index);
    const from = place.path;
    const before = this.#options.folder.entry(from);
    this.#options.marks.forget(index);
    if (!this.isSomeGood(index, have) || before?.isFile !== true) {
      this.#options.names.choose(place);
      return false;
    }
    const { ranges, isBegin } = bytesIn(this.#options.layout, file, have, before.size);
    await requireSpace(
      this.#options.folder.dir,
      ranges.reduce((sum, { length }) => sum + length, 0),
    );
    const isTaken = this.#options.folder.entry(place.part) !== undefined ||
      this.#options.names.isInUse(place);
    if (isTaken) this.#options.names.choose(place);
    this.#options.names.claim(place);
    try {
      using source = this.#options.folder.openToRead(from);
      using target = this.#options.folder.create(place.part);
      await copyRanges(source, target, ranges, signal);
      if (!sameEntry(before, this.#options.folder.entry(from))) {
        throw new StorageError(
          "changed",
          from,
          `${this.#options.folder.path(from)} is being changed`,
        );
      }
    } catch (error) {
      this.#options.names.discard(place);
      place.path = from;
      place.at = "final";
      throw toStorageError(error, "copy", this.#options.folder.path(from));
    }
    if (isBegin && !isTaken) this.#short.add(index);
    place.at = "part";
    return true;
  }

  /** A file that may be written to, as a `.part` may, has no more bytes than it should. */
  cut(file: number): void {
    const { files, folder, places, marks } = this.#options;
    const { at, part, path: final } = places[file]!;
    const path = at === "part" ? part : final;
    if ((folder.entry(path)?.size ?? 0) <= files[file]!.length) return;
    marks.forget(file);
    try {
      using handle = folder.openToWrite(path);
      handle.truncateSync(files[file]!.length);
    } catch (error) {
      throw toStorageError(error, "write", folder.path(path));
    }
  }

  /** What lies under the final name, where every byte of it is in the new file, too. */
  async replaceable(file: number): Promise<DiskEntry | undefined> {
    if (!this.#short.has(file)) return undefined;
    const { path, part } = this.#options.places[file]!;
    const entry = this.#options.folder.entry(path);
    if (entry?.isFile !== true) return undefined;
    using old = this.#options.folder.openToRead(path);
    using now = this.#options.folder.openToRead(part);
    return await isBeginOf(old, now) ? entry : undefined;
  }

  /** A finished file is never written to: either it has these bytes, or it is not the torrent's. */
  async requireSame(span: FileSpan, bytes: Uint8Array): Promise<void> {
    const path = this.#path(span.file);
    try {
      using handle = this.#options.folder.openToRead(this.#options.places[span.file]!.path);
      await requireSameBytes(handle, span.offset, bytes, path);
    } catch (error) {
      const entry = this.#entry(span.file);
      if (entry !== undefined) this.#differing.set(span.file, entry);
      throw toStorageError(error, "read", path);
    }
  }

  /** Other bytes were found in it, and it is the same since. */
  #isDiffering(file: number): boolean {
    const found = this.#differing.get(file);
    return found !== undefined && sameEntry(found, this.#entry(file));
  }

  #entry(file: number): DiskEntry | undefined {
    return this.#options.folder.entry(this.#options.places[file]!.path);
  }

  #path(file: number): string {
    return this.#options.folder.path(this.#options.places[file]!.path);
  }

  #isVirtual(file: number): boolean {
    const { pad, symlink } = this.#options.files[file]!;
    return pad || symlink;
  }
}
