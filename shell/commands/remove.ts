/**
 * `remove`: forgets a torrent; its files only on request.
 *
 * @module
 */
import type { KeptFile } from "../../peer/mod.ts";
import { formatCount } from "../format.ts";
import { findOwn } from "../own_torrent.ts";
import type { Call, Verb } from "../verb.ts";
import type { View } from "../view.ts";
import { unpublish } from "./unpublish.ts";

export const remove: Verb = {
  name: "remove",
  aliases: ["rm"],
  argument: "<NAME>",
  summary: "forget it; its files stay unless --data is given",
  flags: ["data", "yes"],
  completes: "torrents",
  peer: async ({ engine }, call) => {
    const { name, infoHash, dir } = findOwn(engine, call.rest);
    const data = call.flags.data ?? false;
    const question = data
      ? `Forget "${name}" and DELETE what was downloaded of it in ${dir}?`
      : `Forget "${name}"? Its files in ${dir} stay.`;
    if (!(await agreed(call, question))) return unchanged(name);
    const kept = await engine.remove(infoHash, { data });
    const text = !data
      ? `"${name}" is removed; its files are still in ${dir}`
      : kept.length === 0
      ? `"${name}" is removed and its files are deleted`
      : `"${name}" is removed; ${whatStays(kept)}`;
    return {
      view: "sentence",
      event: "removed",
      text,
      facts: {
        name,
        info_hash: infoHash,
        data,
        ...(data && { kept: kept.length }),
      },
    };
  },
  tracker: ({ tracker }, call) =>
    unpublish(tracker, call.rest, (question) => agreed(call, question)),
};

/** Whether to go on. Where nobody can be asked, the command itself was the answer. */
async function agreed(call: Call, question: string): Promise<boolean> {
  return call.flags.yes || call.ask === undefined || await call.ask(question);
}

/** Files named one by one. */
const NAMED = 3;

/** What `--data` does not delete, and why. */
function whatStays(kept: readonly KeptFile[]): string {
  const named = kept.slice(0, NAMED).map(({ path, reason }) => `${path} stays: ${reason}`);
  const more = kept.length - named.length;
  return [...named, ...more > 0 ? [`and ${formatCount(more, "more file")} like that`] : []].join(
    "; ",
  );
}

function unchanged(name: string): View {
  return { view: "sentence", event: "kept", text: `"${name}" stays`, facts: { name } };
}
