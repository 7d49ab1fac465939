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
  "hybrid link": "a magnet link to a hybrid torrent",
  "v2 link": "a magnet link to a v2 torrent",
  "encrypted": "both sides refuse unencrypted connections",
  "uTP": "a network in which no TCP passes between the two",
  "PEX":
    'an address that only PEX gives: "seeds" sends it to vtorrent, "downloads" dials one that ' +
    "vtorrent sent",
  "web seed": "the web server is the only source; there is no peer to seed to",
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

const NO_V2 = "does not support v2 torrents";
const FIVE_MINUTES =
  "announces again after five minutes at the earliest: later peers find it, but " +
  "it does not find them before that";
const FILE_TREE = "refuses metadata with a file tree";
const PADS = "treats padding (BEP 47) as files, which a folder that it did not download lacks";

/** The rows of the matrix. */
export const MAKES: readonly Make[] = [
  {
    name: "aria2",
    version: "1.36.0",
    lacks: {
      "hybrid": "computes a wrong info hash if there is a file tree",
      "v2": NO_V2,
      "hybrid link": "computes a wrong info hash if there is a file tree",
      "v2 link": NO_V2,
      "uTP": "does not support uTP",
    },
    habits: [
      "announces again after two minutes at the earliest, but for --bt-tracker-interval",
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
      "uTP": "does not support uTP",
      "web seed": "does not support web seeds",
    },
    habits: [
      "announces again after ten minutes at the earliest",
      "tells addresses by PEX up to two minutes late",
    ],
  },
  {
    name: "Transmission",
    version: "3.00",
    lacks: { "hybrid": FILE_TREE, "v2": NO_V2, "hybrid link": FILE_TREE, "v2 link": NO_V2 },
    habits: [
      "decides every 10 s whom it unchokes: the first block takes that long",
      "announces again after a minute at the earliest",
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
  if (column === "web seed" && task === "seeds") return "there is no peer to seed to";
  const lack = make.lacks[column];
  return typeof lack === "string" ? lack : lack?.[task];
}
