/**
 * `resume`: goes on after `pause`, `stop` or an error that was mended. What is missing is fetched
 * then; what differs stays, and the torrent's version is fetched beside it, unless `--over` is given.
 *
 * @module
 */
import { findOwn, snapshotOf } from "../arguments/known_torrent.ts";
import type { Verb } from "./verb.ts";

export const resume: Verb = {
  name: "resume",
  aliases: ["start"],
  argument: "<NAME>",
  summary: "continue after pause, stop or an error",
  flags: ["over"],
  completes: "torrents",
  peer: ({ engine }, call) => {
    const { name, infoHash } = findOwn(engine, call.rest);
    engine.resume(infoHash, call.flags.over ? "over" : "beside");
    const state = snapshotOf(engine, infoHash)?.state;
    return {
      view: "sentence",
      event: "resumed",
      text: `"${name}" continues: ${state}`,
      facts: { name, info_hash: infoHash, state },
    };
  },
};
