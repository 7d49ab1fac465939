/**
 * `vtorrent scrape <FILE|MAGNET|URL|NAME>`: asks the trackers for counts.
 *
 * @module
 */
import { resolve } from "@std/path";
import { BencodeError, MetainfoError, parseLink, TrackerError } from "../../protocol/mod.ts";
import { COUNT_COLUMNS } from "../commands/counts.ts";
import { CommandError } from "../base/errors.ts";
import { scrapeTracker } from "../trackers/scrape_tracker.ts";
import { announceUrls, findTorrent, type FoundTorrent } from "../arguments/torrent_argument.ts";
import { parseTorrent, readTorrent } from "../arguments/torrent_file.ts";
import { trackersOf } from "./one_shot_engine.ts";
import { severalTold } from "../trackers/versions.ts";
import type { Environment } from "../base/environment.ts";
import type { ProgramCall } from "../help/program_table.ts";

/** Trackers that a torrent names: so many are asked, so many at a time. */
const MAX_NAMED = 50;
const AT_ONCE = 4;
/** Trackers without an answer that are told of one by one. */
const MAX_FAULTS_SHOWN = 4;

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const swarm = await swarmOf(args[0]!, { flags, world, screen });
  const typed = [...announceUrls(flags.tracker ?? []), ...swarm.own];
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

/** What is asked about. */
interface ScrapedSwarm {
  readonly infoHash: string;
  readonly name: string | undefined;
  /** Announce URLs of the trackers that the torrent names. */
  readonly trackers: readonly string[];
  /** The one in whose catalogue it was found. */
  readonly own: readonly string[];
}

async function swarmOf(
  what: string,
  { flags, world, screen }: Pick<ProgramCall, "flags" | "world" | "screen">,
): Promise<ScrapedSwarm> {
  const link = parseLink(what);
  if (link !== undefined) {
    const { infoHash, name, trackers } = link;
    return { infoHash: infoHash.toHex(), name, trackers, own: [] };
  }
  const listed = () => listedSwarm(what, { flags, world, screen });
  if (/^https?:\/\//i.test(what)) return await listed();
  if (what === "-" || /\.torrent$/i.test(what)) return await swarmOfFile(what, world);
  if (!await isThere(resolve(world.cwd, what))) return await listed();
  try {
    return await swarmOfFile(what, world);
  } catch (error) {
    if (!isNoTorrent(error)) throw error;
    // Who has downloaded it may have the file itself, of the same name.
    return await listed().catch(() => {
      throw error;
    });
  }
}

async function swarmOfFile(path: string, world: Environment): Promise<ScrapedSwarm> {
  const { metainfo, infoHash } = await readTorrent(path, world);
  return { infoHash, name: metainfo.info.name, trackers: metainfo.trackers.flat(), own: [] };
}

/** What a name of the catalogue or the address of a .torrent means. */
async function listedSwarm(
  what: string,
  { flags, world, screen }: Pick<ProgramCall, "flags" | "world" | "screen">,
): Promise<ScrapedSwarm> {
  const search = !/^https?:\/\//i.test(what);
  const { catalogues } = await trackersOf(flags, { search, screen, stop: world.stop });
  const found = await findTorrent(what, { catalogues, folders: [], signal: world.stop });
  // A link is not looked up here.
  const { bytes, trackers: own, others = [] } = found as FoundTorrent;
  const several = severalTold(what, others);
  if (several !== undefined) screen.note(several);
  const { metainfo, infoHash } = await parseTorrent(bytes, what);
  return { infoHash, name: metainfo.info.name, trackers: metainfo.trackers.flat(), own };
}

function isNoTorrent(error: unknown): boolean {
  return error instanceof BencodeError || error instanceof MetainfoError ||
    (error instanceof CommandError && error.kind === "bad-torrent");
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
