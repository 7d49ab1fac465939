/**
 * Torrent state: derived from facts, never stored.
 *
 * @module
 */
import type { Wanted } from "../events.ts";
import type { TorrentState } from "../snapshot.ts";

/** The facts that count. */
export interface TorrentFactsNow {
  readonly checking: number | undefined;
  readonly wanted: Wanted;
  readonly error: Error | undefined;
  /** Urgent: what is left of its files is not known. */
  readonly recheck: { readonly isUrgent: boolean };
  readonly isQueued: boolean;
  readonly isComplete: boolean;
  readonly completedAt: number | undefined;
}

/**
 * The one state that a torrent is in.
 *
 * @param isNaming complete is not enough: whoever hears of it may rely on the files' final names
 */
export function stateOf(torrent: TorrentFactsNow, isNaming: boolean): TorrentState {
  if (torrent.checking !== undefined) return "checking";
  if (torrent.wanted === "stopped") return "stopped";
  if (torrent.error !== undefined) return "error";
  if (torrent.recheck.isUrgent) return "checking";
  if (torrent.wanted === "paused") return "paused";
  if (torrent.isQueued) return "queued";
  const isNamed = torrent.completedAt !== undefined && !isNaming;
  return torrent.isComplete && isNamed ? "seeding" : "downloading";
}
