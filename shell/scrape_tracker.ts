/**
 * One tracker's counts for one torrent.
 *
 * @module
 */
import { parseInfoHash, TrackerError } from "../protocol/mod.ts";
import { TrackerClient } from "../peer/mod.ts";

/** What a scrape tells (BEP 48). */
export interface Counts {
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

/**
 * Asks the tracker with this announce URL.
 *
 * @throws {TrackerError} with a sentence for the user
 */
export async function scrapeTracker(
  announce: string,
  infoHash: string,
  signal: AbortSignal,
): Promise<Counts> {
  const [entry] = await new TrackerClient().scrape(announce, [parseInfoHash(infoHash)!], signal);
  if (entry === undefined) throw new TrackerError(`${announce} knows nothing of ${infoHash}`);
  const { seeders, leechers, completed } = entry;
  return { seeders, leechers, completed };
}
