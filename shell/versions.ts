/**
 * Several torrents of one name: which of them the name means, and how the others are told.
 *
 * @module
 */
import { formatCount } from "./format.ts";

/** One torrent of the name, as far as its place among the others goes. */
export interface Version {
  readonly infoHash: string;
  readonly seeders: number;
  /** ms since 1970; 0 where nobody knows. */
  readonly publishedAt: number;
}

/** Anybody may publish under a name: so many others are told one by one. */
const MAX_TOLD = 5;

/** The one that the name means comes first: the newest that somebody seeds. */
export function newestFirst<T extends Version>(versions: readonly T[]): T[] {
  // What nobody has any more comes last, whatever its age.
  return versions.toSorted((a, b) =>
    Number(b.seeders > 0) - Number(a.seeders > 0) || b.publishedAt - a.publishedAt
  );
}

/** The others by info hash, and whether anybody has them; undefined where there are none. */
export function otherVersions(others: readonly Version[]): string | undefined {
  if (others.length === 0) return undefined;
  const told = others.slice(0, MAX_TOLD).map(({ infoHash, seeders }) =>
    `${infoHash} (${formatCount(seeders, "seeder")})`
  );
  const more = others.length - told.length;
  return told.join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** A sentence for whoever took the first of several; undefined where there was one only. */
export function severalTold(name: string, others: readonly Version[]): string | undefined {
  const told = otherVersions(others);
  if (told === undefined) return undefined;
  return `${
    others.length + 1
  } torrents are called "${name}": this is the newest, and one with seeds ` +
    `where any has some. Type an info hash for another: ${told}`;
}
