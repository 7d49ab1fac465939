/**
 * The columns of a scrape's answer.
 *
 * @module
 */
import type { Column } from "../view/view.ts";

/** Name, tracker and the three counts of BEP 48. */
export const COUNT_COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "info_hash", hidden: true },
  { key: "tracker" },
  { key: "seeders", unit: "count" },
  { key: "leechers", unit: "count" },
  { key: "completed", unit: "count" },
];
