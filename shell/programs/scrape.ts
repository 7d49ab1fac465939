/**
 * `vtorrent scrape <FILE|MAGNET>`: asks the trackers for counts.
 *
 * @module
 */
import { parseMagnet, TrackerError } from "../../protocol/mod.ts";
import { COUNT_COLUMNS } from "../commands/counts.ts";
import { CommandError } from "../errors.ts";
import { scrapeTracker } from "../scrape_tracker.ts";
import { announceUrls } from "../torrent_argument.ts";
import { readTorrent } from "../torrent_file.ts";
import type { World } from "../world.ts";
import type { ProgramCall } from "../program_table.ts";

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const swarm = await swarmOf(args[0]!, world);
  const typed = announceUrls(flags.tracker ?? []);
  const trackers = [...new Set([...typed, ...swarm.trackers])];
  if (trackers.length === 0) {
    throw new CommandError("failed", `${args[0]} names no tracker: give one with --tracker`);
  }
  const answers = await Promise.allSettled(
    trackers.map((tracker) =>
      scrapeTracker(tracker, swarm.infoHash, world.stop, typed.includes(tracker))
    ),
  );
  let answered = 0;
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "rejected") {
      if (!(answer.reason instanceof TrackerError)) throw answer.reason;
      screen.problem(answer.reason.message);
      continue;
    }
    answered++;
    screen.show({
      view: "facts",
      event: "scrape",
      columns: COUNT_COLUMNS,
      row: {
        name: swarm.name,
        info_hash: swarm.infoHash,
        tracker: trackers[index],
        ...answer.value,
      },
    });
  }
  return answered > 0 ? 0 : 1;
}

async function swarmOf(
  what: string,
  world: World,
): Promise<{ infoHash: string; name: string | undefined; trackers: string[] }> {
  if (/^\s*magnet:/i.test(what)) {
    const { infoHash, name, trackers } = parseMagnet(what);
    return { infoHash: infoHash.toHex(), name, trackers };
  }
  const { metainfo, infoHash } = await readTorrent(what, world);
  return { infoHash, name: metainfo.info.name, trackers: metainfo.trackers.flat() };
}
