/**
 * The table of a catalogue, for the verb `list` and the program of that name.
 *
 * @module
 */
import type { Column, Row, View } from "./view.ts";

const COLUMNS: readonly Column[] = [
  { key: "name", flexible: true },
  { key: "size", unit: "bytes" },
  { key: "files", unit: "count", drop: 2 },
  { key: "seeders", unit: "count", drop: 1 },
  { key: "leechers", unit: "count", drop: 1 },
  { key: "published_by", title: "from", drop: 3 },
  { key: "here", title: "here", drop: 4 },
  { key: "info_hash", title: "info hash", drop: 5 },
];

/** What is said where nobody has sent anything yet. */
export const EMPTY_CATALOGUE = "The catalogue is empty. A peer fills it: torrent -mode send <FILE>";

/** @param empty what is said where there are no rows; empty where nobody could be asked */
export function catalogueTable(rows: readonly Row[], empty: string): View {
  const columns = COLUMNS.filter(({ key }) => key !== "here" || rows.some((row) => row[key]));
  return { view: "table", event: "list", items: "torrents", columns, rows, empty };
}
