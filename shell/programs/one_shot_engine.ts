/**
 * An engine for one torrent and nothing remembered: what `download` and `seed` run on.
 *
 * @module
 */
import { COMMAND_REMEDIES } from "../base/remedies.ts";
import { CatalogueClient, Engine } from "../../peer/mod.ts";
import { Catalogues } from "../trackers/catalogues.ts";
import { findTracker, guessedTrackers } from "./find_tracker.ts";
import type { FlagValues } from "../flags/flags.ts";
import { Narrator } from "../view/engine_sentences.ts";
import type { Screen } from "../terminal/screen.ts";
import { swarmOptions } from "../flags/engine_options.ts";
import { announceUrls } from "../arguments/torrent_argument.ts";

/** Whom a one-shot command asks. */
export interface Trackers {
  /** Those that were named. */
  readonly named: readonly string[];
  /** Their catalogues, or that of this machine's tracker where none was named; none for `--no-trackers`. */
  readonly catalogues: Catalogues;
}

/**
 * The trackers of `--tracker`; where none was named but a catalogue is needed, the nearest found.
 *
 * @throws {UsageError}
 */
export async function trackersOf(
  flags: FlagValues,
  { search, screen, stop }: { search: boolean; screen: Screen; stop: AbortSignal },
): Promise<Trackers> {
  const named = announceUrls(flags.tracker ?? []);
  const found = search && named.length === 0
    ? await findTracker(flags, { signal: stop })
    : undefined;
  if (found !== undefined) screen.note(found.sentence);
  const asked = named.length > 0
    ? named
    : found !== undefined
    ? [found.url]
    : guessedTrackers(flags);
  const [first] = asked;
  const catalogues = new Catalogues(
    new CatalogueClient(),
    asked,
    first === undefined ? undefined : whatThereIs(first),
  );
  return { named, catalogues };
}

/** Where a person without a shell sees the catalogue's names. */
function whatThereIs(tracker: string): string {
  const { protocol, origin } = new URL(tracker);
  const isWeb = protocol === "http:" || protocol === "https:";
  return `The tracker's page lists what there is${isWeb ? `: ${origin}/` : ""}`;
}

/**
 * Starts the engine. `name` is what other vtorrent peers see unless `--id` says otherwise.
 * `saysComplete`: the program's result says of each torrent that it is complete.
 */
export async function startOneShot(
  { name, dir, flags, screen, saysComplete }: {
    name: string;
    dir: string;
    flags: FlagValues;
    screen: Screen;
    saysComplete: boolean;
  },
): Promise<Engine> {
  await Deno.mkdir(dir, { recursive: true });
  const engine = await Engine.start({
    name: flags.id ?? name,
    dir,
    trackers: announceUrls(flags.tracker ?? []),
    ...swarmOptions(flags),
  });
  for (const warning of engine.warnings) screen.say(`Warning: ${warning}`);
  const narrator = new Narrator({
    remedies: COMMAND_REMEDIES,
    isAnswered: () => saysComplete,
  });
  engine.subscribe((event) => screen.event(event, narrator.tell(event)));
  screen.event({ event: "started", ...{ role: "peer", dir, port: engine.port } }, undefined);
  screen.note(`Listening on port ${engine.port}, files in ${dir}.`);
  return engine;
}
