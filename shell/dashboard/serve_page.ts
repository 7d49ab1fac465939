/**
 * The page of a peer where the flags ask for it.
 *
 * @module
 */
import type { Engine } from "../../peer/mod.ts";
import type { Catalogues } from "../catalogues.ts";
import type { FlagValues } from "../flags.ts";
import type { Screen } from "../screen.ts";
import type { DashboardSession } from "./peer_api.ts";
import type { PeerPage } from "./peer_page.ts";

/**
 * Serves it and says where. Nothing of it is loaded otherwise.
 *
 * @throws {TrackerStartError} where the port cannot be had
 */
export async function servePageIfAsked(
  session: DashboardSession,
  flags: FlagValues,
  screen: Screen,
): Promise<PeerPage | undefined> {
  const port = flags["web-port"];
  if (port === undefined) return undefined;
  const { servePeerPage } = await import("./peer_page.ts");
  const page = servePeerPage(
    session,
    { host: flags["web-host"], port },
    (error) => screen.error(error),
  );
  screen.event({ event: "page", ...{ url: page.url, port: page.port } }, undefined);
  screen.say(`Page: ${[page.url, ...page.others].join("  ")}`);
  return page;
}

/** Tells trackers what the peer does where the flags ask for it. */
export async function reportIfAsked(
  { engine, catalogues }: Pick<DashboardSession, "engine" | "catalogues">,
  flags: FlagValues,
): Promise<AsyncDisposable | undefined> {
  if (!flags.report) return undefined;
  const { Reporter } = await import("./reporter.ts");
  return new Reporter(engine, () => catalogues.trackers);
}

/** What the page of a one-shot program works on. */
export function oneShotSession(
  engine: Engine,
  catalogues: Catalogues,
  flags: FlagValues,
): DashboardSession {
  return {
    engine,
    catalogues,
    trackersGiven: flags.tracker !== undefined,
    peers: flags.peer ?? [],
    publisher: undefined,
  };
}
