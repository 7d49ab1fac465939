/**
 * Which files of a torrent are wanted and how much: what people type, and what it means for pieces.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/layout.ts";
import { selectedIndexes } from "../../protocol/magnet.ts";
import { MAX_GLOBS, MAX_RANGES } from "../../protocol/bounds.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";
import type { MappedFile } from "./file_map.ts";
import { isGlob, NamedFiles } from "./named_files.ts";

/** How much a file is wanted, the least first. */
export const FILE_PRIORITIES = ["skip", "low", "normal", "high"] as const;
export type FilePriority = (typeof FILE_PRIORITIES)[number];

/** Files that are meant: a text as {@linkcode selectionSteps} reads it, or their indexes. */
export type Which = string | readonly number[];

/** What a selection needs to know of a file. */
export interface SelectableFile extends MappedFile {
  readonly path: string;
  readonly pad: boolean;
  readonly symlink: boolean;
}

/** What was typed selects nothing, or cannot be read. */
export class SelectionError extends Error {
  override name = "SelectionError";
}

/** One torrent's files with their priorities, and what follows for its pieces. */
export class FileSelection {
  /** By file, in the order of the metainfo. */
  readonly files: readonly FilePriority[];
  /** By piece, as indexes into {@linkcode FILE_PRIORITIES}; undefined where all are alike. */
  readonly pieces: Uint8Array | undefined;
  /** The pieces that are wanted; undefined for all. */
  readonly wanted: Bitfield | undefined;

  private constructor(
    files: readonly FilePriority[],
    pieces: Uint8Array | undefined,
    wanted: Bitfield | undefined,
  ) {
    this.files = files;
    this.pieces = pieces;
    this.wanted = wanted;
  }

  /** @param priorities by file; those that lack are "normal" */
  static *steps(
    layout: Layout,
    files: readonly SelectableFile[],
    priorities?: readonly FilePriority[],
  ): Steps<FileSelection> {
    const all = files.map((_, index) => priorities?.[index] ?? "normal");
    const isChosen = (priority: FilePriority) => (file: SelectableFile, index: number) =>
      isReal(file) && all[index] === priority;
    if (files.every((file, index) => !isReal(file) || all[index] === "normal")) {
      return new FileSelection(all, undefined, undefined);
    }
    yield;
    const skipsSome = files.some(isChosen("skip"));
    // Pieces of nothing but padding count where everything is wanted.
    const pieces = new Uint8Array(layout.pieceCount).fill(skipsSome ? 0 : 1);
    for (const [index, file] of files.entries()) {
      yield;
      const range = isReal(file) ? layout.piecesOf(file.offset, file.length) : undefined;
      const level = FILE_PRIORITIES.indexOf(all[index]!);
      for (let piece = range?.first ?? 0; piece <= (range?.last ?? -1); piece++) {
        pieces[piece] = Math.max(pieces[piece]!, level);
      }
    }
    if (!skipsSome) return new FileSelection(all, pieces, undefined);
    const wanted = new Bitfield(layout.pieceCount);
    for (const [piece, level] of pieces.entries()) {
      if (piece % 256 === 0) yield;
      if (level > 0) wanted.add(piece);
    }
    return new FileSelection(all, pieces, wanted);
  }

  /** The same without a pause. */
  static of(...facts: Parameters<typeof FileSelection.steps>): FileSelection {
    return atOnce(FileSelection.steps(...facts));
  }

  wants(piece: number): boolean {
    return this.wanted?.has(piece) ?? true;
  }

  /** Whether a file is wanted that was not before. */
  isMoreThan(before: FileSelection): boolean {
    return this.files.some((priority, file) =>
      priority !== "skip" && before.files[file] === "skip"
    );
  }

  /** Whether everything that is wanted is there. */
  isComplete(have: Bitfield): boolean {
    if (have.isFull) return true;
    if (this.wanted === undefined || have.count < this.wanted.count) return false;
    return this.wanted.bytes.every((byte, i) => (byte & ~have.bytes[i]!) === 0);
  }

  /** Bytes of wanted pieces that are missing. */
  left(have: Bitfield, layout: Layout): number {
    if (have.isFull) return 0;
    if (this.wanted === undefined) return layout.bytesMissing(have);
    return layout.bytesIn({
      count: this.wanted.countWithout(have),
      has: (piece) => !have.has(piece) && this.wants(piece),
    });
  }

  /** Bytes of wanted pieces. */
  size(layout: Layout): number {
    return layout.bytesIn(
      this.wanted ?? { count: layout.pieceCount, has: () => true },
    );
  }

  /** For the record: a letter per file; undefined where all are "normal". */
  get letters(): string | undefined {
    return this.pieces === undefined ? undefined : lettersOf(this.files);
  }
}

/** A letter per file. */
export function lettersOf(priorities: readonly FilePriority[]): string {
  return priorities.map((priority) => priority[0]).join("");
}

/** Priorities from {@linkcode FileSelection.letters}. */
export function prioritiesOf(letters: string | undefined): FilePriority[] | undefined {
  return letters === undefined
    ? undefined
    : [...letters].map((letter) =>
      FILE_PRIORITIES.find((priority) => priority[0] === letter) ?? "normal"
    );
}

/** The numbers that people see: files without padding and links, counted from 1. */
export function fileNumbers(files: readonly SelectableFile[]): (number | undefined)[] {
  let number = 0;
  return files.map((file) => isReal(file) ? ++number : undefined);
}

/**
 * The files that a text means: numbers from 1, ranges, names and globs between commas, as
 * `1,3-5,*.pdf`; `all` and `none` stand alone. Spaces are parts of names.
 *
 * @returns their indexes in `files`, ascending
 * @throws {SelectionError} where a part means no file
 */
export function* selectionSteps(
  text: string,
  files: readonly SelectableFile[],
): Steps<number[]> {
  const numbers = fileNumbers(files);
  const all = numbers.flatMap((number, index) => number === undefined ? [] : [index]);
  const whole = text.trim().toLowerCase();
  if (whole === "all" || whole === "*") return all;
  if (whole === "none") return [];
  const parts = new Set(text.split(",").map((part) => part.trim()).filter((part) => part !== ""));
  requireFew([...parts]);
  const names = yield* NamedFiles.steps(all.map((index) => files[index]!.path));
  const chosen = new Set<number>();
  const ranges: string[] = [];
  for (const part of parts) {
    const named = yield* names.findSteps(part);
    for (const found of named) chosen.add(all[found]!);
    if (named.length === 0) ranges.push(readRange(part, all.length));
  }
  // However often a file is in a range, it costs one step.
  const numbered = selectedIndexes({ select: ranges.join(",") }, all.length) ?? [];
  for (const index of ranges.length > 0 ? numbered : []) chosen.add(all[index]!);
  if (chosen.size === 0) throw new SelectionError("Select which files? Give 1,3-5 or *.pdf or all");
  return all.filter((index) => chosen.has(index));
}

/** The same without a pause. */
export function parseSelection(text: string, files: readonly SelectableFile[]): number[] {
  return atOnce(selectionSteps(text, files));
}

/** @throws {SelectionError} for more parts than anybody types */
function requireFew(parts: readonly string[]): void {
  if (parts.length > MAX_RANGES) {
    throw new SelectionError(
      `That selects ${parts.length} files and ranges: up to ${MAX_RANGES} are supported`,
    );
  }
  const globs = parts.filter(isGlob).length;
  if (globs > MAX_GLOBS) {
    throw new SelectionError(
      `That selects by ${globs} patterns: up to ${MAX_GLOBS} are supported`,
    );
  }
}

/** Numbers from 1 as indexes, `3-5` as `2-4`. @throws {SelectionError} where there is no such file */
function readRange(part: string, count: number): string {
  const range = /^(\d{1,7})(?:\s*-\s*(\d{1,7})?)?$/.exec(part);
  if (range === null) {
    throw new SelectionError(
      `No file is called "${part}": give numbers (1,3-5), names or patterns (*.pdf)`,
    );
  }
  const first = Number(range[1]);
  const last = /-\s*$/.test(part) ? count : Number(range[2] ?? first);
  if (first < 1 || last > count || first > last) {
    throw new SelectionError(`There is no file ${part}: files are numbered from 1 to ${count}`);
  }
  return `${first - 1}-${last - 1}`;
}

/**
 * The priorities of all files once those that `which` means (a text as above, or indexes) got
 * `priority`; without one they alone are wanted.
 *
 * @throws {SelectionError}
 */
export function* changedPrioritySteps(
  files: readonly SelectableFile[],
  before: readonly FilePriority[],
  which: Which,
  priority?: FilePriority,
): Steps<FilePriority[]> {
  const chosen = new Set(
    typeof which === "string" ? yield* selectionSteps(which, files) : which,
  );
  yield;
  return files.map((_, index) => {
    if (chosen.has(index)) {
      return priority ?? (before[index] === "skip" ? "normal" : before[index] ?? "normal");
    }
    return priority === undefined ? "skip" : before[index] ?? "normal";
  });
}

/** The same without a pause. */
export function changedPriorities(
  ...facts: Parameters<typeof changedPrioritySteps>
): FilePriority[] {
  return atOnce(changedPrioritySteps(...facts));
}

/** Indexes in the metainfo that a magnet link's `so` (BEP 53) names, as `0,2,6-8`. */
export function magnetSelection(so: string, fileCount: number): number[] {
  return selectedIndexes({ select: so }, fileCount)!;
}

function isReal(file: SelectableFile): boolean {
  return !file.pad && !file.symlink;
}
