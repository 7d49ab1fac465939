/**
 * The tracker.
 *
 * @module
 */
export type { TrackerOptions } from "./config.ts";
export { TrackerStartError } from "./io/start_error.ts";
export type { CatalogueEntry } from "./logic/catalogue.ts";
export type {
  SwarmNumbers,
  SwarmPeer,
  SwarmSnapshot,
  TrackerEvent,
  TrackerSnapshot,
  TrackerStats,
} from "./snapshot.ts";
export { startTracker, type Tracker } from "./tracker.ts";
