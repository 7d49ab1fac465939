/**
 * The tracker.
 *
 * @module
 */
export type { TrackerOptions } from "./config.ts";
export { TrackerStartError } from "./io/http_server.ts";
export type { CatalogueEntry } from "./logic/catalogue.ts";
export type { SwarmPeer, SwarmSnapshot, TrackerEvent, TrackerSnapshot } from "./snapshot.ts";
export { startTracker, type Tracker } from "./tracker.ts";
