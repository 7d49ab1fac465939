/**
 * Download queue: which downloads may start when only a number of them may be active at once.
 *
 * @module
 */

/** What is weighed of one torrent. */
export interface QueuedTorrent {
  /** It has something to fetch, and nothing but the queue keeps it from that. */
  readonly isDownload: boolean;
  /** It waits for its turn. */
  readonly isWaiting: boolean;
}

/**
 * Those whose turn it is, the first added first. Who is active stays so: its peers count on it.
 *
 * @param torrents in the order they were added
 * @param limit active at once; 0 for no limit
 */
export function nextInQueue<T extends QueuedTorrent>(torrents: readonly T[], limit: number): T[] {
  const downloads = torrents.filter((torrent) => torrent.isDownload);
  const waiting = downloads.filter((torrent) => torrent.isWaiting);
  if (limit === 0) return waiting;
  const active = downloads.length - waiting.length;
  return waiting.slice(0, Math.max(0, limit - active));
}
