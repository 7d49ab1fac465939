/**
 * Clients of other makes that the matrix runs, and what each cannot do: data for the test and for
 * `docs/other-clients.md`, so that the page cannot promise what the gate does not show.
 *
 * @module
 */

/** What is moved, or how: the columns of the matrix, each in words. */
export const COLUMNS = {
  "v1": "a folder, with spaces and other scripts in the names",
  "hybrid": "a folder as a hybrid torrent (BEP 52)",
  "v2": "a folder as a v2 torrent (BEP 52)",
  "magnet": "a magnet link; the metadata comes in several parts",
  "hybrid link": "the same of a hybrid torrent",
  "v2 link": "the same of a v2 torrent",
  "encrypted": "both sides refuse connections in clear",
  "uTP": "a network in which no TCP passes between the two",
  "PEX":
    'an address that no tracker told: "seeds" tells it to vtorrent, "downloads" calls what vtorrent ' +
    "told",
  "web seed": "a web server is all there is; there is nobody to seed to",
  "UDP": "a tracker over UDP alone",
  "private": "a private torrent",
} as const;

/** The name of a column. */
export type Column = keyof typeof COLUMNS;

/** What the other client does; vtorrent does the opposite. */
export type Task = "seeds" | "downloads";

/** The names of the makes. */
export type MakeName =
  | "aria2"
  | "Deluge"
  | "libtorrent"
  | "qBittorrent"
  | "rtorrent"
  | "Transmission"
  | "webtorrent";

/** A client of another make. */
export interface Make {
  readonly name: MakeName;
  /** As the program itself prints it. */
  readonly version: string;
  /** Why it cannot do what a column asks, in words that follow its name; of one task or of both. */
  readonly lacks: Partial<Record<Column, string | Partial<Record<Task, string>>>>;
  /** What it does that costs a person time, in words that follow its name. */
  readonly habits: readonly string[];
}

const NO_V2 = "knows no v2 torrents";
const FIVE_MINUTES =
  "asks a tracker again after five minutes at the earliest: peers that come later find " +
  "it, it does not find them before";
const FILE_TREE = "refuses metadata with a file tree";
const PADS = "takes padding (BEP 47) for files, which a folder that it did not download lacks";

/** The rows of the matrix. */
export const MAKES: readonly Make[] = [
  {
    name: "aria2",
    version: "1.36.0",
    lacks: {
      "hybrid": "computes another info hash where there is a file tree",
      "v2": NO_V2,
      "hybrid link": "computes another info hash where there is a file tree",
      "v2 link": NO_V2,
      "uTP": "knows no uTP",
    },
    habits: [
      "asks a tracker again after two minutes at the earliest, but for --bt-tracker-interval",
      "with a magnet link says that it lacks nothing until it has the metadata: a tracker that names no seeds to seeds leaves it alone; vtorrent's names them",
    ],
  },
  {
    name: "Deluge",
    version: "2.0.3",
    lacks: { "v2 link": { downloads: "refuses such links" } },
    habits: [FIVE_MINUTES],
  },
  { name: "libtorrent", version: "2.0.8.0", lacks: {}, habits: [FIVE_MINUTES] },
  {
    name: "qBittorrent",
    version: "4.5.2",
    lacks: {},
    habits: [
      FIVE_MINUTES,
      "takes one connection an address: several peers on one machine are one to it",
    ],
  },
  {
    name: "rtorrent",
    version: "0.9.8",
    lacks: {
      "hybrid": { seeds: PADS },
      "v2": NO_V2,
      "hybrid link": { seeds: PADS, downloads: "refuses links with two info hashes" },
      "v2 link": NO_V2,
      "uTP": "knows no uTP",
      "web seed": "knows no web seeds",
    },
    habits: [
      "asks a tracker again after ten minutes at the earliest",
      "tells addresses by PEX up to two minutes late",
    ],
  },
  {
    name: "Transmission",
    version: "3.00",
    lacks: { "hybrid": FILE_TREE, "v2": NO_V2, "hybrid link": FILE_TREE, "v2 link": NO_V2 },
    habits: [
      "decides every 10 s whom it unchokes: the first block takes that long",
      "asks a tracker again after a minute at the earliest",
    ],
  },
  {
    name: "webtorrent",
    version: "3.0.21",
    lacks: {
      "hybrid": { seeds: PADS },
      "v2": NO_V2,
      "hybrid link": { seeds: PADS },
      "v2 link": NO_V2,
      "uTP": "needs a native addon for it, which is not installed",
      "PEX": { seeds: "takes addresses, tells none" },
    },
    habits: [],
  },
];

/** Why the client cannot; undefined where it can. */
export function lackOf(make: Make, column: Column, task: Task): string | undefined {
  if (column === "web seed" && task === "seeds") return "there is nobody to seed to";
  const lack = make.lacks[column];
  return typeof lack === "string" ? lack : lack?.[task];
}
