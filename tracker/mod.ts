/**
 * The tracker.
 *
 * @module
 */
export type { TrackerOptions } from "./config.ts";
export type { HttpLimits } from "./io/http_host.ts";
export { HttpServer } from "./io/http_server.ts";
export type { HttpRequest, Route } from "./io/route.ts";
export { readMetainfo } from "./io/slices.ts";
export { TrackerStartError } from "./io/start_error.ts";
export type { CatalogueEntry } from "./logic/catalogue.ts";
export {
  type BodyStream,
  type HttpReply,
  jsonBytesReply,
  jsonReply,
  refusal,
  textReply,
} from "./logic/http_reply.ts";
export type {
  SwarmNumbers,
  SwarmPeer,
  SwarmSnapshot,
  TrackerEvent,
  TrackerSnapshot,
  TrackerStats,
  TrackerView,
} from "./snapshot.ts";
export { startTracker, type Tracker } from "./tracker.ts";
