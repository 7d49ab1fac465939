/**
 * The columns of a scrape's answer.
 *
 * @module
 */
import type { Column } from "../view.ts";

/** Others of the name, by info hash: see `otherVersions`. */
export const OTHER_VERSIONS: Column = { key: "other_versions", title: "also of this name" };

/** Name, tracker and the three counts of BEP 48. */
export const COUNT_COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "info_hash", hidden: true },
  { key: "tracker" },
  { key: "seeders", unit: "count" },
  { key: "leechers", unit: "count" },
  { key: "completed", unit: "count" },
  OTHER_VERSIONS,
];
