/**
 * `remove`: forgets a torrent; its files only on request.
 *
 * @module
 */
import type { Engine, KeptFile, TorrentSnapshot } from "../../peer/mod.ts";
import { formatCount } from "../base/format.ts";
import { findOwn, lookUpOwn } from "../arguments/known_torrent.ts";
import { joined } from "../arguments/parse_line.ts";
import type { Call, Verb } from "./verb.ts";
import type { View } from "../view/view.ts";
import { matches, unpublish } from "./unpublish.ts";

export const remove: Verb = {
  name: "remove",
  aliases: ["rm"],
  argument: "<NAME>...",
  summary: "forget it; its files stay unless --data is given",
  flags: ["data", "yes"],
  completes: "torrents",
  peer: async ({ engine }, call) => {
    const torrents = ownOf(engine, call);
    const data = call.flags.data ?? false;
    const [first] = torrents;
    const what = torrents.length === 1
      ? `"${first!.name}"`
      : `${torrents.length} torrents (${torrents.map(({ name }) => `"${name}"`).join(", ")})`;
    const dirs = [...new Set(torrents.map(({ dir }) => dir))].join(", ");
    const question = data
      ? `Forget ${what} and DELETE what was downloaded in ${dirs}?`
      : `Forget ${what}? ${torrents.length === 1 ? "Its" : "Their"} files in ${dirs} stay.`;
    if (!(await agreed(call, question))) {
      return oneOrSeveral(torrents.map(({ name }) => unchanged(name)));
    }
    const views: View[] = [];
    for (const torrent of torrents) views.push(await removeOne(engine, torrent, data));
    return oneOrSeveral(views);
  },
  tracker: ({ tracker }, call) =>
    unpublish(tracker, call.rest, (question) => agreed(call, question)),
};

async function removeOne(
  engine: Engine,
  { name, infoHash, dir }: TorrentSnapshot,
  data: boolean,
): Promise<View> {
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
    facts: { name, info_hash: infoHash, data, ...(data && { kept: kept.length }) },
  };
}

/** The torrents that are meant: one name with spaces, or several names and patterns. */
function ownOf(engine: Engine, { args, rest, words }: Call): TorrentSnapshot[] {
  const whole = lookUpOwn(engine, rest) ?? lookUpOwn(engine, joined(words, ({ typed }) => typed));
  if (whole !== undefined || args.length === 0) return [whole ?? findOwn(engine, rest)];
  const { torrents } = engine.snapshot();
  const found = new Map<string, TorrentSnapshot>();
  for (let start = 0; start < words.length;) {
    const { text, quoted } = words[start]!;
    const isPattern = !quoted && text.includes("*");
    const fitting = isPattern ? torrents.filter(({ name }) => matches(name, text)) : [];
    let end = fitting.length > 0 ? start + 1 : words.length;
    for (; fitting.length === 0 && end > start; end--) {
      const torrent = lookUpOwn(engine, joined(words.slice(start, end), (word) => word.text));
      if (torrent === undefined) continue;
      fitting.push(torrent);
      break;
    }
    // Nothing is removed where a word of it is not understood.
    if (fitting.length === 0) fitting.push(findOwn(engine, start === 0 ? rest : text));
    for (const torrent of fitting) found.set(torrent.infoHash, torrent);
    start = end;
  }
  return [...found.values()];
}

function oneOrSeveral(views: View[]): View {
  return views.length === 1 ? views[0]! : { view: "several", views };
}

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
