/**
 * `send`: shares files and folders where they lie.
 *
 * @module
 */
import { leftOutInWords, StorageError } from "../../peer/mod.ts";
import { parseMetainfo } from "../../protocol/mod.ts";
import { hashProgress } from "../terminal/progress.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { sentence } from "../base/format.ts";
import { isMeant } from "../arguments/doubtful_source.ts";
import { findSources } from "../arguments/source_argument.ts";
import { magnetLink } from "../arguments/magnet_link.ts";
import { kindOf } from "../flags/torrent_kind.ts";
import type { Call, PeerSession, Verb } from "./verb.ts";
import type { Column, View } from "../view/view.ts";

export const send: Verb = {
  name: "send",
  aliases: ["share"],
  argument: "<FILE or DIR>...",
  summary: "share: hash, publish in the catalogue, seed; several names, *.pdf",
  flags: ["v1", "hybrid", "v2", "private", "comment", "piece-length", "yes"],
  completes: "files",
  peer: async (session, call) => {
    if (call.args.length === 0) throw new UsageError("Send what? Type send <FILE or DIR>");
    const paths = await findSources(call.words, [session.engine.dir, session.cwd]);
    const doubt = {
      home: session.home,
      yes: call.flags.yes,
      ask: call.ask,
      question: "Share all that is in it?",
      unasked: "send -y shares it all the same",
    };
    const views: View[] = [];
    for (const path of paths) {
      try {
        if (!(await isMeant(path, doubt))) {
          views.push({
            view: "sentence",
            event: "not-sent",
            text: `"${path}" is not shared`,
            facts: { path },
          });
          continue;
        }
        views.push(await sendOne(session, call, path));
      } catch (error) {
        // One of several that cannot be shared does not keep the others from it.
        const isOfOne = error instanceof StorageError || error instanceof CommandError;
        if (paths.length === 1 || !isOfOne) throw error;
        views.push({ view: "problem", text: error.message });
      }
    }
    return views.length === 1 ? views[0]! : { view: "several", views };
  },
};

const COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "size", unit: "bytes" },
  { key: "pieces", unit: "count" },
  { key: "info_hash", title: "info hash" },
  { key: "state" },
  { key: "published", title: "in catalogue", unit: "yes-no" },
  { key: "magnet" },
];

async function sendOne(session: PeerSession, call: Call, path: string): Promise<View> {
  const { engine, publisher } = session;
  const { report, update } = hashProgress(path);
  const shared = await (async () => {
    using _progress = call.progress("hashing", report);
    return await publisher.share(path, {
      onProgress: update,
      signal: call.signal,
      kind: kindOf(call.flags),
      private: call.flags.private,
      comment: call.flags.comment,
      pieceLength: call.flags["piece-length"],
    });
  })();
  const torrent = engine.snapshot().torrents.find(({ infoHash }) => infoHash === shared.infoHash);
  const { taken, problems, replaced } = shared;
  const facts: View = {
    view: "facts",
    event: "sent",
    columns: COLUMNS,
    row: {
      name: shared.name,
      size: torrent?.totalSize,
      pieces: torrent?.pieceCount,
      info_hash: shared.infoHash,
      state: torrent?.state === "paused" || torrent?.state === "stopped"
        ? torrent.state
        : "seeding",
      published: taken > 0,
      magnet: magnetLink(
        parseMetainfo(shared.torrent),
        torrent?.trackers.map(({ url }) => url) ?? [],
        [],
      ),
    },
  };
  const older = replaced.map((infoHash): View => ({
    view: "sentence",
    event: "removed",
    text: `The version of "${shared.name}" that you sent before (${infoHash}) is out of the ` +
      "catalogue and no longer shared",
    facts: { name: shared.name, info_hash: infoHash, data: false },
  }));
  const left: View[] = shared.leftOut.length === 0 ? [] : [{
    view: "sentence",
    event: "left-out",
    text: `"${shared.name}" is shared without some files of its folder, ` +
      leftOutInWords(shared.leftOut),
    facts: { name: shared.name, info_hash: shared.infoHash },
  }];
  if (problems.length === 0 && older.length === 0 && left.length === 0) return facts;
  return {
    view: "several",
    views: [
      facts,
      ...left,
      ...older,
      ...problems.map((problem): View => ({
        view: "problem",
        text: `"${shared.name}" is seeded but not in the catalogue yet: ${sentence(problem)} ` +
          "It is published as soon as the tracker answers",
      })),
    ],
  };
}
