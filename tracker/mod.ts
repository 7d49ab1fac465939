/**
 * The tracker.
 *
 * @module
 */
export type { TrackerOptions } from "./options.ts";
export { announceReply } from "./http/announce_reply.ts";
export { ByteWriter } from "./http/byte_writer.ts";
export type { HttpLimits } from "./http/http_host.ts";
export { HttpServer } from "./http/http_server.ts";
export type { HttpRequest, Route } from "./http/route.ts";
export { readMetainfo } from "../loop/process_loop.ts";
export { DatagramBatch } from "./udp/datagram_batch.ts";
export { MemoryStore } from "./swarms/memory_store.ts";
export { TrackerStartError } from "./contract/start_error.ts";
export type { CatalogueEntry } from "./contract/catalogue.ts";
export {
  type BodyStream,
  type HttpReply,
  jsonBytesReply,
  jsonReply,
  refusal,
  textReply,
} from "./http/http_reply.ts";
export type {
  SwarmNumbers,
  SwarmPeer,
  SwarmSnapshot,
  TrackerEvent,
  TrackerSnapshot,
  TrackerStats,
  TrackerView,
} from "./contract/snapshot.ts";
export { startTracker, type Tracker } from "./tracker.ts";
