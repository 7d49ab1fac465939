/**
 * Decides after a restart which pieces are believed and which are hashed.
 *
 * What is weighed:
 * - a piece in a record was written and flushed before it was recorded;
 * - a file whose size and time are as recorded was not touched by anybody;
 * - after a `kill -9` a file may be younger than its record: by our own last writes;
 * - bytes that are not there need no hashing.
 *
 * @module
 */
import type { RememberedPeer } from "./peer_pool.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import { FileMap, type MappedFile } from "./file_map.ts";

/** How a file was found: size in bytes, time of its last change in ms since the epoch. */
export interface FileMark {
  readonly size: number;
  readonly mtime: number;
}

/** What is remembered of a torrent. Times are ms since the epoch, amounts bytes. */
export interface TorrentRecord {
  /** Hex. */
  readonly infoHash: string;
  readonly name: string;
  /** The folder that holds its files. */
  readonly dir: string;
  /** What the user wants of it. */
  readonly state: "active" | "paused" | "stopped";
  /** The pieces owned, in wire order. */
  readonly have: Uint8Array;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly addedAt: number;
  readonly completedAt: number | undefined;
  /** Announce tiers. */
  readonly trackers: readonly (readonly string[])[];
  /** Names of the files on disk: `FileStore.paths`. Undefined where they are not known. */
  readonly paths: readonly string[] | undefined;
  /** Each file when the record was written; undefined where there was none. */
  readonly files: readonly (FileMark | undefined)[];
  /** Whether it was written at an orderly end, after the last write. */
  readonly clean: boolean;
  /** When it was written. */
  readonly aliveAt: number;
  /** What else was chosen for it. Default: nothing. */
  readonly choices?: TorrentChoices;
  /** Where each file came from: `originLetters`. Undefined in records of older versions. */
  readonly origins?: string | undefined;
  /** Where peers were met, the last one first. Default: nowhere. */
  readonly peers?: readonly RememberedPeer[];
}

/** What people chose for one torrent; what is undefined was not chosen. Kept as JSON. */
export interface TorrentChoices {
  /** Its files' priorities: `FileSelection.letters`. */
  readonly files?: string | undefined;
  /** Pieces in their order instead of the rarest first. */
  readonly sequential?: boolean | undefined;
  /** Bytes per second. */
  readonly downloadLimit?: number | undefined;
  readonly uploadLimit?: number | undefined;
  /** Lists of tracker tiers beside its own: `AddOptions.lists`. */
  readonly lists?: readonly (readonly (readonly string[])[])[] | undefined;
  /** Seconds spent seeding so far: no choice, but what one is measured by. */
  readonly seeded?: number | undefined;
}

/** What to do with the pieces. A piece in neither is not there. */
export interface ResumePlan {
  readonly trusted: Bitfield;
  /** Pieces to hash, in ascending order. */
  readonly check: number[];
}

/** A file of the torrent as it is found. `isVirtual`: padding, or a link that is never made. */
export interface FoundFile extends MappedFile {
  readonly isVirtual: boolean;
  /** Only what it shares with others is kept, in the boundary file, which `found` is about. */
  readonly isAtBoundary?: boolean;
  readonly found: FileMark | undefined;
}

/**
 * Our own writes after the last record make a file younger than it: records are written every 15 s,
 * and the flush before may take a while. In ms.
 */
const LATEST_WRITE = 20_000;

/** @param record undefined for a torrent that was not here before */
export function* resumeSteps(
  layout: Layout,
  files: readonly FoundFile[],
  record: Pick<TorrentRecord, "have" | "files" | "clean" | "aliveAt"> | undefined,
): Steps<ResumePlan> {
  const trusted = new Bitfield(layout.pieceCount);
  const check: number[] = [];
  const map = new FileMap(files);
  const owned = ownedBy(record, layout);
  const verdicts: ReturnType<typeof judge>[] = [];
  for (const [index, file] of files.entries()) {
    yield;
    verdicts.push(judge(file, record?.files[index], record));
  }
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    yield;
    const spans = map.spans(layout.pieceOffset(piece), layout.pieceSize(piece));
    const isPresent = spans.every(({ file, offset, length }) =>
      files[file]!.isVirtual ||
      (files[file]!.isAtBoundary
        ? files[file]!.found !== undefined
        : offset + length <= (files[file]!.found?.size ?? 0))
    );
    if (!isPresent) continue;
    const isUntouched = owned !== undefined &&
      spans.every(({ file }) => verdicts[file] !== "touched");
    if (isUntouched && owned.has(piece)) trusted.add(piece);
    else if (!isUntouched || spans.some(({ file }) => verdicts[file] === "grown")) {
      check.push(piece);
    }
  }
  return { trusted, check };
}

/** The pieces of a record; undefined for none, or one of another torrent. */
export function ownedBy(
  record: Pick<TorrentRecord, "have"> | undefined,
  layout: Layout,
): Bitfield | undefined {
  return record?.have.length === Math.ceil(layout.pieceCount / 8)
    ? Bitfield.parse(record.have, layout.pieceCount)
    : undefined;
}

/** "same": nothing happened. "grown": we may have written more. "touched": nothing is certain. */
function judge(
  file: FoundFile,
  mark: FileMark | undefined,
  record: { clean: boolean; aliveAt: number } | undefined,
): "same" | "grown" | "touched" {
  if (file.isVirtual) return "same";
  if (record === undefined) return "touched";
  const { found } = file;
  if (found?.size === mark?.size && found?.mtime === mark?.mtime) {
    return record.clean ? "same" : "grown";
  }
  if (record.clean || found === undefined) return "touched";
  const isOurs = found.mtime <= record.aliveAt + LATEST_WRITE && found.size >= (mark?.size ?? 0);
  return isOurs ? "grown" : "touched";
}

/** Bytes that spot checks may hash per torrent, so that many torrents start at once. */
const SPOT_BYTES = 2 ** 22;

/**
 * A few trusted pieces to hash all the same, one per file, in case time and size lie.
 *
 * @returns pieces in ascending order
 */
export function* spotSteps(
  layout: Layout,
  files: readonly FoundFile[],
  trusted: Bitfield,
  random: () => number,
): Steps<number[]> {
  const most = Math.max(1, Math.floor(SPOT_BYTES / layout.pieceLength));
  const start = Math.floor(random() * files.length);
  const picked = new Set<number>();
  for (let i = 0; i < files.length && picked.size < most; i++) {
    yield;
    const { offset, length, isVirtual } = files[(start + i) % files.length]!;
    const pieces = layout.piecesOf(offset, length);
    if (pieces === undefined || isVirtual) continue;
    const count = pieces.last - pieces.first + 1;
    const from = Math.floor(random() * count);
    for (let j = 0; j < count; j++) {
      const piece = pieces.first + (from + j) % count;
      if (!trusted.has(piece)) continue;
      picked.add(piece);
      break;
    }
  }
  return [...picked].sort((a, b) => a - b);
}

/** The pieces that share a file with one of `pieces`. */
export function* besideSteps(
  layout: Layout,
  files: readonly MappedFile[],
  pieces: Iterable<number>,
): Steps<Set<number>> {
  const map = new FileMap(files);
  const beside = new Set<number>();
  for (const piece of pieces) {
    for (const { file } of map.spans(layout.pieceOffset(piece), layout.pieceSize(piece))) {
      const { offset, length } = files[file]!;
      const { first, last } = layout.piecesOf(offset, length)!;
      yield;
      for (let other = first; other <= last; other++) beside.add(other);
    }
  }
  return beside;
}
