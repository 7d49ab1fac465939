/**
 * Remedies in words that are typed: verbs of a shell, or a command of the command line.
 *
 * @module
 */
import type { RemedyWords } from "../dashboard/page/remedy_words.ts";

export { withRemedy } from "../dashboard/page/remedy_words.ts";
export type { RemedyWords };

/** In a shell. */
export const SHELL_REMEDIES: RemedyWords = {
  away: "put them back (is the drive there?) and type resume, or let resume fetch them again",
  missing: (them) => `put ${them} back and type resume, or let resume fetch ${them} again`,
  changed: (them) =>
    `resume fetches the old version beside ${them}, resume --over writes over ${them}; send ` +
    `shares the new one; or move ${them} away`,
  lost: (pieces) => `resume fetches ${pieces} again`,
  inUse: "resume goes on here once that is over",
  again: "resume tries again",
};

/** For a program that serves one torrent and then is over. */
export const COMMAND_REMEDIES: RemedyWords = {
  away: "put them back (is the drive there?), name their folder with --dir, or let " +
    "vtorrent download fetch them again",
  missing: (them) =>
    `put ${them} back, name another folder with --dir, or let vtorrent download fetch ${them} again`,
  changed: (them, isLonger) =>
    (isLonger ? "" : `vtorrent download fetches the old version beside ${them}, `) +
    `vtorrent download --over writes over ${them}; --dir names another folder; vtorrent seed ` +
    `shares the new one by its name; or move ${them} away`,
  lost: (pieces) => `vtorrent download fetches ${pieces} again`,
  inUse: "wait until that is over, or name another folder with --dir",
  again: "the same command tries again",
};

/** For a program that asks a peer that runs. */
export const RUNNING_PEER_REMEDIES: RemedyWords = {
  away: "put them back (is the drive there?) and run vtorrent resume, or let it fetch them again",
  missing: (them) => `put ${them} back and run vtorrent resume, or let it fetch ${them} again`,
  changed: (them) =>
    `vtorrent resume fetches the old version beside ${them}, Write over on the peer's page ` +
    `replaces ${them}; or move ${them} away`,
  lost: (pieces) => `vtorrent resume fetches ${pieces} again`,
  inUse: "vtorrent resume goes on once that is over",
  again: "vtorrent resume tries again",
};
