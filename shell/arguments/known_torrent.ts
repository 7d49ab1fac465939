/**
 * The torrent of this peer that a name means.
 *
 * @module
 */
import type { Engine, TorrentSnapshot } from "../../peer/mod.ts";
import { alternatives } from "../base/alternatives.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { nearest } from "../base/did_you_mean.ts";

/** The torrent called so, or with that info hash; undefined where there is none. */
export function lookUpOwn(engine: Engine, name: string): TorrentSnapshot | undefined {
  const { torrents } = engine.snapshot();
  const wanted = name.toLowerCase();
  const choices = [
    torrents.filter((torrent) => torrent.infoHash === wanted),
    torrents.filter((torrent) => torrent.name === name),
    torrents.filter((torrent) => torrent.name.toLowerCase() === wanted),
  ].find((found) => found.length > 0) ?? [];
  if (choices.length > 1) {
    throw new CommandError(
      "failed",
      `${choices.length} torrents are called "${name}": name one by its info hash, ` +
        alternatives(choices.map((torrent) => torrent.infoHash)),
    );
  }
  return choices[0];
}

/** The same, where there has to be one. */
export function findOwn(engine: Engine, name: string): TorrentSnapshot {
  if (name === "") throw new UsageError("Which torrent? Type its name; status shows them");
  const found = lookUpOwn(engine, name);
  if (found !== undefined) return found;
  const near = nearest(name, engine.snapshot().torrents.map((torrent) => torrent.name));
  throw new CommandError(
    "failed",
    `No torrent "${name}" here. ` +
      (near === undefined ? "Type status to see what there is" : `Did you mean "${near}"?`),
  );
}

/**
 * The torrent that the first words mean, and the words behind it: names may have spaces in them.
 */
export function splitOwn(
  engine: Engine,
  args: readonly string[],
): { torrent: TorrentSnapshot; rest: readonly string[] } {
  for (let count = args.length; count > 0; count--) {
    const torrent = lookUpOwn(engine, args.slice(0, count).join(" "));
    if (torrent !== undefined) return { torrent, rest: args.slice(count) };
  }
  return { torrent: findOwn(engine, args[0] ?? ""), rest: args.slice(1) };
}

/** A torrent as it is now; undefined once it was removed. */
export function snapshotOf(engine: Engine, infoHash: string): TorrentSnapshot | undefined {
  return engine.snapshot().torrents.find((torrent) => torrent.infoHash === infoHash);
}
