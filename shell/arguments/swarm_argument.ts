/**
 * The torrent that a name means at a tracker: one of its catalogue or of its swarms.
 *
 * @module
 */
import type { Tracker } from "../../tracker/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { nearest } from "../base/did_you_mean.ts";

/** What a tracker calls it. A swarm without a name in the catalogue goes by its info hash. */
export interface SwarmName {
  readonly name: string;
  readonly infoHash: string;
}

/** Swarms looked through, the largest first. */
const MAX_SWARMS = 10_000;

/** @throws {CommandError} where there is none, or several */
export async function findSwarm(tracker: Tracker, text: string): Promise<SwarmName> {
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
  if (choices.length === 1) return choices[0]!;
  if (choices.length > 1) {
    throw new CommandError(
      "failed",
      `${choices.length} torrents are called "${text}": say which by its info hash, ` +
        choices.map(({ infoHash }) => infoHash).join(" or "),
    );
  }
  const near = nearest(text, known.map(({ name }) => name));
  throw new CommandError(
    "failed",
    `No torrent "${text}" here. ` +
      (near === undefined ? "Type list to see what there is" : `Did you mean "${near}"?`),
  );
}
