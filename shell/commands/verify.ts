/**
 * `verify`: hashes what is there of a torrent, while it goes on.
 *
 * @module
 */
import type { RecheckResult } from "../../peer/mod.ts";
import { formatCount, visible } from "../base/format.ts";
import { findOwn, snapshotOf } from "../arguments/known_torrent.ts";
import type { Verb } from "./verb.ts";

export const verify: Verb = {
  name: "verify",
  argument: "<NAME>",
  summary: "check its files; damaged pieces are not uploaded",
  completes: "torrents",
  peer: async ({ engine }, call) => {
    const { name, infoHash } = findOwn(engine, call.rest);
    let done = 0;
    const result = await (async () => {
      using _progress = call.progress("hashing", {
        line: () => `verifying ${visible(name)}  ${Math.floor(done * 100)}%`,
        facts: () => ({ what: name, done: Math.floor(done * 1000), total: 1000 }),
      });
      return await engine.verify(infoHash, {
        onProgress: (share) => done = share,
        signal: call.signal,
      });
    })();
    const torrent = snapshotOf(engine, infoHash);
    const good = torrent?.piecesHave ?? 0;
    const total = torrent?.pieceCount ?? 0;
    return {
      view: "sentence",
      event: "verified",
      text: `"${name}": ${inWords(result, good, total)}` +
        (good < total && torrent !== undefined ? `. It is ${torrent.state}` : ""),
      facts: {
        name,
        info_hash: infoHash,
        pieces_total: total,
        pieces_good: good,
        complete: good === total,
        damaged: result.lost,
        state: torrent?.state,
      },
    };
  },
};

function inWords({ lost, found }: RecheckResult, good: number, total: number): string {
  const all = formatCount(total, "piece");
  const sum = good === total ? `all ${all} good` : `${good} of ${all} good`;
  const damaged = lost === 0 ? "" : `, ${lost} damaged`;
  const back = found === 0 ? "" : `, ${found} found again`;
  return `${sum}${damaged}${back}`;
}
