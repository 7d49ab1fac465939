/**
 * `pause`: no transfers, connections stay.
 *
 * @module
 */
import { findOwn } from "../arguments/known_torrent.ts";
import type { Verb } from "./verb.ts";

export const pause: Verb = {
  name: "pause",
  argument: "<NAME>",
  summary: "stop transfers, stay connected",
  completes: "torrents",
  peer: ({ engine }, call) => {
    const { name, infoHash } = findOwn(engine, call.rest);
    engine.pause(infoHash);
    return {
      view: "sentence",
      event: "paused",
      text: `"${name}" is paused; resume continues it`,
      facts: { name, info_hash: infoHash },
    };
  },
};
