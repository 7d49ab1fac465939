/**
 * How a person goes on after something went wrong, in the words of the program that they use: verbs
 * of a shell, or the same command once more.
 *
 * @module
 */

/** Ends of sentences. `them` is "it" or "them". */
export interface Advice {
  /** All files are missing. */
  readonly allMissing: string;
  readonly missing: (them: string) => string;
  /**
   * Files differ, and nothing is written to them.
   *
   * @param isLonger they have all of the torrent's bytes, and more behind them
   */
  readonly changed: (them: string, isLonger: boolean) => string;
  /** Somebody changes a finished file while it is used. */
  readonly changing: string;
  /** Pieces of a file that is gone or changed: `2 pieces`. */
  readonly lost: (pieces: string) => string;
  /** Another program downloads the same into the same folder. */
  readonly inUse: string;
  /** A try may do better. */
  readonly again: string;
}

/** In a shell. */
export const SHELL_ADVICE: Advice = {
  allMissing: "put them back (is the drive there?) and type resume, or let resume fetch them again",
  missing: (them) => `put ${them} back and type resume, or let resume fetch ${them} again`,
  changed: (them) =>
    `resume fetches the old version beside ${them}, resume --over writes over ${them}; send ` +
    `shares the new one; or move ${them} away`,
  changing: "Let resume fetch the old version beside it, or resume --over write over it",
  lost: (pieces) => `resume fetches ${pieces} again`,
  inUse: "resume goes on here once that is over",
  again: "resume tries again",
};

/** For a program that serves one torrent and then is over. */
export const COMMAND_ADVICE: Advice = {
  allMissing: "put them back (is the drive there?), name their folder with --dir, or let " +
    "vtorrent download fetch them again",
  missing: (them) =>
    `put ${them} back, name another folder with --dir, or let vtorrent download fetch ${them} again`,
  changed: (them, isLonger) =>
    (isLonger ? "" : `vtorrent download fetches the old version beside ${them}, `) +
    `vtorrent download --over writes over ${them}; --dir names another folder; vtorrent seed ` +
    `shares the new one by its name; or move ${them} away`,
  changing:
    "Let vtorrent download fetch the old version beside it, or with --over write over it, " +
    "or name another folder with --dir",
  lost: (pieces) => `vtorrent download fetches ${pieces} again`,
  inUse: "wait until that is over, or name another folder with --dir",
  again: "the same command tries again",
};
