/**
 * `vtorrent peer <ID>`: a peer with a store of its own and a shell.
 *
 * @module
 */
import { SHELL_REMEDIES } from "../base/remedies.ts";
import { join, resolve } from "@std/path";
import { CatalogueClient, Engine, UnknownTorrentError } from "../../peer/mod.ts";
import { Catalogues } from "../trackers/catalogues.ts";
import { progressLine } from "../terminal/progress.ts";
import { boardPage, PeerPageOnDemand, reportToBoards } from "../dashboard/serve_page.ts";
import { UsageError } from "../base/errors.ts";
import { findTracker, guessedTrackers, TrackerSearch } from "./find_tracker.ts";
import { ExplainMode } from "../explain/explain_mode.ts";
import { greeting, isNewStore } from "../repl/peer_greeting.ts";
import { History } from "../terminal/history.ts";
import { Milestones } from "../view/live_view.ts";
import { Log } from "../terminal/log_file.ts";
import { typeBanner } from "../terminal/classroom_style.ts";
import { Narrator } from "../view/engine_sentences.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";
import { Publisher } from "../trackers/publisher.ts";
import { runShell } from "../repl/repl.ts";
import { PublisherKey } from "../trackers/publisher_key.ts";
import { SentTorrents } from "../trackers/sent_torrents.ts";
import { announceUrls } from "../arguments/torrent_argument.ts";
import type { PeerSession } from "../commands/verb.ts";
import type { ProgramCall } from "../help/program_table.ts";
import { swarmOptions } from "../flags/engine_options.ts";

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const id = checkId(args[0]!);
  const dir = resolve(world.cwd, flags.dir ?? join("peer_files", `peer_${id}`));
  const stateDir = join(dir, ".vtorrent");
  const named = flags.tracker === undefined ? undefined : announceUrls(flags.tracker);
  await Deno.mkdir(dir, { recursive: true });
  const found = named === undefined ? await findTracker(flags, { signal: world.stop }) : undefined;
  const known = named ?? (found === undefined ? undefined : [found.url]);
  const trackers = known ?? guessedTrackers(flags);
  const isNew = await isNewStore(stateDir);
  await Deno.mkdir(stateDir, { recursive: true, mode: 0o700 });
  using log = Log.open(
    flags["log-file"] === undefined
      ? join(stateDir, "peer.log")
      : resolve(world.cwd, flags["log-file"]),
    { level: flags["log-level"], format: flags["log-format"] },
  );
  screen.log = log;
  if (flags.playful && !screen.json) await typeBanner(world.stdout, screen.look(), world.stop);
  const sent = await SentTorrents.open(join(stateDir, "sent"));
  using explaining = new ExplainMode(world, screen);
  await using engine = await Engine.start({
    name: id,
    dir,
    stateDir,
    restoresLater: true,
    trackers,
    ...(known === undefined ? {} : { moreTrackers: known }),
    ...swarmOptions(flags),
  });
  for (const warning of engine.warnings) screen.say(`Warning: ${warning}`);
  await using stack = new AsyncDisposableStack();
  const client = new CatalogueClient();
  const catalogues = new Catalogues(client, trackers);
  const publisher = new Publisher(engine, catalogues, {
    token: flags["publish-token"],
    sent,
    key: await PublisherKey.open(join(stateDir, "publisher")),
  });
  stack.defer(() => publisher.close());
  const awaited = new Set<string>();
  const narrator = new Narrator({
    remedies: SHELL_REMEDIES,
    expected: engine.remembered.length,
    ownName: () => engine.name,
    isAnswered: (infoHash) => awaited.has(infoHash),
  });
  const milestones = new Milestones();
  stack.use(engine.subscribe((event) => {
    publisher.onEvent(event);
    screen.event(event, narrator.tell(event));
    if (event.event === "torrent-completed") milestones.forget(event.infoHash);
    if (event.event !== "piece-verified" || !screen.isInteractive || flags.daemon) return;
    const torrent = () => snapshotOf(engine, event.infoHash);
    if (milestones.isDue(event.infoHash, Date.now(), () => torrent()?.progress ?? 1)) {
      screen.sayPainted(progressLine(torrent()!, screen.look()));
    }
  }));
  if (named === undefined && !flags["no-discovery"] && !flags["no-trackers"]) {
    const facts = { engine, catalogues, publisher, flags, screen };
    stack.use(new TrackerSearch(found !== undefined, facts));
  }
  explaining.attach(engine, flags);
  const page = new PeerPageOnDemand({ session: () => session, flags, screen, world, stateDir });
  const session: PeerSession = {
    explaining,
    page,
    role: "peer",
    engine,
    catalogues,
    publisher,
    trackersGiven: flags.tracker !== undefined,
    peers: flags.peer ?? [],
    awaited,
    cwd: world.cwd,
    home: world.env("HOME"),
  };
  screen.event({ event: "started", ...about(session) }, undefined);
  // Now that everybody listens.
  const restore = async () => {
    await engine.restore();
    addPeers(session);
  };
  // A person gets the prompt first; scripts find everything as it was.
  const isTyped = screen.isInteractive && !flags.daemon && flags.execute === undefined;
  if (!isTyped) await restore();
  stack.use(page);
  if (flags["web-port"] !== undefined) await page.serve();
  await using _reporter = await reportToBoards(session, flags);
  if (found !== undefined) {
    screen.event({ event: "tracker-found", ...{ tracker: found.url } }, undefined);
  }
  const board = boardPage(catalogues.trackers, flags);
  const lines = await greeting(session, { isNew, found: found?.sentence, board });
  for (const line of lines) screen.say(line);
  return await runShell({
    session,
    world,
    screen,
    flags,
    prompt: () => `peer ${engine.name}> `,
    history: await History.open(join(stateDir, "history")),
    ...(isTyped && { restore }),
  });
}

function about({ engine, catalogues }: PeerSession): Record<string, unknown> {
  return {
    role: "peer",
    name: engine.name,
    dir: engine.dir,
    port: engine.port,
    peerId: engine.peerId.toHex(),
    trackers: catalogues.trackers,
  };
}

/** The ID names a folder: nothing that could lead elsewhere. */
function checkId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(id)) return id;
  throw new UsageError(
    `"${id}" cannot be a peer's ID: take 1 to 32 letters, digits, - and _, e.g. vtorrent peer 1`,
  );
}

/** Gives the peers of the command line to the torrents of last time that could be opened. */
function addPeers({ engine, peers }: PeerSession): void {
  for (const { infoHash } of engine.snapshot().torrents) {
    try {
      for (const peer of peers) engine.addPeer(infoHash, peer);
    } catch (error) {
      // It is held back until a person resumes it.
      if (!(error instanceof UnknownTorrentError)) throw error;
    }
  }
}
