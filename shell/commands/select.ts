/**
 * `select`: which files of a torrent are wanted, and how much.
 *
 * @module
 */
import { FILE_PRIORITIES, type FilePriority, type TorrentSnapshot } from "../../peer/mod.ts";
import { UsageError } from "../errors.ts";
import { formatBytes, formatCount } from "../format.ts";
import { snapshotOf, splitOwn } from "../own_torrent.ts";
import type { Verb } from "../verb.ts";
import type { View } from "../view.ts";

export const select: Verb = {
  name: "select",
  argument: "<NAME> <FILES>",
  summary: "want only these files: 1,3-5 or *.pdf or all; or make them high, low, skip",
  completes: "torrents",
  peer: async ({ engine }, call) => {
    if (call.rest === "") {
      throw new UsageError(
        "Which torrent and files? Type select <NAME> 1,3-5; fileinfo has numbers",
      );
    }
    const { torrent, rest } = splitOwn(engine, call.args);
    const words = [...rest];
    const priority = FILE_PRIORITIES.find((name) => name === words.at(-1)?.toLowerCase());
    if (priority !== undefined) words.pop();
    const which = words.join(" ");
    if (which === "") {
      throw new UsageError(
        `Which files of "${torrent.name}"? Type their numbers, names or a pattern, as 1,3-5 or *.pdf`,
      );
    }
    await engine.select(torrent.infoHash, which, priority);
    return chosen(snapshotOf(engine, torrent.infoHash)!);
  },
};

/** What is wanted now. */
function chosen(torrent: TorrentSnapshot): View {
  const of = (priority: FilePriority) =>
    torrent.files.filter((file) => file.number !== undefined && file.priority === priority);
  const counts = FILE_PRIORITIES.toReversed().flatMap((priority) => {
    const files = of(priority);
    return files.length === 0 ? [] : [`${files.length} ${priority}`];
  });
  const all = torrent.files.filter((file) => file.number !== undefined);
  const wanted = all.filter((file) => file.priority !== "skip");
  const bytes = wanted.reduce((sum, file) => sum + file.length, 0);
  return {
    view: "sentence",
    event: "selected",
    text: `"${torrent.name}": ${formatCount(wanted.length, "file")} of ${all.length} wanted ` +
      `(${formatBytes(bytes)}): ${counts.join(", ")}`,
    facts: {
      name: torrent.name,
      info_hash: torrent.infoHash,
      wanted: wanted.length,
      files: all.length,
      size: bytes,
    },
  };
}
