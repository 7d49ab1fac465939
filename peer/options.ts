/**
 * Options of an engine: one comment and one default per field.
 *
 * @module
 */

/** Which ways to find peers are used. */
export interface Sources {
  /** Announcing to trackers. */
  readonly tracker: boolean;
  /** Peer exchange (BEP 11). */
  readonly pex: boolean;
  /** Local service discovery (BEP 14). */
  readonly lsd: boolean;
  /** The DHT (BEP 5). `"auto"`: only for public torrents without a tracker. */
  readonly dht: "off" | "auto" | "on";
}

export interface EngineOptions {
  /** The name the peer shows: the ID it was started with. */
  readonly name: string;
  /** Address to listen on. Default: all (`0.0.0.0`; `::` where given). */
  readonly host?: string;
  /** Port to listen on; 0 for any free one. Default 6881. */
  readonly port?: number;
  /** Whether the next free port will do where `port` is taken. Default true unless `port` is given. */
  readonly nextFreePort?: boolean;
  /** The folder downloads go to. */
  readonly dir: string;
  /** The folder for records (peer.db, torrents/). Undefined: nothing is remembered. */
  readonly stateDir?: string | undefined;
  /**
   * Whether what is remembered waits for `Engine.restore`: who wants to hear of it subscribes in
   * between. Default false.
   */
  readonly restoresLater?: boolean;
  /**
   * Announce URLs for torrents that are shared here without any of their own. They are believed: a
   * torrent's own are not asked whatever their URL says (see `destination/destination.ts`).
   */
  readonly trackers?: readonly string[];
  /**
   * Announce URLs for the torrents of an earlier session, in front of their own: today's tracker may
   * be another. Private ones (BEP 27) keep to theirs. Default: none.
   */
  readonly moreTrackers?: readonly string[];
  /** Bytes per second; 0 for no limit. Default 0. */
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  /** Downloads active at once; others wait for their turn. 0 for no limit. Default 0. */
  readonly maxActive?: number;
  /** When a torrent that is seeded is stopped. Default: never. */
  readonly seedGoal?: SeedGoal;
  /** Ways to find peers. Default: trackers and peer exchange. */
  readonly sources?: Partial<Sources>;
  /** Whether complete torrents are super-seeded (BEP 16). Default false. */
  readonly superSeed?: boolean;
  /** Nodes by which the DHT is entered. Default: none. */
  readonly dhtBootstrap?: readonly { host: string; port: number }[];
  /** Connections in all. Default 200. */
  readonly maxConnections?: number;
  /**
   * Peers unchoked by their rate, per torrent. One optimistic one comes on top. Default 8, and fewer
   * where an upload limit makes pieces slow (`choking/upload_slots.ts`).
   */
  readonly uploadSlots?: number;
  /** Whether connections go over uTP (BEP 29), too. Default "allow". */
  readonly utp?: UtpUse;
  /** Whether web seeds are asked (BEP 19). Default true. */
  readonly webSeeds?: boolean | undefined;
  /**
   * Told of errors that nobody expects, and that are no torrent's: everything goes on. Default: the
   * runtime's `reportError`, which ends a program that does not listen to "error" events.
   */
  readonly onFault?: (fault: unknown) => void;
  /** Whether connections are encrypted (MSE). Default "allow": where the other end wants it. */
  readonly encryption?: Encryption;
}

/** What people choose for one torrent. */
export type ChosenOptions = Pick<
  AddOptions,
  "select" | "sequential" | "differing" | "downloadLimit" | "uploadLimit" | "lists"
>;

/** How one torrent is added. */
export interface AddOptions {
  /** The folder that holds or will hold its files. Default: the engine's. */
  readonly dir?: string;
  /**
   * `"check"`: hash what is there (default). `"trust"`: the files were hashed a moment ago, all
   * pieces are there. `"own"`: hash what is there, which is somebody's own: whatever differs waits
   * for a person. `"new"`: refuse where a file stands in the way.
   */
  readonly data?: "check" | "trust" | "own" | "new";
  /**
   * What to do with files that are there and differ: fetch those of the torrent beside them, or write
   * over them. Default: the torrent waits until `Engine.resume` says.
   */
  readonly differing?: Consent | undefined;
  /** Where each file of the torrent lies, relative to `dir`, where that is not its safe path. */
  readonly paths?: readonly string[];
  /** Peers to dial at once. */
  readonly peers?: readonly { host: string; port: number }[];
  /** Announce tiers in place of the metainfo's. */
  readonly trackers?: readonly (readonly string[])[];
  /**
   * Further lists of tiers, each announced to beside the others: what people named for it since.
   * Default: none.
   */
  readonly lists?: readonly (readonly (readonly string[])[])[] | undefined;
  /** Do not start. */
  readonly paused?: boolean;
  /**
   * The files that are wanted: numbers from 1, ranges, names and globs as `1,3-5,*.pdf`, or indexes
   * in the metainfo. Default: all.
   */
  readonly select?: string | readonly number[] | undefined;
  /** Pieces in their order instead of the rarest first: to look at a file while it comes. */
  readonly sequential?: boolean | undefined;
  /** Limits of this torrent in bytes per second; 0 for none. Default 0. */
  readonly downloadLimit?: number | undefined;
  readonly uploadLimit?: number | undefined;
}

/** What sharing a file or folder made. */
export interface Shared {
  readonly infoHash: string;
  readonly name: string;
  /** The .torrent's bytes. */
  readonly torrent: Uint8Array;
  /** What was left out of a folder though nobody said so, each in words. */
  readonly leftOut: readonly string[];
}

/**
 * - `"allow"`: takes both kinds, calls in clear first and encrypted where that fails
 * - `"prefer"`: takes both, calls encrypted first and in clear where that fails
 * - `"require"`: everything encrypted with RC4, or no connection
 * - `"off"`: no encryption at all
 */
export type Encryption = "allow" | "prefer" | "require" | "off";

/**
 * - `"allow"`: takes calls over uTP, and calls over it where TCP gets no answer
 * - `"prefer"`: calls over uTP first
 * - `"off"`: TCP alone
 */
export type UtpUse = "allow" | "prefer" | "off";

/** What is enough; what is undefined does not count. The first one reached ends it. */
export interface SeedGoal {
  /** Bytes given for each byte of what was wanted. */
  readonly ratio?: number | undefined;
  /** Seconds spent seeding. */
  readonly time?: number | undefined;
}

/**
 * How a person wants to go on: fetch what differs beside what is there, or over it. `"lacking"`:
 * beside, but where a file has all the torrent's bytes and more behind them nothing is to be fetched,
 * so that one waits.
 */
export type Consent = "beside" | "over" | "lacking";

/** What people chose for one torrent; what is undefined was not chosen. Kept as JSON. */
export interface TorrentChoices {
  /** Its files' priorities: `FileSelection.letters`. */
  readonly files?: string | undefined;
  /** Pieces in their order instead of the rarest first. */
  readonly sequential?: boolean | undefined;
  /** Bytes per second. */
  readonly downloadLimit?: number | undefined;
  readonly uploadLimit?: number | undefined;
  /** Lists of tracker tiers beside its own: `AddOptions.lists`. */
  readonly lists?: readonly (readonly (readonly string[])[])[] | undefined;
  /** Seconds spent seeding so far: no choice, but what one is measured by. */
  readonly seeded?: number | undefined;
}

/** Blocks of one peer that wait for us (told to it as `reqq`, BEP 10). */
export const MAX_UPLOAD_QUEUE = 500;
