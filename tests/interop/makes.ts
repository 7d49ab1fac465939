/**
 * Clients of other makes that the matrix runs, and what each cannot do: data for the test and for
 * `docs/other-clients.md`, so that the page cannot promise what the gate does not show.
 *
 * @module
 */

/** What is moved, or how: a column of the matrix. */
export const COLUMNS = {
  "v1 file": "one file",
  "v1": "a folder, with spaces and other scripts in the names",
  "hybrid": "a hybrid torrent (BEP 52)",
  "v2": "a v2 torrent (BEP 52)",
  "magnet": "a magnet link; the metadata comes in several parts",
  "encrypted": "both sides refuse connections in clear",
} as const;

/** The name of a column. */
export type Column = keyof typeof COLUMNS;

/** What the other client does; vtorrent does the opposite. */
export type Task = "seeds" | "downloads";

/** The names of the makes. */
export type MakeName = "aria2" | "Transmission" | "libtorrent" | "webtorrent";

/** A client of another make. */
export interface Make {
  readonly name: MakeName;
  /** As the program itself prints it. */
  readonly version: string;
  /** Why it cannot do what a column asks, in words that follow its name; of one task or of both. */
  readonly lacks: Partial<Record<Column, string | Partial<Record<Task, string>>>>;
}

const NO_V2 = "knows no v2 torrents";

/** The rows of the matrix. */
export const MAKES: readonly Make[] = [
  {
    name: "aria2",
    version: "1.36.0",
    lacks: { hybrid: "computes another info hash where there is a file tree", v2: NO_V2 },
  },
  {
    name: "Transmission",
    version: "3.00",
    lacks: { hybrid: "refuses a .torrent with a file tree", v2: NO_V2 },
  },
  { name: "libtorrent", version: "2.0.8.0", lacks: {} },
  { name: "webtorrent", version: "3.0.21", lacks: { v2: NO_V2 } },
];

/** Why the client cannot; undefined where it can. */
export function lackOf(make: Make, column: Column, task: Task): string | undefined {
  const lack = make.lacks[column];
  return typeof lack === "string" ? lack : lack?.[task];
}
