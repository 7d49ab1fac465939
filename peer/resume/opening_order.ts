/**
 * Opening order of torrents at a start: nothing that ended the process while it was opened is
 * opened again and again, and what may have done so comes last, so that it keeps nothing else away.
 *
 * @module
 */
import type { Problem } from "../remedy.ts";

/** Ends of the process while it was opened after which a torrent waits for a person. */
const MAX_STRIKES = 2;
/** The same for a link that was becoming a torrent: it has never been open, so nothing is missed. */
const MAX_STRIKES_NEW = 1;

/**
 * What to open, in that order, and what not.
 *
 * @param strikes how often in a row the process ended while something was opened: not only a bug
 * does that, also whoever kills it at that moment
 */
export function openingOrder<T>(
  torrents: readonly T[],
  strikes: (torrent: T) => number,
): { open: T[]; held: T[] } {
  const known = torrents.map((torrent) => ({ torrent, count: strikes(torrent) }));
  const pick = (fits: (count: number) => boolean) =>
    known.filter(({ count }) => fits(count)).map(({ torrent }) => torrent);
  return {
    open: [
      ...pick((count) => count === 0),
      ...pick((count) => count > 0 && count < MAX_STRIKES),
    ],
    held: pick((count) => count >= MAX_STRIKES),
  };
}

/** Whether a link waits for a person. */
export function isLinkHeld(strikes: number): boolean {
  return strikes >= MAX_STRIKES_NEW;
}

/** What a person is told of what was not opened. */
export const HELD: Problem = {
  message: "vtorrent ended while it opened it the last time",
  remedy: { kind: "again" },
};
