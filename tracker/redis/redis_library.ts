/**
 * The parts of the Redis client that we use, by name: of a CommonJS package that is loaded on
 * demand the bundle has a default export only.
 *
 * @module
 */
export { createClient, ErrorReply, RESP_TYPES } from "@redis/client";
