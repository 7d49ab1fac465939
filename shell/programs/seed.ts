/**
 * `vtorrent seed <FILE>`: seeds until stopped.
 *
 * @module
 */
import { COMMAND_REMEDIES, withRemedy } from "../base/remedies.ts";
import { basename, dirname, resolve } from "@std/path";
import { type Engine, leftOutInWords } from "../../peer/mod.ts";
import { parseMetainfo } from "../../protocol/mod.ts";
import { downloadProgress, hashProgress } from "../terminal/progress.ts";
import { oneShotSession, reportToBoards, servePageIfAsked } from "../dashboard/serve_page.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { ExplainMode } from "../explain/explain_mode.ts";
import { ExitStatus } from "../base/exit_status.ts";
import { exitWhen, untilSeeded } from "./exit_when.ts";
import { formatShare, sentence } from "../base/format.ts";
import { isMeant } from "../arguments/doubtful_source.ts";
import { magnetLink } from "../arguments/magnet_link.ts";
import { startOneShot, trackersOf } from "./one_shot_engine.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";
import { Publisher } from "../trackers/publisher.ts";
import { SentTorrents } from "../trackers/sent_torrents.ts";
import { addOptionsFor } from "../arguments/torrent_argument.ts";
import { readTorrent } from "../arguments/torrent_file.ts";
import type { ProgramCall } from "../help/program_table.ts";

export async function run(call: ProgramCall): Promise<number> {
  const { args, flags, world, screen } = call;
  const when = exitWhen(flags, undefined);
  if (when === "done") throw new UsageError("--exit-when done is for download: a seed is done");
  const path = resolve(world.cwd, args[0]!);
  const isTorrent = args[0] === "-" || /\.torrent$/i.test(path);
  const dir = resolve(world.cwd, flags.dir ?? (isTorrent ? "." : dirname(path)));
  const torrent = isTorrent ? await readTorrent(args[0]!, world) : undefined;
  if (torrent === undefined) {
    await Deno.stat(path);
    const isWanted = await isMeant(path, {
      home: world.env("HOME"),
      yes: flags.yes,
      ask: screen.ask,
      question: "Share all that is in it?",
      unasked: "vtorrent seed -y shares it all the same",
    });
    if (!isWanted) {
      screen.note(`${path} is not shared.`);
      return ExitStatus.failed;
    }
  }
  const { named, catalogues } = await trackersOf(flags, {
    search: false,
    screen,
    stop: world.stop,
  });
  using explaining = new ExplainMode(world, screen);
  await using engine = await startOneShot({
    name: "seed",
    dir,
    flags,
    screen,
    saysComplete: false,
  });
  explaining.attach(engine, flags);
  // Somebody who named no tracker did not ask for a catalogue.
  const publisher = named.length === 0 ? undefined : new Publisher(engine, catalogues, {
    token: flags["publish-token"],
    sent: await SentTorrents.open(),
  });
  const more = { trackers: named, peers: flags.peer ?? [] };
  await using _page = await servePageIfAsked(
    oneShotSession(engine, catalogues, flags),
    flags,
    screen,
  );
  await using _reporter = await reportToBoards({ engine, catalogues }, flags);
  const infoHash = torrent === undefined
    ? await share(call, { engine, publisher }, path)
    : await engine.add(
      torrent.bytes,
      // Where its files differ they are not taken for ours, nor for a stranger's.
      { ...addOptionsFor({ bytes: torrent.bytes, trackers: [], peers: [] }, more), data: "own" },
    );
  using _progress = screen.progress("progress", downloadProgress(engine, infoHash));
  await untilChecked(engine, infoHash, world.stop);
  if (world.stop.aborted) return 0;
  const {
    name,
    piecesHave,
    pieceCount,
    progress,
    state,
    error,
    remedy,
    errorKind,
    trackers,
    webSeeds,
  } = snapshotOf(engine, infoHash)!;
  const isNothing = piecesHave === 0 && pieceCount > 0;
  if (state === "error" && !(isNothing && errorKind === "changed")) {
    const why = withRemedy(error ?? "The data cannot be read", remedy, COMMAND_REMEDIES);
    throw new CommandError("failed", why);
  }
  if (isNothing) {
    throw new CommandError(
      "unverified",
      `None of "${name}" is in ${dir}: give their folder with --dir`,
    );
  }
  if (state !== "seeding") {
    screen.note(`Only ${formatShare(progress)} of "${name}" is in ${dir}: fetching the rest.`);
  }
  screen.show({
    view: "facts",
    event: "seeding",
    columns: [{ key: "name" }, { key: "info_hash", title: "info hash" }, { key: "magnet" }],
    row: {
      name,
      info_hash: infoHash,
      magnet: magnetLink(
        parseMetainfo(engine.torrentBytes(infoHash)),
        trackers.map(({ url }) => url),
        webSeeds.map(({ url }) => url),
      ),
    },
  });
  await untilSeeded(engine, infoHash, { when, stop: world.stop });
  return 0;
}

async function share(
  { world, screen }: ProgramCall,
  { engine, publisher }: { engine: Engine; publisher: Publisher | undefined },
  path: string,
): Promise<string> {
  const { report, update } = hashProgress(basename(path));
  using _progress = screen.progress("hashing", report);
  const options = { onProgress: update, signal: world.stop };
  const { infoHash, leftOut, problems } = publisher === undefined
    ? { ...await engine.share(path, options), problems: [] }
    : await publisher.share(path, options);
  if (leftOut.length > 0) screen.note(sentence(leftOutInWords(leftOut)));
  for (const problem of problems) screen.note(problem);
  return infoHash;
}

/** Resolves when it is known what is there, or on `stop`. */
async function untilChecked(engine: Engine, infoHash: string, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    if (stop.aborted || snapshotOf(engine, infoHash)?.state !== "checking") resolve();
  };
  using _subscription = engine.subscribe((event) => {
    if (event.event === "torrent-state") look();
  });
  stop.addEventListener("abort", look);
  look();
  await promise;
  stop.removeEventListener("abort", look);
}
