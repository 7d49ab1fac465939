/**
 * `resume`: goes on after `pause`, `stop` or an error that was mended.
 *
 * @module
 */
import { findOwn, snapshotOf } from "../own_torrent.ts";
import type { Verb } from "../verb.ts";

export const resume: Verb = {
  name: "resume",
  argument: "<NAME>",
  summary: "go on after pause, stop or an error",
  completes: "torrents",
  peer: ({ engine }, call) => {
    const { name, infoHash } = findOwn(engine, call.rest);
    engine.resume(infoHash);
    const state = snapshotOf(engine, infoHash)?.state;
    return {
      view: "sentence",
      event: "resumed",
      text: `"${name}" goes on: ${state}`,
      facts: { name, info_hash: infoHash, state },
    };
  },
};
