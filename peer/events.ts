/**
 * Events of an engine, as they happen. Events are the log: `--json` prints them unchanged.
 *
 * @module
 */
import type { LeftOut } from "../protocol/left_out.ts";
import type { Remedy } from "./remedy.ts";
import type { PeerSource, TorrentState } from "./snapshot.ts";

/** What the user wants of a torrent. */
export type Wanted = "active" | "paused" | "stopped";

/** Who an event is about: `peer` is its name or client, `address` its `host:port`. */
export interface EventPeer {
  readonly peer: string;
  readonly address: string;
}

/** How events name a peer. */
export function about(peer: { readonly label: string; readonly address: string }): EventPeer {
  return { peer: peer.label, address: peer.address };
}

/** Which ways lead on, where a `reason` is a problem that a person has to decide on. */
export interface EventRemedy {
  readonly remedy?: Remedy;
}

/** What a piece is checked by: v2 has its hash trees of SHA-256 (BEP 52). */
export type PieceHash = "SHA-1" | "SHA-256" | "SHA-1 and SHA-256";

/** What can happen to a torrent. */
export type TorrentEvent =
  | { readonly event: "torrent-added"; readonly size: number; readonly pieces: number }
  /** A link whose info dictionary is fetched from peers; `torrent-added` follows when it is here. */
  | { readonly event: "magnet-added" }
  /** The info dictionary is here, of `size` bytes, from so many peers; or was wrong. */
  | {
    readonly event: "metadata-received" | "metadata-failed";
    readonly size: number;
    readonly peers: number;
  }
  /** The store remembers it; it is checked now. `wanted`: "active", "paused" or "stopped". */
  | {
    readonly event: "torrent-restored";
    readonly size: number;
    readonly pieces: number;
    readonly wanted: Wanted;
  }
  | { readonly event: "magnet-restored"; readonly wanted: Wanted }
  /** What the store remembers of it is of no use. */
  | ({ readonly event: "restore-failed"; readonly reason: string } & EventRemedy)
  | { readonly event: "torrent-removed" }
  /** It was added again, with so many trackers, web seeds and peers that were not known. */
  | {
    readonly event: "sources-added";
    readonly trackers: number;
    readonly webSeeds: number;
    readonly peers: number;
  }
  | ({
    readonly event: "torrent-state";
    readonly state: TorrentState;
    readonly reason?: string;
  } & EventRemedy)
  /** `renamed`: of its files so many have another name here; the first of them are named. */
  | (
    & { readonly event: "torrent-checked"; readonly have: number; readonly pieces: number }
    & RenamedFiles
  )
  /** So many pieces that were here are not any more: their files were damaged or changed. */
  | { readonly event: "pieces-lost"; readonly lost: number; readonly pieces: number }
  | {
    readonly event: "torrent-completed";
    /** Payload bytes received in this session, and seconds from start to completion. */
    readonly downloaded: number;
    readonly seconds: number;
  }
  /** `disk`: the name that it got, relative to the folder. */
  | { readonly event: "file-completed"; readonly path: string; readonly disk: string }
  | (
    & { readonly event: "piece-verified"; readonly piece: number; readonly hash: PieceHash }
    & EventPeer
  )
  | {
    readonly event: "piece-failed";
    readonly piece: number;
    readonly hash: PieceHash;
    readonly suspects: string[];
  }
  | (
    & { readonly event: "peer-connected"; readonly source: PeerSource; readonly client: string }
    & EventPeer
  )
  | ({ readonly event: "peer-disconnected"; readonly reason: string } & EventPeer)
  | ({ readonly event: "peer-banned"; readonly reason: string } & EventPeer)
  | {
    readonly event: "web-seed-failed";
    readonly url: string;
    readonly reason: string;
    /** It will not be asked again. */
    readonly givenUp: boolean;
  }
  /** We unchoked or choked it. */
  | ({ readonly event: "unchoked" | "choked"; readonly reason: string } & EventPeer)
  /** It unchoked or choked us. */
  | ({ readonly event: "unchoked-by" | "choked-by" } & EventPeer)
  | {
    readonly event: "announced";
    readonly tracker: string;
    readonly kind: "started" | "completed" | "stopped" | "regular";
    /** Peers in the reply. */
    readonly peers: number;
    readonly seeders: number | undefined;
    readonly leechers: number | undefined;
    /** Seconds until the next one. */
    readonly interval: number;
  }
  /** It names so many trackers (256 for more), of which only the first are used. */
  | { readonly event: "trackers-left-out"; readonly used: number; readonly named: number }
  /** Of what its .torrent or link names, so many are not used: there are bounds. */
  | ({ readonly event: "sources-left-out" } & LeftOut)
  | { readonly event: "tracker-warning"; readonly tracker: string; readonly message: string }
  | {
    readonly event: "tracker-failed";
    readonly tracker: string;
    readonly message: string;
    /** Seconds until it is tried again; undefined for never. */
    readonly retryIn: number | undefined;
  };

/** Everything that an engine tells. `infoHash` is hex, `name` the torrent's. */
export type EngineEvent = { readonly infoHash: string; readonly name: string } & TorrentEvent;

/** Called synchronously; must not throw. */
export type EngineListener = (event: EngineEvent) => void;

/** How many there are, and the first of them. */
export interface RenamedFiles {
  readonly renamed: number;
  readonly renamedFiles: readonly RenamedFile[];
}

/** A file under another name. */
export interface RenamedFile {
  /** As the torrent writes it. */
  readonly path: string;
  /** Where it lies or will lie, relative to the torrent's folder, with `/` between the parts. */
  readonly disk: string;
}
