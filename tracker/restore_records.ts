/**
 * Brings back what an earlier run of a tracker remembered.
 *
 * @module
 */
import type { TrackerOptions } from "./options.ts";
import { TrackerStartError } from "./contract/start_error.ts";
import { TrackerDb } from "./tracker_db.ts";
import type { Catalogue } from "./contract/catalogue.ts";

/**
 * Opens the file that a tracker keeps things in, if there is to be one.
 *
 * @param warn hears what is wrong with it, now and later
 * @throws {TrackerStartError} where a required file cannot be had
 */
export function openRecords(
  options: TrackerOptions,
  warn: (sentence: string) => void,
): TrackerDb | undefined {
  if (options.db === undefined) return undefined;
  try {
    return TrackerDb.open({ path: options.db, onProblem: warn });
  } catch (error) {
    if (options.dbRequired !== false || !(error instanceof TrackerStartError)) throw error;
    warn(`${error.message}. Nothing is kept this time`);
    return undefined;
  }
}

/** Where counts of completed downloads go. */
interface Counts {
  restoreCompleted(infoHash: Uint8Array, completed: number, now: number): void;
}

/** Fills catalogue and store, if there is one to fill, from the records; no .torrent is read for it. */
export function restoreRecords(
  db: TrackerDb,
  into: { catalogue: Catalogue; store: Counts | undefined },
  now: number,
): void {
  for (const { infoHash, completed } of db.completed()) {
    into.store?.restoreCompleted(infoHash, completed, now);
  }
  for (const entry of db.entries()) into.catalogue.add(entry);
}
