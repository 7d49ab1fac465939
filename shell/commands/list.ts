/**
 * `list`: what the catalogue offers.
 *
 * @module
 */
import type { Verb } from "./verb.ts";
import { catalogueTable, EMPTY_CATALOGUE } from "../view/catalogue_table.ts";
import { NO_CATALOGUE } from "../trackers/catalogues.ts";
import type { Row, View } from "../view/view.ts";

export const list: Verb = {
  name: "list",
  aliases: ["ls"],
  argument: "[TEXT]",
  summary: "torrents in the catalogue, or those with TEXT in their names",
  peer: async ({ engine, catalogues }, { rest }) => {
    const { entries, failures } = await catalogues.list(rest || undefined);
    const own = new Map(engine.snapshot().torrents.map((one) => [one.infoHash, one.state]));
    const rows = entries.map((entry): Row => ({
      name: entry.name,
      size: entry.totalSize,
      files: entry.fileCount,
      seeders: entry.seeders,
      leechers: entry.leechers,
      published_by: entry.publishedBy,
      here: own.get(entry.infoHash),
      info_hash: entry.infoHash,
    }));
    const problems = failures.map((text): View => ({ view: "problem", text }));
    // That it is empty is not known where nobody could be asked.
    const nobody = catalogues.trackers.length === 0 ? NO_CATALOGUE : nothing(rest);
    const empty = problems.length > 0 ? "" : nobody;
    return { view: "several", views: [catalogueTable(rows, empty), ...problems] };
  },
  tracker: async ({ tracker }, { rest }) => {
    const entries = tracker.catalogue.list(rest);
    const counts = await tracker.counts(entries.map(({ infoHash }) => infoHash));
    return catalogueTable(
      entries.map((entry, i): Row => ({
        name: entry.name,
        size: entry.totalSize,
        files: entry.fileCount,
        seeders: counts[i]!.seeders,
        leechers: counts[i]!.leechers,
        published_by: entry.publishedBy,
        info_hash: entry.infoHash,
      })),
      nothing(rest),
    );
  },
};

function nothing(search: string): string {
  return search === "" ? EMPTY_CATALOGUE : `No name in the catalogue has "${search}" in it`;
}
