/**
 * The page of a peer: from the start where the flags ask for it, else when somebody wants to see it.
 *
 * @module
 */
import { join } from "@std/path";
import type { Engine } from "../../peer/mod.ts";
import type { Catalogues } from "../trackers/catalogues.ts";
import { CommandError } from "../base/errors.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";
import type { OwnPage } from "../commands/verb.ts";
import type { Environment } from "../base/environment.ts";
import type { DashboardSession } from "./peer_api.ts";
import type { PeerPage } from "./peer_page.ts";
import { boardUrl, type Reach } from "./report_url.ts";

/** ms that a browser has to read the file that leads it to the page: labs start them over NFS. */
const DOOR_MS = 60_000;
const DOOR = /^page-[\w-]+\.html$/;

/** What a page is served from. */
export interface PageFacts {
  readonly session: () => DashboardSession;
  readonly flags: FlagValues;
  readonly screen: Screen;
  readonly world: Environment;
  /** A folder that only this person can look into. */
  readonly stateDir: string;
}

/** A peer's page on demand. Nothing of it is loaded before. */
export class PeerPageOnDemand implements OwnPage, AsyncDisposable {
  readonly #facts: PageFacts;
  #page: Promise<PeerPage> | undefined;
  /** The address as programs of this person find it. */
  #told: AsyncDisposable | undefined;
  #door: { path: string; timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(facts: PageFacts) {
    this.#facts = facts;
  }

  /**
   * Serves it, once, and says where.
   *
   * @throws {TrackerStartError} where the port cannot be had
   */
  async serve(): Promise<PeerPage> {
    this.#page ??= this.#begin();
    try {
      return await this.#page;
    } catch (error) {
      this.#page = undefined;
      throw error;
    }
  }

  async #begin(): Promise<PeerPage> {
    const { session, flags, screen, stateDir } = this.#facts;
    const page = await servePage(session(), flags, screen, stateDir);
    // Whoever reads that it is there may look for it in the store at once.
    const { tellAddress } = await import("./page_secret.ts");
    this.#told = await tellAddress(stateDir, page.url, (error) => screen.error(error));
    sayWhere(page, screen, " (Ctrl-O opens it)");
    return page;
  }

  /** @throws {CommandError} where there is no browser */
  async open(): Promise<string> {
    const page = await this.serve();
    await this.#close();
    const path = await makeDoor(this.#facts.stateDir, page.url);
    this.#door = { path, timer: setTimeout(() => void this.#close(), DOOR_MS) };
    const { port } = page;
    const elsewhere = `from elsewhere after ssh -NL ${port}:127.0.0.1:${port} <THIS MACHINE>`;
    await browse(this.#facts.world, path, `${page.url} (${elsewhere})`);
    return page.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    const page = await this.#page?.catch(() => undefined);
    await this.#told?.[Symbol.asyncDispose]();
    await page?.[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    if (this.#door === undefined) return;
    clearTimeout(this.#door.timer);
    await Deno.remove(this.#door.path).catch(() => {});
    this.#door = undefined;
  }
}

/** Shows an address; where that cannot be, says which one to type. */
export async function browse(world: Environment, target: string, address: string): Promise<void> {
  try {
    await world.browse(target);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.kind, `${error.message}: open ${address}`);
  }
}

/**
 * A file that leads a browser to an address with a secret in it. Only its path is in the list of
 * processes, which everybody on this machine can read; the file itself only this person.
 */
async function makeDoor(stateDir: string, url: string): Promise<string> {
  // Those of a run that was killed.
  for await (const { name } of Deno.readDir(stateDir)) {
    if (DOOR.test(name)) await Deno.remove(join(stateDir, name));
  }
  const path = join(stateDir, `page-${crypto.randomUUID()}.html`);
  const html = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>vtorrent</title>
<p><a href="${url}">The page of the peer</a></p>
</html>
`;
  await Deno.writeTextFile(path, html, { createNew: true, mode: 0o600 });
  return path;
}

/** Serves the page of a one-shot program where the flags ask for it. */
export async function servePageIfAsked(
  session: DashboardSession,
  flags: FlagValues,
  screen: Screen,
): Promise<PeerPage | undefined> {
  if (flags["web-port"] === undefined) return undefined;
  const page = await servePage(session, flags, screen);
  sayWhere(page, screen);
  return page;
}

async function servePage(
  session: DashboardSession,
  flags: FlagValues,
  screen: Screen,
  stateDir?: string,
): Promise<PeerPage> {
  const { servePeerPage } = await import("./peer_page.ts");
  const { pageSecret } = await import("./page_secret.ts");
  const token = await pageSecret(stateDir, (error) => screen.error(error));
  return servePeerPage(
    session,
    { host: flags["web-host"], port: flags["web-port"] ?? 0, token },
    (error) => screen.error(error),
  );
}

function sayWhere({ url, port, others }: PeerPage, screen: Screen, hint = ""): void {
  screen.event({ event: "page", ...{ url, port } }, undefined);
  screen.say(`Page: ${[url, ...others].join("  ")}${screen.isInteractive ? hint : ""}`);
}

/** Tells trackers what the peer does: those of this machine, and more where the flags ask for it. */
export async function reportToBoards(
  { engine, catalogues }: Pick<DashboardSession, "engine" | "catalogues">,
  flags: FlagValues,
): Promise<AsyncDisposable | undefined> {
  if (flags["no-report"]) return undefined;
  const { Reporter } = await import("./reporter.ts");
  return new Reporter(engine, () => catalogues.trackers, reachOf(flags));
}

/** The page of a tracker that shows what the peer transfers; undefined for none. */
export function boardPage(trackers: readonly string[], flags: FlagValues): string | undefined {
  return flags["no-report"] ? undefined : boardUrl(trackers, reachOf(flags));
}

function reachOf(flags: FlagValues): Reach {
  return flags.report ? "network" : "loopback";
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
