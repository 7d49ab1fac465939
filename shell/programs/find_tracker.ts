/**
 * The tracker of a peer that was told none: the nearest that answers, looked for again while none
 * does.
 *
 * @module
 */
import { type DiscoverOptions, discoverTrackers } from "../../peer/mod.ts";
import { announceUrl, formatHostPort } from "../../protocol/mod.ts";
import type { Engine } from "../../peer/mod.ts";
import type { Catalogues } from "../trackers/catalogues.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Publisher } from "../trackers/publisher.ts";
import type { Screen } from "../terminal/screen.ts";
import { LOCAL_TRACKER } from "../arguments/torrent_argument.ts";

/** ms between two searches while no tracker answers. */
const AGAIN_MS = 30_000;

/** What a search came to. */
export interface FoundTracker {
  /** Its announce URL. */
  readonly url: string;
  /** In words, with what else was there. */
  readonly sentence: string;
}

/** Looks once; undefined where nobody answers or nobody may be asked. */
export async function findTracker(
  flags: FlagValues,
  more: Pick<DiscoverOptions, "signal" | "trackerPort"> = {},
): Promise<FoundTracker | undefined> {
  if (flags["no-discovery"] || flags["no-trackers"]) return undefined;
  const options: DiscoverOptions = {
    host: flags.host,
    discoveryPort: flags["discovery-port"],
    ...more,
  };
  const [nearest, ...others] = await discoverTrackers(options);
  if (nearest === undefined) return undefined;
  const place = formatHostPort(nearest.host, nearest.port);
  const where = nearest.host.startsWith("127.") ? "on this machine" : "in this network";
  const rest = others.map(({ host, port }) => formatHostPort(host, port)).join(", ");
  return {
    url: announceUrl(place),
    sentence: `Found a tracker ${where}: ${place}.` +
      (rest === "" ? "" : ` Also there: ${rest}; choose with --tracker.`),
  };
}

/** The announce URL to try where none was named and none was found; none for `--no-trackers`. */
export function guessedTrackers(flags: FlagValues): readonly string[] {
  return flags["no-trackers"] ? [] : [announceUrl(LOCAL_TRACKER)];
}

/** Whom a search tells of what it found. */
export interface SearchFacts {
  readonly engine: Engine;
  readonly catalogues: Catalogues;
  readonly publisher: Publisher;
  readonly flags: FlagValues;
  readonly screen: Pick<Screen, "event">;
  /** ms between two searches. Default 30,000. */
  readonly againMs?: number;
  /** Where a tracker on this machine would be. Default 8000. */
  readonly trackerPort?: number;
}

/** Goes on looking while no tracker answers. Dispose it to stop. */
export class TrackerSearch implements AsyncDisposable {
  readonly #abort = new AbortController();
  readonly #subscription: Disposable;
  readonly #timer: ReturnType<typeof setInterval>;
  #works: boolean;
  #looking: Promise<void> | undefined;

  /** @param works whether a tracker was found at the start */
  constructor(
    works: boolean,
    facts: SearchFacts,
  ) {
    this.#works = works;
    this.#subscription = facts.engine.subscribe(({ event }) => {
      if (event === "announced") this.#works = true;
      else if (event === "tracker-failed") this.#works = false;
    });
    this.#timer = setInterval(() => {
      if (this.#works) return;
      this.#looking ??= this.#look(facts).catch((fault) => reportError(fault))
        .finally(() => this.#looking = undefined);
    }, facts.againMs ?? AGAIN_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription[Symbol.dispose]();
    this.#abort.abort();
    await this.#looking;
  }

  async #look(facts: SearchFacts): Promise<void> {
    const { engine, catalogues, publisher, flags, screen, trackerPort } = facts;
    const found = await findTracker(flags, { signal: this.#abort.signal, trackerPort });
    if (found === undefined || this.#abort.signal.aborted) return;
    this.#works = true;
    if (catalogues.trackers.includes(found.url)) return;
    catalogues.use([found.url]);
    engine.addTracker(found.url);
    publisher.trackersChanged();
    screen.event({ event: "tracker-found", ...{ tracker: found.url } }, found.sentence);
  }
}
