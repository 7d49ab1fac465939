/**
 * Brings back what an earlier run of a tracker remembered.
 *
 * @module
 */
import type { Steps } from "../protocol/steps.ts";
import type { TrackerOptions } from "./options.ts";
import { slices } from "../loop/process_loop.ts";
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
  restoreCompleted(infoHash: Uint8Array, completed: number, now: number): number;
}

/** Fills the catalogue from the records; no .torrent is read for it. */
export function restoreCatalogue(db: TrackerDb, catalogue: Catalogue): void {
  for (const entry of db.entries()) catalogue.add(entry);
}

/**
 * Adds the counts of earlier runs to a store: the first page now, the others while it is in use.
 */
export async function restoreCounts(db: TrackerDb, store: Counts, now: number): Promise<void> {
  const steps = countSteps(db, store, now);
  if (steps.next().done) return;
  await slices.run(steps);
}

function* countSteps(db: TrackerDb, store: Counts, now: number): Steps<void> {
  for (const page of db.completed()) {
    for (const { infoHash, completed } of page) {
      const total = store.restoreCompleted(infoHash, completed, now);
      if (total > completed) db.noteCompleted(infoHash.toHex(), total);
    }
    yield;
  }
}
