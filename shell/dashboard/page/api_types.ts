/**
 * The JSON of `/api/v1`: what pages, scripts and the server agree on. docs/http-api.md describes it.
 *
 * Sizes are bytes, rates bytes per second, times ms since the epoch unless a comment says otherwise;
 * null stands for what is not known.
 *
 * @module
 */

/** Which ways lead on after an error, with the numbers that a sentence needs. */
export type Remedy =
  | { readonly kind: "away" | "in-use" | "again" }
  | { readonly kind: "missing" | "changed" | "longer"; readonly files: number }
  | { readonly kind: "lost"; readonly pieces: number };

/** A torrent in the list. */
export interface TorrentSummary {
  readonly "info_hash": string;
  readonly name: string;
  readonly state: string;
  /** What is wrong, where it does not go on. */
  readonly error: string | null;
  /** Which ways lead on from it. */
  readonly remedy: Remedy | null;
  readonly "total_size": number;
  readonly "wanted_size": number;
  readonly left: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly "download_rate": number;
  readonly "upload_rate": number;
  readonly downloaded: number;
  readonly uploaded: number;
  /** Seconds. */
  readonly eta: number | null;
  /** Given by taken. */
  readonly ratio: number | null;
  readonly peers: number;
  readonly pieces: number;
  readonly "pieces_have": number;
  /** 0 to 1 of a check that somebody asked for, while it is under way. */
  readonly verifying: number | null;
}

/** One connection. */
export interface PeerFacts {
  /** `host:port`. */
  readonly address: string;
  readonly "peer_id": string;
  /** The ID that a vtorrent peer was started with. */
  readonly name: string | null;
  readonly client: string;
  readonly source: string;
  /** Who named it. */
  readonly via: string | null;
  readonly incoming: boolean;
  readonly transport: string;
  readonly encryption: string;
  readonly "am_choking": boolean;
  readonly "am_interested": boolean;
  readonly "peer_choking": boolean;
  readonly "peer_interested": boolean;
  readonly snubbed: boolean;
  /** Why it is choked or not. */
  readonly "choke_reason": string;
  readonly "download_rate": number;
  readonly "upload_rate": number;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly progress: number;
  readonly requests: number;
  /** ms from a request to its block. */
  readonly latency: number | null;
}

export interface FileFacts {
  /** From 1: what `select` takes. */
  readonly number: number | null;
  readonly path: string;
  readonly length: number;
  readonly have: number;
  readonly priority: string;
}

export interface TrackerFacts {
  readonly url: string;
  readonly tier: number;
  readonly status: string;
  readonly message: string | null;
  readonly seeders: number | null;
  readonly leechers: number | null;
  readonly completed: number | null;
  /** Seconds. */
  readonly "next_announce_in": number | null;
}

export interface WebSeedFacts {
  readonly url: string;
  readonly status: string;
  readonly "download_rate": number;
  readonly downloaded: number;
}

/** All pieces of a torrent. */
export interface PieceMap {
  /** One letter a piece: `h`ave, `a`sked for, a`v`ailable from a peer, `m`issing everywhere. */
  readonly status: string;
  /** Copies among peers in runs: `[copies, pieces, copies, pieces, …]`. */
  readonly copies: readonly number[];
}

/** Facts of a torrent that rarely change or that nobody but its own page asks for. */
export interface TorrentFacts {
  readonly dir: string;
  readonly private: boolean;
  readonly "piece_length": number;
  readonly wasted: number;
  readonly sequential: boolean;
  readonly "download_limit": number;
  readonly "upload_limit": number;
  /** Copies of the rarest piece, ours included; the fraction is the share of pieces with more. */
  readonly "distributed_copies": number;
  readonly "added_at": number;
  readonly "completed_at": number | null;
  readonly magnet: string;
  /** Its file's or folder's name on disk, where that is another than the torrent's. */
  readonly "disk_name": string | null;
}

/** Everything of one torrent. */
export interface TorrentDetail {
  readonly torrent: TorrentSummary;
  readonly facts: TorrentFacts;
  readonly files: readonly FileFacts[];
  readonly peers: readonly PeerFacts[];
  readonly trackers: readonly TrackerFacts[];
  readonly "web_seeds": readonly WebSeedFacts[];
}

/** What changed of one torrent: the parts that did. */
export type DetailChange = { readonly info_hash: string } & Partial<TorrentDetail> & {
  readonly piece_map?: PieceMap;
  /** Files that are not as they were told last, for a listener that asked for `files=changes`. */
  readonly files_changed?: readonly FileFacts[];
};

/** The peer as a whole. */
export interface PeerStatus {
  readonly role: "peer";
  readonly version: string;
  readonly name: string;
  readonly "peer_id": string;
  readonly port: number;
  readonly dir: string;
  readonly trackers: readonly string[];
  readonly "download_rate": number;
  readonly "upload_rate": number;
  readonly "download_limit": number;
  readonly "upload_limit": number;
  /** Peers that each torrent unchokes by their rate; one optimistic unchoke comes on top. */
  readonly "upload_slots": number;
  readonly downloaded: number;
  readonly uploaded: number;
}

/** How fast a torrent, or all together, was in the last ten minutes: the oldest first. */
export interface PeerRates {
  /** ms between two values. */
  readonly every: number;
  readonly download: readonly number[];
  readonly upload: readonly number[];
}

/** What changed in the list. */
export interface TorrentsChange {
  readonly changed: readonly TorrentSummary[];
  /** Info hashes. */
  readonly removed: readonly string[];
}

/** Who has a piece. */
export interface PieceFacts {
  readonly piece: number;
  readonly status: string;
  readonly copies: number;
  /** Names or addresses of the connected peers that have it. */
  readonly peers: readonly string[];
}

/** Something that happened. */
export interface LogEntry {
  /** Counted up from 1 since the page is served. */
  readonly number: number;
  readonly at: number;
  readonly "info_hash": string;
  /** The torrent's name. */
  readonly torrent: string;
  /** The event as in docs/events.md. */
  readonly event: string;
  /** What happened and why. */
  readonly text: string;
  /** Whether something went wrong. */
  readonly bad: boolean;
}

/** A torrent in the trackers' catalogues. */
export interface CatalogueItem {
  readonly name: string;
  readonly "info_hash": string;
  readonly size: number;
  readonly files: number;
  readonly "published_by": string | null;
  readonly seeders: number;
  readonly leechers: number;
  /** Whether it is here already. */
  readonly here: boolean;
}

/** What a .torrent holds, before it is added. */
export interface Inspected {
  readonly name: string;
  /** null while only the link is known: files come with the first peer. */
  readonly "info_hash": string;
  readonly "total_size": number | null;
  readonly private: boolean;
  readonly files: readonly { number: number; path: string; length: number }[];
  /** Others of the catalogue that have this name, the newest first. */
  readonly others?: readonly OtherVersion[];
}

/** Another torrent of a name. */
export interface OtherVersion {
  readonly "info_hash": string;
  readonly size: number;
  readonly files: number;
  readonly "published_by": string | null;
  readonly "published_at": number | null;
  readonly seeders: number;
}

/** A file or folder of the store. */
export interface StoreEntry {
  readonly name: string;
  /** Relative to the store, with `/`. */
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly size: number | null;
}

/** A connection as the one who sends over it reports it. */
export interface BoardLink {
  /** The other's peer ID in hex. */
  readonly to: string;
  readonly name: string;
  /** Bytes per second that go there. */
  readonly rate: number;
  /** Bytes that went there over this connection. */
  readonly given: number;
  readonly choked: boolean;
  /** Whether the other wants something from here. */
  readonly wanted: boolean;
  /** Why it is choked or not. */
  readonly reason: string;
}

/** One peer in one swarm, as it reports itself. */
export interface BoardSeat {
  readonly "peer_id": string;
  readonly name: string;
  readonly "info_hash": string;
  /** The torrent's name. */
  readonly torrent: string;
  readonly pieces: number;
  /** Bits in base64, first cell first: several pieces share a cell where there are more than 1024. */
  readonly have: string;
  /** Cells on their way. */
  readonly active: readonly number[];
  readonly progress: number;
  /** Bytes of the whole torrent; 0 where it is not known. */
  readonly size: number;
  /** Payload taken and given since the peer was started. */
  readonly downloaded: number;
  readonly uploaded: number;
  readonly "download_rate": number;
  readonly "upload_rate": number;
  /** Seconds. */
  readonly eta: number | null;
  readonly links: readonly BoardLink[];
}

/** What changed on the board of one swarm. */
export interface BoardChange {
  readonly "info_hash": string;
  readonly changed: readonly BoardSeat[];
  /** Peer IDs. */
  readonly removed: readonly string[];
}

/** The tracker as a whole. Counts are null while its store cannot be asked. */
export interface TrackerStatus {
  readonly role: "tracker";
  readonly version: string;
  readonly urls: readonly string[];
  readonly "started_at": number;
  readonly announces: number;
  readonly "announces_per_second": number;
  readonly scrapes: number;
  readonly swarms: number | null;
  readonly seeders: number | null;
  readonly leechers: number | null;
}

/** Announces per second of the last ten minutes: the oldest first. */
export interface TrackerRates {
  /** ms between two values. */
  readonly every: number;
  readonly announces: readonly number[];
}

/** A swarm of the tracker. */
export interface SwarmSummary {
  readonly "info_hash": string;
  /** From the catalogue; null for torrents that nobody published. */
  readonly name: string | null;
  /** Bytes, from the catalogue or a report. */
  readonly size: number | null;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
  /** Peers that report for the board. */
  readonly reporting: number;
}

/** A peer as the tracker knows it. */
export interface SwarmMember {
  readonly "peer_id": string;
  readonly name: string | null;
  readonly client: string;
  readonly address: string;
  readonly status: string;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly "last_seen": number;
}

/** A torrent of the tracker's catalogue. */
export interface PublishedTorrent {
  readonly name: string;
  readonly "info_hash": string;
  readonly size: number;
  readonly files: number;
  readonly "published_by": string | null;
  readonly "published_at": number;
  /** The path of the .torrent here. */
  readonly torrent: string;
  readonly magnet: string;
}

/** What a removal leaves although its data was to be deleted. */
export interface Removed {
  readonly kept: readonly { readonly path: string; readonly reason: string }[];
}
