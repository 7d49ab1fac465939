/**
 * `vtorrent tracker`: a tracker with a shell.
 *
 * @module
 */
import { hostname } from "node:os";
import { resolve } from "@std/path";
import { DISCOVERY_PORT } from "../../protocol/mod.ts";
import { startTracker, type Tracker } from "../../tracker/mod.ts";
import { browse } from "../dashboard/serve_page.ts";
import { TrackerExplaining } from "../explain/tracker_explaining.ts";
import { History } from "../terminal/history.ts";
import { Log } from "../terminal/log_file.ts";
import { typeBanner } from "../terminal/classroom_style.ts";
import { runShell } from "../repl/repl.ts";
import type { ProgramCall } from "../help/program_table.ts";

/** Where things are kept unless told otherwise, in the folder that it is started in. */
const DEFAULT_DB = "tracker.db";

export async function run({ flags, world, screen }: ProgramCall): Promise<number> {
  const discovery = flags["no-discovery"] ? undefined : flags["discovery-port"] ?? DISCOVERY_PORT;
  const logFile = flags["log-file"];
  using log = Log.open(logFile === undefined ? undefined : resolve(world.cwd, logFile), {
    level: flags["log-level"],
    format: flags["log-format"],
  });
  screen.log = log;
  if (flags.playful && !screen.json) await typeBanner(world.stdout, screen.look(), world.stop);
  const warn = (text: string) =>
    screen.event({ event: "warning", ...{ text } }, `Warning: ${text}`);
  const perAddress = flags["connections-per-address"];
  const db = flags.db ?? (flags["no-db"] ? undefined : DEFAULT_DB);
  const { TrackerPages } = await import("../dashboard/tracker_page.ts");
  await using closing = new AsyncDisposableStack();
  const pages = new TrackerPages();
  const names = flags["trust-proxy"] === undefined ? [hostname().toLowerCase()] : ["*"];
  const tracker = closing.use(
    await startTracker({
      pages: (tracker) => pages.routes(tracker, names),
      ...(discovery === undefined ? {} : { discoveryPort: discovery }),
      ...(flags.store === undefined ? {} : { store: flags.store }),
      // The usual file may be another tracker's, or cannot be written: that is no reason not to run.
      ...(db === undefined
        ? {}
        : { db: resolve(world.cwd, db), dbRequired: flags.db !== undefined }),
      ...(flags.allow === undefined ? {} : { allow: resolve(world.cwd, flags.allow.at(-1)!) }),
      ...(flags.deny === undefined ? {} : { deny: resolve(world.cwd, flags.deny) }),
      checkPorts: !flags["no-port-check"],
      ...(flags.host === undefined ? {} : { host: flags.host }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      ...(flags["trust-proxy"] === undefined ? {} : { trustProxy: flags["trust-proxy"] }),
      ...(perAddress === undefined ? {} : { connectionsPerAddress: perAddress }),
      ...(world.datagramBatch && { datagramBatch: world.datagramBatch }),
      ...(flags["publish-token"] === undefined ? {} : { publishToken: flags["publish-token"] }),
    }),
  );
  closing.use(pages);
  tracker.warnings.forEach(warn);
  // A person hears of comings and goings only; to make an event of every announce costs as much
  // as to answer it.
  using explaining = new TrackerExplaining(tracker, screen, flags.explain ?? false);
  screen.event(
    { event: "started", ...about(tracker) },
    undefined,
  );
  screen.say(`Tracker: ${tracker.urls.join("  ")}`);
  screen.say(whoFindsIt(tracker, discovery));
  const url = new URL("/", tracker.urls[0]).href;
  screen.say(`Page: ${url}${screen.isInteractive ? " (Ctrl-O opens it)" : ""}`);
  if (!flags.daemon) screen.say("Type status, list, peerinfo or help.");
  // Without lists there is nothing to read anew: a hang-up ends it, as it ends any program.
  using _hangup = flags.allow === undefined && flags.deny === undefined
    ? undefined
    : world.onHangup(() => tracker.reloadLists());
  return await runShell({
    session: {
      role: "tracker",
      tracker,
      explaining,
      page: { open: () => browse(world, url, url).then(() => url) },
    },
    world,
    screen,
    flags,
    prompt: () => "tracker> ",
    history: await History.open(db === undefined ? undefined : historyFile(resolve(world.cwd, db))),
  });
}

/** What was typed lies beside what the tracker remembers: `tracker.history` by `tracker.db`. */
function historyFile(db: string): string {
  return `${db.replace(/\.db$/, "")}.history`;
}

function about({ urls, port, discoveryPort }: Tracker): Record<string, unknown> {
  return { role: "tracker", urls, port, discoveryPort };
}

function whoFindsIt({ host, discoveryPort }: Tracker, wanted: number | undefined): string {
  if (wanted === undefined) return "Give peers --tracker with that address.";
  if (discoveryPort === undefined) {
    return `Give peers --tracker with that address: UDP port ${wanted}, on which they would find it ` +
      "automatically, is in use (choose another with --discovery-port).";
  }
  const where = host.startsWith("127.") ? "on this machine" : "on this machine and on this network";
  const other = discoveryPort === DISCOVERY_PORT ? "" : ` with --discovery-port ${discoveryPort}`;
  return `Peers ${where} find it automatically${other} (UDP port ${discoveryPort}); ` +
    "give others --tracker with that address.";
}
