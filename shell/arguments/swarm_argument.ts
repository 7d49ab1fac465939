/**
 * The torrent that a name means at a tracker: one of its catalogue or of its swarms.
 *
 * @module
 */
import type { Tracker } from "../../tracker/mod.ts";
import { alternatives } from "../base/alternatives.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { nearest } from "../base/did_you_mean.ts";
import { newestFirst, type Version } from "../trackers/versions.ts";

/** What a tracker calls it. A swarm without a name in the catalogue goes by its info hash. */
export interface SwarmName {
  readonly name: string;
  readonly infoHash: string;
}

/** Swarms looked through, the largest first. */
const MAX_SWARMS = 10_000;

/** The same, and the others of its name. */
export interface NewestSwarm extends SwarmName {
  readonly others: readonly Version[];
}

/**
 * Of several of one name the newest that somebody seeds.
 *
 * @throws {CommandError} where there is none
 */
export async function findNewest(tracker: Tracker, text: string): Promise<NewestSwarm> {
  const choices = await swarmsCalled(tracker, text);
  const counts = choices.length === 1
    ? []
    : await tracker.counts(choices.map(({ infoHash }) => infoHash));
  const versions = choices.map((one, i) => ({
    ...one,
    seeders: counts[i]?.seeders ?? 0,
    publishedAt: tracker.catalogue.entry(one.infoHash)?.publishedAt ?? 0,
  }));
  const [{ name, infoHash }, ...others] = newestFirst(versions) as [
    SwarmName & Version,
    ...Version[],
  ];
  return { name, infoHash, others };
}

/** @throws {CommandError} where there is none, or several */
export async function findSwarm(tracker: Tracker, text: string): Promise<SwarmName> {
  const [one, ...others] = await swarmsCalled(tracker, text) as [SwarmName, ...SwarmName[]];
  if (others.length === 0) return one;
  throw new CommandError(
    "failed",
    `${others.length + 1} torrents are called "${text}": name one by its info hash, ` +
      alternatives([one, ...others].map(({ infoHash }) => infoHash)),
  );
}

/** All that the text means: one at least. */
async function swarmsCalled(tracker: Tracker, text: string): Promise<SwarmName[]> {
  if (text === "") throw new UsageError("Which torrent? Type its name; list shows them");
  const named = tracker.catalogue.list().map(({ name, infoHash }) => ({ name, infoHash }));
  const hashes = new Set(named.map(({ infoHash }) => infoHash));
  const unnamed = (await tracker.largestSwarms(MAX_SWARMS))
    .filter(({ infoHash }) => !hashes.has(infoHash))
    .map(({ name, infoHash }) => ({ name: name ?? infoHash, infoHash }));
  const known = [...named, ...unnamed];
  const wanted = text.toLowerCase();
  const choices = [
    known.filter(({ infoHash }) => infoHash === wanted),
    known.filter(({ name }) => name === text),
    known.filter(({ name }) => name.toLowerCase() === wanted),
  ].find((found) => found.length > 0) ?? [];
  if (choices.length > 0) return choices;
  const near = nearest(text, known.map(({ name }) => name));
  throw new CommandError(
    "failed",
    `No torrent "${text}" here. ` +
      (near === undefined ? "Type list to see what there is" : `Did you mean "${near}"?`),
  );
}
