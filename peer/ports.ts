/**
 * The boundary between the engine's decisions and the world: what is done, not how.
 *
 * @module
 */
import type { Bitfield } from "../protocol/bitfield.ts";
import type { AnnounceReply, AnnounceRequest, ScrapeEntry } from "../protocol/announce.ts";
import type { RuleDecision } from "./crowd_rules.ts";
import { faultSentence } from "../protocol/fault.ts";
import type { Remedy } from "./remedy.ts";

/** Digests off the JS thread. */
export interface Hasher {
  /** The SHA-1 of `bytes`, which must not change until the promise settles. */
  sha1(bytes: Uint8Array): Promise<Uint8Array>;
  /** The SHA-256 of each block of 16 KiB, 32 bytes each (BEP 52). `bytes` must not change, either. */
  sha256Blocks(bytes: Uint8Array): Promise<Uint8Array>;
}

/** One torrent's bytes on disk. Errors of the file system surface as {@linkcode StorageError}. */
export interface PieceStore extends AsyncDisposable {
  /** Fills `into` with the torrent's bytes from `offset`. */
  readRange(offset: number, into: Uint8Array): Promise<void>;
  /** Puts a verified piece in its place; resolves when every byte was accepted by the system. */
  write(piece: number, bytes: Uint8Array): Promise<void>;
  /** Makes everything written so far survive a power failure (fdatasync of the touched files). */
  sync(): Promise<void>;
  /**
   * All pieces of a file are there: gives it its final name. `file` indexes `info.files`.
   *
   * @returns that name, relative to the folder; undefined where it had it, or the file is not wanted
   */
  finish(file: number): Promise<string | undefined>;
  /** Says which files are wanted from now on; `have`: the pieces that are there. */
  want(wanted: readonly boolean[], have: Bitfield): Promise<void>;
}

/** Talks to one tracker. */
export interface TrackerPort {
  /** @throws {TrackerError} with a sentence for the user */
  announce(url: string, request: AnnounceRequest, signal: AbortSignal): Promise<AnnounceReply>;
  /** @throws {TrackerError} */
  scrape(url: string, infoHashes: Uint8Array[], signal: AbortSignal): Promise<ScrapeEntry[]>;
}

/** One connection's bytes. TCP today; whatever carries a stream tomorrow. */
export interface Socket extends Disposable {
  /** Host and port of the other end. */
  readonly remote: { host: string; port: number };
  /** Host and port of this end, where they are known. */
  readonly local?: { host: string; port: number };
  /** What of it is encrypted. Left out: nothing. */
  readonly protection?: Protection;
  /** Left out: TCP. */
  readonly transport?: Transport;
  /** Reads some bytes into the buffer; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes; how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** An open port. Iterate over it for the connections that come in, until it is disposed. */
export interface Listener extends Disposable, AsyncIterable<Socket> {
  readonly port: number;
}

/** One connection as a {@linkcode Tap} sees it: the same object from its first byte to its end. */
export interface TapLink {
  readonly remote: { readonly host: string; readonly port: number };
  /** Our own end, where it is known. */
  readonly local?: { readonly host: string; readonly port: number } | undefined;
}

/** One exchange with a tracker as a {@linkcode Tap} sees it: the same object until its end. */
export interface TrackerLink extends TapLink {
  readonly transport: "tcp" | "udp";
}

/** Why a piece was begun with a peer. */
export interface PieceChoice {
  readonly infoHash: Uint8Array;
  readonly peer: { readonly label: string; readonly address: string };
  readonly piece: number;
  readonly why: BeginReason;
  /** Connected peers that have it, and connected peers in all. */
  readonly copies: number;
  readonly peers: number;
}

/** One question to a tracker and what came of it. */
export interface TrackerTalk {
  readonly url: string;
  readonly request: AnnounceRequest;
  /** What it answered, or the sentence for the failure. */
  readonly reply: AnnounceReply | string;
}

/**
 * Sees everything that is said and decided. Calls are synchronous and must not throw; byte arrays
 * are views that live as long.
 */
export interface Tap {
  /** Whole messages on a connection, the handshake among them, as on the wire before encryption. */
  wire(link: TapLink, direction: "sent" | "received", bytes: Uint8Array): void;
  /** Whose connection it is, once that is known; or, with a reason, that it has ended. */
  link(
    link: TapLink,
    state:
      | {
        readonly infoHash: Uint8Array;
        readonly pieceCount: number;
        readonly peer: PieceChoice["peer"];
      }
      | { readonly ended: string },
  ): void;
  /** An address is called. Every way that this one call tries (TCP, uTP, encrypted) counts as one. */
  called?(remote: TapLink["remote"]): void;
  chose(choice: PieceChoice): void;
  /** A rule for crowds begins to make a difference to a torrent. */
  ruled?(infoHash: Uint8Array, decision: RuleDecision): void;
  tracker(talk: TrackerTalk): void;
  /** What a tracker is told and says: a datagram, or a whole HTTP message; none for the end. */
  trackerBytes?(
    link: TrackerLink,
    direction: "sent" | "received",
    bytes: Uint8Array | undefined,
  ): void;
}

/** Where a tap is put in and taken out while everything runs. */
export interface Tapping {
  current: Tap | undefined;
}

/** Where a datagram comes from or goes to. */
export interface UdpAddress {
  readonly transport: "tcp" | "udp";
  readonly hostname: string;
  readonly port: number;
}

/** A UDP port. */
export interface DatagramSocket {
  /** Its own end. */
  readonly addr: UdpAddress;
  /** The next datagram, cut to the length of the buffer, and where it comes from. */
  receive(into: Uint8Array): Promise<[Uint8Array, UdpAddress]>;
  send(bytes: Uint8Array, to: UdpAddress): Promise<unknown>;
  /** Whoever waits for a datagram gets an error. */
  close(): void;
}

/** A UDP port that carries uTP, and lets others speak through it. */
export interface SharedUdp {
  readonly port: number;
  /** Called with every datagram that is no uTP. */
  onStranger: ((bytes: Uint8Array, from: UdpAddress) => void) | undefined;
  send(bytes: Uint8Array, to: UdpAddress): void;
}

/** The file system failed: the torrent stops with this sentence and nothing is lost. */
export class StorageError extends Error {
  override name = "StorageError";
  /** What kind: decides the exit status and whether waiting can help. */
  readonly kind: "full" | "permission" | "missing" | "changed" | "exists" | "in-use" | "other";
  /** The file or folder concerned. */
  readonly path: string;
  /** Which ways lead on, where a person has to choose. */
  readonly remedy: Remedy | undefined;

  constructor(
    kind: StorageError["kind"],
    path: string,
    message: string,
    { remedy, ...options }: ErrorOptions & { readonly remedy?: Remedy | undefined } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.path = path;
    this.remedy = remedy;
  }
}

/** A bug met while working on one torrent: it stops with this sentence, and all others go on. */
export class TorrentFault extends Error {
  override name = "TorrentFault";
  readonly kind = "fault";
  readonly remedy: Remedy = { kind: "again" };

  /** @param fault what was thrown */
  constructor(fault: unknown) {
    super(faultSentence(fault), { cause: fault });
  }
}

/** How a connection is protected: nothing, the handshake alone, or everything. */
export type Protection = "none" | "handshake" | "rc4";

/** What carries a connection. */
export type Transport = "tcp" | "utp";

/**
 * Why a piece is begun; `retry`: its hash failed, and one peer alone is asked; `gap`: a web seed gives
 * many in a row.
 */
export type BeginReason = "rarest" | "in-order" | "allowed-fast" | "retry" | "gap";
