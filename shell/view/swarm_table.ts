/**
 * The table of swarms that a tracker knows.
 *
 * @module
 */
import type { Column, View } from "./view.ts";

/** A swarm in a list. */
export interface ListedSwarm {
  readonly infoHash: string;
  readonly name: string | null | undefined;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

const COLUMNS: readonly Column[] = [
  { key: "name", flexible: true },
  { key: "seeders", unit: "count" },
  { key: "leechers", unit: "count" },
  { key: "completed", unit: "count" },
  { key: "info_hash", title: "info hash", drop: 1 },
];

/** @param empty said where there is none */
export function swarmTable(swarms: readonly ListedSwarm[], empty: string): View {
  return {
    view: "table",
    event: "swarms",
    items: "swarms",
    columns: COLUMNS,
    rows: swarms.map(({ infoHash, name, seeders, leechers, completed }) => ({
      name: name ?? infoHash,
      seeders,
      leechers,
      completed,
      "info_hash": infoHash,
    })),
    empty,
  };
}
