/**
 * `stop`: leaves a swarm and keeps everything.
 *
 * @module
 */
import { findOwn } from "../arguments/known_torrent.ts";
import type { Verb } from "./verb.ts";

export const stop: Verb = {
  name: "stop",
  argument: "<NAME>",
  summary: "leave the swarm, keep everything",
  completes: "torrents",
  peer: async ({ engine }, call) => {
    const { name, infoHash } = findOwn(engine, call.rest);
    await engine.stop(infoHash);
    return {
      view: "sentence",
      event: "stopped",
      text: `"${name}" is stopped; resume continues it`,
      facts: { name, info_hash: infoHash },
    };
  },
};
