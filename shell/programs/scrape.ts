/**
 * `vtorrent scrape <FILE|MAGNET>`: asks the trackers for counts.
 *
 * @module
 */
import { parseLink, TrackerError } from "../../protocol/mod.ts";
import { COUNT_COLUMNS } from "../commands/counts.ts";
import { CommandError } from "../base/errors.ts";
import { scrapeTracker } from "../trackers/scrape_tracker.ts";
import { announceUrls } from "../arguments/torrent_argument.ts";
import { readTorrent } from "../arguments/torrent_file.ts";
import type { Environment } from "../base/environment.ts";
import type { ProgramCall } from "../help/program_table.ts";

/** Trackers that a torrent names: so many are asked, so many at a time. */
const MAX_NAMED = 50;
const AT_ONCE = 4;
/** Trackers without an answer that are told of one by one. */
const MAX_FAULTS_SHOWN = 4;

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const swarm = await swarmOf(args[0]!, world);
  const typed = announceUrls(flags.tracker ?? []);
  const trackers = [...new Set([...typed, ...swarm.trackers])];
  if (trackers.length === 0) {
    throw new CommandError("failed", `${args[0]} names no tracker: give one with --tracker`);
  }
  const asked = trackers.slice(0, typed.length + MAX_NAMED);
  if (asked.length < trackers.length) {
    screen.problem(`Only the first ${asked.length} of ${trackers.length} trackers are asked`);
  }
  let [answered, failed] = [0, 0];
  const ask = async (tracker: string): Promise<void> => {
    try {
      const isTyped = typed.includes(tracker);
      const counts = await scrapeTracker(tracker, swarm.infoHash, world.stop, isTyped);
      answered++;
      const { name, infoHash } = swarm;
      const row = { name, "info_hash": infoHash, tracker, ...counts };
      screen.show({ view: "facts", event: "scrape", columns: COUNT_COLUMNS, row });
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      if (++failed <= MAX_FAULTS_SHOWN) screen.problem(error.message);
    }
  };
  const queue = asked.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const tracker of queue) await ask(tracker);
  }));
  if (failed > MAX_FAULTS_SHOWN) {
    screen.problem(`${failed - MAX_FAULTS_SHOWN} more trackers gave no counts`);
  }
  return answered > 0 ? 0 : 1;
}

async function swarmOf(
  what: string,
  world: Environment,
): Promise<{ infoHash: string; name: string | undefined; trackers: string[] }> {
  const link = parseLink(what);
  if (link !== undefined) {
    const { infoHash, name, trackers } = link;
    return { infoHash: infoHash.toHex(), name, trackers };
  }
  const { metainfo, infoHash } = await readTorrent(what, world);
  return { infoHash, name: metainfo.info.name, trackers: metainfo.trackers.flat() };
}
