/**
 * A virtual peer as its own parts and the other peers see it: what each part does for the others, and
 * what is said to it over the network.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { CrowdRules, Peer, PiecePicker, UploadRequest } from "../../peer/lab.ts";
import type { Behaviour } from "./behaviour.ts";
import type { VirtualLink } from "./virtual_link.ts";
import type { Downlink } from "./virtual_network.ts";
import type { VirtualPeerContext } from "./virtual_peer_context.ts";

/** The near end of a connection. */
export type Link = VirtualLink<VirtualMember>;

/** Has something heard at one end of a connection. */
export type Message<What> = (at: Link, what: What) => void;

/** One peer. */
export interface VirtualMember extends Downlink {
  readonly swarm: VirtualPeerContext<VirtualMember>;
  readonly id: string;
  readonly host: string;
  readonly peerId: Uint8Array;
  readonly behaviour: Behaviour;
  readonly rules: CrowdRules;
  readonly have: Bitfield;
  /** Those that it has nothing to do with any more. */
  readonly banned: Set<VirtualMember>;
  readonly hasLeft: boolean;
  /** Bytes per second. */
  readonly up: number;
  /** Requests that it said. */
  asked: number;
  /** Bytes that came from those who were no seeds from the beginning. */
  fromLeechers: number;
  /** Of the session, like the next two: each begins with nobody and nothing but the pieces. */
  readonly connections: Connections;
  readonly downloading: Downloading;
  readonly uploading: Uploading;
  /** It has everything. */
  complete(): void;
}

/** Whom it is connected to. */
export interface Connections {
  /** In the order in which they came. */
  readonly links: ReadonlyMap<VirtualMember, Link>;
  /** The same, by the other as the engine's parts know it. */
  readonly peers: ReadonlyMap<Peer, Link>;
  /** Those of them that let it ask, or owe it a block: few of all. */
  readonly busy: readonly Link[];
  /** The same, as the engine's parts know them. */
  readonly busyPeers: readonly Peer[];
  /** Interest or choke has changed on a link, or a request was said on one that was not busy. */
  changed(link: Link): void;
  /** Whether one more is taken. */
  readonly hasPlace: boolean;
  /** A block came that was new: see `PlacesToCall`. */
  fed(now: number): void;
  /** Connects to another, where both are there and want it; each then says what it has. */
  connect(other: VirtualMember): void;
  /** The connection to another ends, at both ends. */
  disconnect(other: VirtualMember, why: string): void;
  /** Its own end of a connection begins. */
  attach(other: VirtualMember, incoming: boolean): Link;
  /** Its own end of a connection is over. */
  detach(other: VirtualMember): void;
  /**
   * Something reaches the other, unless they parted meanwhile.
   *
   * @param bytes of a block; it takes its time through the other's downlink
   */
  say<What>(link: Link, message: Message<What>, what: What, bytes?: number): void;
  /** Begins to say to many that it has a piece. */
  tellHave(piece: number): Telling;
  /** Whether it stands still in the middle. */
  readonly isPaused: boolean;
  /** What reached it while it stands still is to be heard later. */
  wait(hear: () => void): void;
}

/** One word to many, one after the other. */
export interface Telling {
  /** It reaches this one, too. */
  to(link: Link): void;
  /** Something else was said: those that follow hear it after that. */
  pause(): void;
}

/** What it wants. */
export interface Downloading {
  readonly picker: PiecePicker;
  /** Somebody new, before it says anything. */
  welcome(peer: Peer): void;
  /** Somebody went. */
  onLeft(peer: Peer): void;
  /** Somebody new says what it has. */
  onPieces(link: Link, pieces: Bitfield): void;
  /** Somebody has a piece more. */
  onHave(link: Link, piece: number): void;
  /** The same once it is noted and counted. */
  onGained(link: Link, piece: number): void;
  /**
   * A peer lets it ask, or no longer does.
   *
   * @param refused what it will not be given; undefined: nothing is said of that
   */
  onChoke(link: Link, choke: boolean, refused: readonly UploadRequest[] | undefined): void;
  /** A peer will not give a block. */
  onReject(link: Link, piece: number, begin: number): void;
  /** A block came. */
  onBlock(link: Link, request: UploadRequest, isWrong: boolean): void;
  /** Asks all that let it. */
  askAll(): void;
}

/** What it gives. */
export interface Uploading {
  /** What it says that it has to somebody new. */
  readonly shown: Bitfield;
  /** Somebody went. */
  onLeft(link: Link): void;
  /** Somebody new said what it has. */
  onPieces(peer: Peer): void;
  /** Somebody has a piece more. */
  onHave(peer: Peer, piece: number, now: number): void;
  /** A peer became interested, or no longer is. */
  onInterest(peer: Peer, interested: boolean): void;
  /** A peer asks for a block. */
  onRequest(link: Link, request: UploadRequest): void;
  /** It does not want a block any more. @param refused it wants to hear that (BEP 6) */
  onCancel(link: Link, request: UploadRequest, refused: boolean): void;
  /** A block that left has arrived. */
  onArrived(link: Link, bytes: number): void;
  /** A slot may have become free. */
  release(): void;
}
