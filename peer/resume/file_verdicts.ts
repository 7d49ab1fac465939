/**
 * Judges a torrent's files one by one, from the pieces that were found good. A piece may lie in
 * several files: where it is not good, that says nothing of one of them alone.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import { FileMap, type MappedFile } from "../pieces/file_map.ts";

/** A file as it was found. */
export interface FoundFile extends MappedFile {
  /** Padding or a link: never on disk. */
  readonly isVirtual: boolean;
  /** Bytes on disk; undefined where there is no file, or none that can be read. */
  readonly size: number | undefined;
  readonly isReadable: boolean;
  /** Whether that is under its final name. */
  readonly isFinal: boolean;
}

/** "unknown": it cannot be told. */
export type Verdict = "good" | "bad" | "unknown";

export interface FileVerdict {
  readonly verdict: Verdict;
  /** Pieces whose bytes in this file are wrong or not there. */
  readonly badPieces: readonly number[];
  /** Pieces that are not good, perhaps because of another file, or of one that cannot be read. */
  readonly unknownPieces: readonly number[];
  /** Files (by number) that those lie in, too. */
  readonly sharedWith: readonly number[];
}

/** The verdict on each file. Linear in files and pieces. */
export function verdictsOf(
  layout: Layout,
  files: readonly FoundFile[],
  good: Bitfield,
): FileVerdict[] {
  const map = new FileMap(files);
  const found = files.map(() => ({
    badPieces: [] as number[],
    unknownPieces: [] as number[],
    sharedWith: new Set<number>(),
  }));
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    if (good.has(piece)) continue;
    const spans = map.spans(layout.pieceOffset(piece), layout.pieceSize(piece))
      .filter(({ file }) => !files[file]!.isVirtual);
    const named = spans.slice(0, MAX_NAMED + 1);
    for (const { file, offset, length } of spans) {
      const { size, isReadable } = files[file]!;
      const isLacking = isReadable && offset + length > (size ?? 0);
      if (isLacking || isReadable && spans.length === 1) found[file]!.badPieces.push(piece);
      else {
        found[file]!.unknownPieces.push(piece);
        for (const other of named) if (other.file !== file) found[file]!.sharedWith.add(other.file);
      }
    }
  }
  return files.map((file, index) => {
    const { badPieces, unknownPieces, sharedWith } = found[index]!;
    const isRightSize = file.size === file.length && file.isFinal;
    const isWrongSize = file.isReadable && !file.isVirtual && !isRightSize;
    const isUnknown = unknownPieces.length > 0 || !file.isReadable;
    return {
      verdict: isWrongSize || badPieces.length > 0 ? "bad" : isUnknown ? "unknown" : "good",
      badPieces,
      unknownPieces,
      sharedWith: [...sharedWith],
    };
  });
}

/** Files of one piece that its others are told of: thousands of tiny ones may share it. */
const MAX_NAMED = 16;

/** `3, 5-9`: numbers in ascending order, in as few words as they take. At most `limit` ranges. */
export function rangesText(numbers: readonly number[], limit = 8): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const shown = ranges.slice(0, limit)
    .map(([first, last]) => first === last ? `${first}` : `${first}-${last}`);
  const more = ranges.slice(limit).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return shown.join(", ") + (more === 0 ? "" : ` and ${more} more`);
}
