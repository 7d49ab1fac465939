/**
 * Remedy words: how a person goes on after something went wrong, in the words of the program that
 * shows it.
 *
 * @module
 */
import type { Remedy } from "./api_types.ts";

/** Ends of sentences. `them` is "it" or "them". */
export interface RemedyWords {
  /** All files are missing. */
  readonly away: string;
  readonly missing: (them: Them) => string;
  /**
   * Files differ, and nothing is written to them.
   *
   * @param isLonger they have all of the torrent's bytes, and more behind them
   */
  readonly changed: (them: Them, isLonger: boolean) => string;
  /** Pieces of a file that is gone or changed: `2 pieces`. */
  readonly lost: (pieces: string) => string;
  /** Another program downloads the same into the same folder. */
  readonly inUse: string;
  /** A try may do better. */
  readonly again: string;
}

export type Them = "it" | "them";

/** In a browser: by the buttons of the page. */
export const PAGE_REMEDIES: RemedyWords = {
  away: "press Resume once they are back (is the drive there?), or to have them fetched again",
  missing: (them) =>
    `press Resume once ${
      them === "it" ? "it is" : "they are"
    } back, or to have ${them} fetched again`,
  changed: (them) =>
    `Resume fetches the old version beside ${them}, Write over (under More) replaces ${them}; Share ` +
    `makes a torrent of the new one; or move ${them} away`,
  lost: (pieces) => `Resume fetches ${pieces} again`,
  inUse: "press Resume once that is over",
  again: "Resume tries again",
};

/** One line: what is wrong, and which ways lead on. */
export function withRemedy(
  problem: string,
  remedy: Remedy | null | undefined,
  words: RemedyWords,
): string {
  if (remedy === null || remedy === undefined) return problem;
  // Such a problem often ends with what to do first.
  return `${problem}${remedy.kind === "again" ? ";" : ":"} ${inWords(remedy, words)}`;
}

function inWords(remedy: Remedy, words: RemedyWords): string {
  switch (remedy.kind) {
    case "away":
      return words.away;
    case "missing":
      return words.missing(themOf(remedy.files));
    case "changed":
    case "longer":
      return words.changed(themOf(remedy.files), remedy.kind === "longer");
    case "lost":
      return words.lost(`${remedy.pieces} ${remedy.pieces === 1 ? "piece" : "pieces"}`);
    case "in-use":
      return words.inUse;
    case "again":
      return words.again;
  }
}

function themOf(files: number): Them {
  return files === 1 ? "it" : "them";
}
