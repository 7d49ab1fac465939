/**
 * `vtorrent edit <FILE>`: other trackers, web seeds or comment; the info hash stays.
 *
 * @module
 */
import { resolve } from "@std/path";
import { editMetainfo, type MetainfoChanges } from "../../protocol/mod.ts";
import { allowedLints, objection } from "../arguments/create_lints.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { ProgramCall } from "../help/program_table.ts";
import { announceUrls, webSeedUrl } from "../arguments/torrent_argument.ts";
import { parseTorrent, readTorrent, type TorrentFile } from "../arguments/torrent_file.ts";
import { writeOutput } from "../terminal/output_file.ts";

/** Trackers that an error names. */
const MOST_NAMED = 12;

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const before = await readTorrent(args[0]!, world);
  const changes = changesOf(flags, before);
  if (Object.keys(changes).length === 0) {
    throw new UsageError(
      "Nothing to change: give --add-tracker, --remove-tracker, --tracker, --web-seed or --comment",
    );
  }
  const allowed = allowedLints(flags.allow);
  if (changes.trackers !== undefined) {
    const { info } = before.metainfo;
    const trackers = changes.trackers.flat().length;
    // What an edit cannot change was objected to when it was made.
    const facts = {
      private: info.private,
      trackers,
      pieceLength: undefined,
      pieceCount: undefined,
    };
    const reason = objection(facts, allowed);
    if (reason !== undefined) throw new CommandError("failed", reason);
  }
  const bytes = editMetainfo(before.bytes, changes);
  const { metainfo, infoHash } = await parseTorrent(bytes, "The changed .torrent");
  const output = flags.output ?? args[0]!;
  if (output === "-") {
    screen.bytes(bytes);
    return 0;
  }
  const target = resolve(world.cwd, output);
  await writeOutput(target, bytes, { overwrite: flags.force || flags.output === undefined });
  screen.show({
    view: "facts",
    event: "edited",
    columns: [
      { key: "name" },
      { key: "torrent" },
      { key: "info_hash", title: "info hash" },
      { key: "tracker_text", title: "trackers" },
      { key: "comment" },
    ],
    row: {
      name: metainfo.info.name,
      torrent: target,
      info_hash: infoHash,
      tracker_text: metainfo.trackers.map((tier) => tier.join(" ")).join(" | ") || "none",
      comment: metainfo.comment,
    },
    more: { trackers: metainfo.trackers },
  });
  return 0;
}

function changesOf(flags: FlagValues, { metainfo }: TorrentFile): MetainfoChanges {
  const { comment, "web-seed": webSeeds } = flags;
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(webSeeds === undefined
      ? {}
      : { webSeeds: webSeeds.filter((url) => url !== "").map(webSeedUrl) }),
    ...trackersOf(flags, metainfo.trackers),
  };
}

/** `--tracker` replaces all; then some go, then some come, each as a tier of its own. */
function trackersOf(
  flags: FlagValues,
  present: readonly (readonly string[])[],
): Pick<MetainfoChanges, "trackers"> {
  const { tracker, "add-tracker": added, "remove-tracker": removed } = flags;
  if (tracker === undefined && added === undefined && removed === undefined) return {};
  let tiers = tracker === undefined ? present : announceUrls(tracker).map((url) => [url]);
  for (const unwanted of removed ?? []) {
    const gone = unwanted === "all" ? undefined : [unwanted, ...announceUrls([unwanted])];
    const left = tiers.map((tier) =>
      gone === undefined ? [] : tier.filter((url) => !gone.includes(url))
    );
    if (gone !== undefined && left.flat().length === tiers.flat().length) {
      throw new CommandError(
        "failed",
        `${unwanted} is not among its trackers: ${presentOf(tiers.flat())}`,
      );
    }
    tiers = left;
  }
  const known = new Set(tiers.flat());
  const more = announceUrls(added ?? []).filter((url) => !known.has(url));
  return { trackers: [...tiers, ...more.map((url) => [url])] };
}

/** The trackers that there are; of very many their number. */
function presentOf(trackers: readonly string[]): string {
  if (trackers.length === 0) return "it has none";
  if (trackers.length <= MOST_NAMED) return trackers.join(", ");
  return `it has ${trackers.length}, which vtorrent show names`;
}
