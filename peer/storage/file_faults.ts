/**
 * Decides what becomes of files that are not as the torrent has them. What was whole once, or is
 * somebody's own, is never written to because it differs: the torrent waits until a person says how
 * to go on.
 *
 * @module
 */
import type { Consent } from "../options.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import type { Problem } from "../remedy.ts";
import { FileMap, type MappedFile } from "../pieces/file_map.ts";

/**
 * Where a whole file came from: `"own"`, it was there before us or was shared where it lies;
 * `"made"`, we made it. `"none"`: it was never whole, or is fetched again because a person said so.
 */
export type Origin = "own" | "made" | "none";

/** A file as a check has found it. */
export interface CheckedFile extends MappedFile {
  /** Padding or a link: never on disk. */
  readonly isVirtual: boolean;
  /** "unfinished": under a name of ours, or in the boundary file. */
  readonly at: "final" | "unfinished" | "nowhere";
  readonly isWanted: boolean;
  /** Bytes on disk; 0 where it is nowhere. */
  readonly size: number;
  readonly origin: Origin;
  /** Its bytes were found to differ otherwise than by a check of pieces. Default: no. */
  readonly differs?: boolean;
}

/**
 * "whole": as it should be. "missing": it was whole once and is not there. "changed": it is there and
 * differs. "unclear": every piece of it that is not good lies in a file that is missing or differs,
 * too. "unfinished": being fetched, or not begun.
 */
export type FileState = "whole" | "missing" | "changed" | "unclear" | "unfinished";

/**
 * What to do with a file. "keep": it stays as it is, and nothing is written to it. "wait": a person
 * decides. "fetch": what there is of it is ours. "beside": it keeps its name, and ours gets another.
 * "over": it may be written to.
 */
export type FilePlan = "keep" | "wait" | "fetch" | "beside" | "over";

/** What is the matter with each file. Linear in files and pieces. */
export function* stateSteps(
  layout: Layout,
  files: readonly CheckedFile[],
  have: Bitfield,
): Steps<FileState[]> {
  const map = new FileMap(files);
  const states: FileState[] = [];
  for (const file of files) {
    yield;
    states.push(stateByItself(file));
  }
  const shared: number[][] = [];
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    yield;
    if (have.has(piece)) continue;
    const touched = map.spans(layout.pieceOffset(piece), layout.pieceSize(piece))
      .map(({ file }) => file).filter((file) => !files[file]!.isVirtual);
    if (touched.length > 1) shared.push(touched);
    else if (touched.length === 1 && states[touched[0]!] === "whole") {
      states[touched[0]!] = "changed";
    }
  }
  const certain = [...states];
  for (const touched of shared) {
    yield;
    const isExplained = touched.some((file) => certain[file] !== "whole");
    for (const file of touched) {
      if (states[file] === "whole" || states[file] === "unclear" && !isExplained) {
        states[file] = isExplained ? "unclear" : "changed";
      }
    }
  }
  return states;
}

/** Before its pieces are looked at. */
function stateByItself(file: CheckedFile): FileState {
  if (file.isVirtual) return "whole";
  if (file.at === "unfinished") return "unfinished";
  if (file.at === "nowhere") {
    const isDue = file.origin !== "none" && file.isWanted && file.length > 0;
    return isDue ? "missing" : "unfinished";
  }
  return file.differs || file.size !== file.length ? "changed" : "whole";
}

/** @param isSomeGood whether a piece of the file is good: then it is no stranger of the same name */
export function planOf(
  state: FileState,
  file: Pick<CheckedFile, "origin">,
  { isSomeGood, isAllGood, isOwn, consent }: {
    isSomeGood: boolean;
    /** Whether every piece of it is good: then it is too long, if anything. */
    isAllGood: boolean;
    /** Its data is somebody's own by what the torrent was added with. */
    isOwn: boolean;
    consent: Consent | undefined;
  },
): FilePlan {
  switch (state) {
    case "whole":
      return "keep";
    case "unclear":
      if (consent === "over") return "over";
      return isSomeGood || isOwn || file.origin !== "none" ? "keep" : "beside";
    case "unfinished":
      return "fetch";
    case "missing":
      return consent === undefined ? "wait" : "fetch";
    case "changed":
      if (consent === "over" || consent === "beside") return consent;
      if (consent === "lacking" && !isAllGood) return "beside";
      return isSomeGood || isOwn || file.origin !== "none" ? "wait" : "beside";
  }
}

/** A file that waits for a person. */
export interface Fault {
  /** The path to name. */
  readonly path: string;
  readonly state: "missing" | "changed";
  readonly size: number;
  readonly length: number;
  /** Pieces in it that are not good. */
  readonly pieces: number;
}

/** Files named one by one in a sentence. */
const NAMED = 3;

/**
 * What differs, in one line, and which ways lead on.
 *
 * @param dir the folder that the files are in
 * @param files how many files the torrent has
 */
export function problemOf(faults: readonly Fault[], dir: string, files: number): Problem {
  const missing = faults.filter(({ state }) => state === "missing");
  if (missing.length === files && files > 1) {
    return { message: `All ${files} files are missing in ${dir}`, remedy: { kind: "away" } };
  }
  const words = faults.slice(0, NAMED).map(inWords);
  if (faults.length > NAMED) {
    const more = faults.length - NAMED;
    words.push(`${more} more ${more === 1 ? "file is" : "files are"} missing or changed`);
  }
  const what = words.join("; ");
  if (missing.length === faults.length) {
    return { message: what, remedy: { kind: "missing", files: faults.length } };
  }
  const isLonger = faults.every(({ state, size, length, pieces }) =>
    state === "changed" && pieces === 0 && size > length
  );
  return {
    message: `${what}. Nothing is written to ${faults.length === 1 ? "it" : "them"}`,
    remedy: { kind: isLonger ? "longer" : "changed", files: faults.length },
  };
}

function inWords({ path, state, size, length, pieces }: Fault): string {
  if (state === "missing") return `${path} is missing`;
  const count = `${pieces} ${pieces === 1 ? "piece" : "pieces"} in it`;
  const sizes = size === length ? "" : `it has ${size} bytes instead of ${length}`;
  const what = pieces === 0 ? sizes : [
    `${count} ${pieces === 1 ? "is" : "are"} not what was shared`,
    ...sizes === "" ? [] : [sizes],
  ].join(", and ");
  return `${path} was changed: ${what}`;
}

const LETTERS: Readonly<Record<Origin, string>> = { own: "o", made: "m", none: "-" };

/** For a record: a letter for each file. */
export function originLetters(origins: readonly Origin[]): string {
  return origins.map((origin) => LETTERS[origin]).join("");
}
