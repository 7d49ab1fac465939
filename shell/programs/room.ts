/**
 * `vtorrent room [NAME]`: who of a swarm has the whole torrent and who lags, as its tracker knows it.
 *
 * @module
 */
import { nearest } from "../base/did_you_mean.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { replyText } from "../base/reply_text.ts";
import { API } from "../dashboard/api_router.ts";
import type { PublishedTorrent, SwarmMember, SwarmSummary } from "../dashboard/page/api_types.ts";
import type { ProgramCall } from "../help/program_table.ts";
import {
  AnnouncedRates,
  type AnnouncedSwarm,
  standingSentence,
  standingTable,
  SwarmAbsentees,
  swarmStanding,
} from "../view/swarm_standing.ts";
import { paint, renderTable } from "../view/table.ts";
import { swarmTable } from "../view/swarm_table.ts";
import type { Row, TerminalStyle, View } from "../view/view.ts";
import { formatCount, formatDuration, wrap } from "../base/format.ts";
import { trackersOf } from "./one_shot_engine.ts";

/** ms that a tracker has to answer. */
const PATIENCE_MS = 10_000;
/** The longest answer that is read, bytes: some ten thousand peers. */
const MAX_REPLY = 8 << 20;
/** ms between two looks of `--watch`: peers announce every five seconds at most. */
const AGAIN_MS = 1000;
/** Lines of a live view that are neither its sentence nor peers: the heading, the rest, the cursor. */
const FRAME_LINES = 3;

/** A look at a swarm. */
interface Look {
  readonly swarm: AnnouncedSwarm;
  readonly standing: ReturnType<typeof swarmStanding>;
}

export async function run(call: ProgramCall): Promise<number> {
  const { args, flags, world, screen } = call;
  const tracker = await trackerOf(call);
  if (args[0] === undefined) {
    const { swarms } = await ask<{ swarms: SwarmSummary[] }>(tracker, "/swarms");
    // One is what a room has that gets one file: then nobody types its name.
    if (swarms.length !== 1) {
      if (flags.watch) throw new UsageError("Which one? vtorrent room <NAME> --watch");
      const empty = `No peer has announced to ${tracker} yet. ` +
        "Give the file with vtorrent seed <FILE> --tracker or send it at a peer";
      const listed = swarms.map((swarm) => ({ ...swarm, infoHash: swarm.info_hash }));
      return screen.show(swarmTable(listed, empty)) ? 0 : 1;
    }
  }
  const [rates, absentees] = [new AnnouncedRates(), new SwarmAbsentees()];
  const look = async (): Promise<Look> => {
    const swarm = await readSwarm(tracker, args[0]);
    const more = { wanted: flags.peers, now: Date.now(), rates, absentees };
    return { swarm, standing: swarmStanding(swarm, more) };
  };
  let now = await look();
  if (flags.watch) {
    using _progress = screen.progress("room", {
      line: (style) => liveText(now, style),
      facts: () => factsOf(now),
    });
    await untilDone();
  }
  const view: View = {
    view: "several",
    views: [
      {
        view: "sentence",
        event: "room",
        text: standingSentence(now.swarm, now.standing),
        facts: factsOf(now),
      },
      standingTable(now.standing.rows),
    ],
  };
  return screen.show(view) ? 0 : 1;

  /** Looks again and again until everybody has it. */
  async function untilDone(): Promise<void> {
    const timeout = flags.timeout;
    const end = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
    const stop = AbortSignal.any([world.stop, ...(end === undefined ? [] : [end])]);
    while (!now.standing.isDone) {
      await pause(AGAIN_MS, stop);
      if (stop.aborted) {
        const sentence = standingSentence(now.swarm, now.standing);
        if (world.stop.aborted) throw new CommandError("unfinished", `Stopped. ${sentence}`);
        const rows = now.standing.rows.filter((row) => row["state"] !== "finished");
        if (rows.length > 0) screen.show(standingTable(rows));
        throw new CommandError("timed-out", `After ${formatDuration(timeout!)}: ${sentence}`);
      }
      try {
        now = await look();
      } catch (error) {
        // A tracker that is started again is back in seconds, and its peers a little later.
        if (!(error instanceof CommandError)) throw error;
      }
    }
  }
}

function factsOf({ swarm, standing }: Look): Row {
  const { name, infoHash, size, completed } = swarm;
  const { finished, downloading, lagging, missing, gone, isDone } = standing;
  return {
    name,
    "info_hash": infoHash,
    size,
    finished,
    downloading,
    lagging,
    missing,
    gone: gone.length === 0 ? undefined : gone.join(", "),
    completed,
    done: isDone,
  };
}

/** One frame: the sentence, and where somebody looks those with the most left. */
function liveText({ swarm, standing }: Look, style: TerminalStyle): string {
  const sentence = standingSentence(swarm, standing);
  if (style.form !== "screen") return sentence;
  const width = { ...style, columns: style.columns - 1 };
  const head = wrap(sentence, width.columns);
  const room = Math.max(1, (style.rows ?? 24) - head.split("\n").length - FRAME_LINES);
  const shown = standing.rows.slice(0, room);
  const more = standing.rows.length - shown.length;
  const table = shown.length === 0 ? "" : `\n${renderTable(standingTable(shown), width).trimEnd()}`;
  const { bold, dim } = paint(style);
  return bold(head) + table +
    (more === 0 ? "" : `\n${dim(`and ${formatCount(more, "more peer")}`)}`);
}

/** The origin of the tracker's API. @throws {UsageError} where the tracker speaks UDP alone */
async function trackerOf({ flags, world, screen }: ProgramCall): Promise<string> {
  const { catalogues } = await trackersOf(flags, { search: true, screen, stop: world.stop });
  const url = new URL(catalogues.trackers[0]!);
  if (url.protocol !== "udp:") return url.origin;
  // Its HTTP is at the same port.
  return `http://${url.host}`;
}

async function readSwarm(tracker: string, what: string | undefined): Promise<AnnouncedSwarm> {
  const { swarms } = await ask<{ swarms: SwarmSummary[] }>(tracker, "/swarms");
  const found = what === undefined ? swarms[0] : named(swarms, what) ??
    await published(tracker, what, swarms);
  if (found === undefined) throw new CommandError("failed", `No peer announces to ${tracker} now`);
  const { info_hash: infoHash } = found;
  const { peers } = await ask<{ peers: SwarmMember[] }>(tracker, `/swarms/${infoHash}`);
  return {
    name: found.name ?? infoHash,
    infoHash,
    size: found.size ?? undefined,
    completed: found.completed,
    peers,
  };
}

/** The swarm of this name or info hash; of several of one name that with the most peers. */
function named(swarms: readonly SwarmSummary[], what: string): SwarmSummary | undefined {
  const isMeant = ({ name, info_hash: infoHash }: SwarmSummary) =>
    name === what || infoHash === what.toLowerCase();
  return swarms.filter(isMeant)
    .sort((a, b) => b.seeders + b.leechers - a.seeders - a.leechers)[0];
}

/** The torrent of this name in the catalogue, as a swarm without peers. @throws {CommandError} */
async function published(
  tracker: string,
  what: string,
  swarms: readonly SwarmSummary[],
): Promise<SwarmSummary> {
  const search = `/catalogue?search=${encodeURIComponent(what)}`;
  const { torrents } = await ask<{ torrents: PublishedTorrent[] }>(tracker, search);
  const found = torrents.find(({ name }) => name === what);
  if (found !== undefined) {
    return { ...found, seeders: 0, leechers: 0, completed: 0, reporting: 0 };
  }
  const near = nearest(what, swarms.flatMap(({ name }) => name ?? []));
  throw new CommandError(
    "failed",
    `${tracker} knows no torrent "${what}". ` +
      (near === undefined ? "vtorrent room shows what there is" : `Did you mean "${near}"?`),
  );
}

/** What the tracker's API answers. @throws {CommandError} with its sentence, or why there is none */
async function ask<T>(tracker: string, path: string): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${tracker}${API}${path}`, {
      // Whoever typed the tracker has not typed where that one sends us.
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    text = await replyText(response, MAX_REPLY);
  } catch (error) {
    throw new CommandError(
      "failed",
      error instanceof RangeError
        ? `${tracker} answers without an end: is it a tracker?`
        : `No tracker answers at ${tracker}: start one with vtorrent tracker, or name it with --tracker`,
      { cause: error },
    );
  }
  const value = parseJson(text);
  if (response.ok && value !== undefined) return value as T;
  const { error } = Object(value) as { error?: unknown };
  throw new CommandError(
    "failed",
    typeof error === "string"
      ? `${tracker}: ${error}`
      : `${tracker} does not list its peers: only a tracker of vtorrent can be asked`,
  );
}

/** Undefined where it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves after `ms`, or when `signal` aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
