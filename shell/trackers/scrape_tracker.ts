/**
 * One tracker's counts for one torrent.
 *
 * @module
 */
import { parseInfoHash, TrackerError } from "../../protocol/mod.ts";
import { TrackerClient } from "../../peer/mod.ts";

/** What a scrape tells (BEP 48). */
export interface Counts {
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

/**
 * Asks the tracker with this announce URL.
 *
 * @param isTyped whether a person typed it, rather than a torrent named it
 * @throws {TrackerError} with a sentence for the user
 */
export async function scrapeTracker(
  announce: string,
  infoHash: string,
  signal: AbortSignal,
  isTyped: boolean,
): Promise<Counts> {
  const client = new TrackerClient(undefined, { isTyped: () => isTyped });
  const [entry] = await client.scrape(announce, [parseInfoHash(infoHash)!], signal);
  if (entry === undefined) throw new TrackerError(`${announce} does not know ${infoHash}`);
  const { seeders, leechers, completed } = entry;
  return { seeders, leechers, completed };
}
