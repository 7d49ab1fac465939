/**
 * Peer: the state of one connected peer of one torrent.
 *
 * @module
 */
import type { PeerSource } from "../snapshot.ts";
import type { Protection, Transport } from "../ports.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { addressKey } from "../admission/address_key.ts";
import type { ActivePiece } from "../pieces/active_piece.ts";
import { Answers, type Asked } from "./request_answers.ts";
import { FloodLimit } from "./flood_limit.ts";
import { MAX_WINDOW, RequestWindow } from "./request_window.ts";
import { RateMeter } from "../rate/rate_meter.ts";
import { ConnectionFlags } from "./connection_flags.ts";

/** A block that we asked a peer for. */
export interface OutstandingRequest extends Asked {
  readonly active: ActivePiece<Peer>;
  readonly block: number;
  /** It came from somebody else meanwhile: this peer was told to cancel it. */
  released: boolean;
  /** It was withdrawn from another one before: once is enough. */
  readonly wasReassigned: boolean;
  /** When it was told that it need not send the block (it says what becomes of it), ms. */
  cancelledAt?: number;
  /** Who is to be asked once it refuses. */
  reassignTo?: Peer;
}

/** A block that a peer asked us for. */
export interface UploadRequest {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** A peer that choked us for so long (ms) begins anew. */
const AWAY_MS = 5_000;
/** The four flags, what it has, what is asked of it and by it, and how it performs. */
export class Peer {
  readonly host: string;
  /** The port it listens on, where known; the connection's port otherwise. */
  port: number;
  /** What its host counts as where places are shared out. */
  readonly addressKey: string;
  readonly peerId: Uint8Array;
  readonly source: PeerSource;
  /** Who named it: see {@linkcode KnownPeer}. */
  readonly via: string | undefined;
  readonly incoming: boolean;
  readonly connectedAt: number;
  /** What of the connection is encrypted. */
  readonly protection: Protection;
  readonly transport: Transport;
  /** It takes part in the DHT (BEP 5). */
  readonly dht: boolean;
  /** BEP 6 and BEP 10, as both sides speak them. */
  readonly fast: boolean;
  readonly extended: boolean;
  /** BEP 52: the connection is of the v2 swarm, and may speak of hashes. */
  readonly v2: boolean;
  /** From its extension handshake. */
  name: string | undefined;
  client: string;
  /** Extension message IDs it wants, by name (BEP 10). */
  extensions: Readonly<Record<string, number>> = {};
  /** Its extension handshake came. */
  saidHello = false;
  /** `port` is where it listens, even though it called us. */
  knowsPort = false;
  /** BEP 21: it wants nothing. */
  uploadOnly = false;
  /** Bytes of the info dictionary, as it says (BEP 9). */
  metadataSize: number | undefined;
  /** Requests it is willing to queue (`reqq`). */
  maxRequests = MAX_WINDOW;

  /** The four flags, now and of late. */
  readonly flags: ConnectionFlags = new ConnectionFlags();
  chokeReason = "new";
  /** It was told what we have (nothing) before the torrent was known. */
  wasGreeted = false;
  /** Listeners were told that it connected (which waits for its name). */
  wasShown = false;
  snubbed = false;

  pieces: Bitfield;
  /** It said which pieces it has: no second bitfield is legal. */
  announcedPieces = false;
  /** It had everything when it joined, and is counted so in the picker. */
  countedAsSeed = false;
  /** Those below this one are counted in the picker; see {@linkcode ToldPieces}. */
  countedTo = Infinity;
  /** Pieces it lets us ask for while choking us (BEP 6). */
  readonly allowedFast: Set<number> = new Set();
  /** Pieces that we let it ask for while choking it, and the bytes left of each. */
  readonly grants: Map<number, number> = new Map();

  /** By `requestKey`, like `overdue`. */
  readonly requests: Map<number, OutstandingRequest> = new Map();
  /** Those that are not waited for any more: what comes all the same counts. */
  readonly overdue: Map<number, OutstandingRequest> = new Map();
  readonly answers: Answers = new Answers();
  /** The piece it works on. */
  current: ActivePiece<Peer> | undefined;
  readonly uploads: UploadRequest[] = [];
  /** Limit on messages that bring us nothing. */
  readonly patience: FloodLimit = new FloodLimit();
  readonly down: RateMeter = new RateMeter();
  readonly up: RateMeter = new RateMeter();
  /** When the last block came, and so much later as it choked us since: silence is counted from there. */
  lastBlockAt: number;
  /** When anything came or went: keep-alive and idle time-out. */
  lastHeardAt: number;
  /** Whether it said anything after its handshake. */
  hasSpoken = false;
  lastSaidAt: number;
  unchokedAt = 0;
  /** When it choked us last. */
  chokedAt: number;
  /** When a block was last given or taken, or when it connected: it earns its place. */
  usedAt: number;
  /** When it was last given a block, or its slot, or was found idle in it, ms. */
  slotUsedAt = 0;
  /** Turns in a row in which it could have asked us for something and did not. */
  idleTurns = 0;
  /** What it is sent does not leave this machine: see `Unchoker`. */
  isStuck = false;
  /** How many requests are kept out to it. */
  readonly window: RequestWindow = new RequestWindow();
  /** Blocks that it may owe us, asked for and not yet proven right; see `PeerTrials`. */
  credit = Infinity;
  /** Blocks that came and are not yet proven right, as long as `credit` is a number. */
  #unproven = 0;

  constructor(options: {
    host: string;
    port: number;
    peerId: Uint8Array;
    source: PeerSource;
    via?: string | undefined;
    incoming: boolean;
    protection?: Protection;
    transport?: Transport;
    dht?: boolean;
    fast: boolean;
    extended: boolean;
    v2?: boolean;
    client: string;
    pieceCount: number;
    now: number;
  }) {
    this.host = options.host;
    this.port = options.port;
    this.addressKey = addressKey(options.host);
    this.peerId = options.peerId;
    this.source = options.source;
    this.via = options.via;
    this.incoming = options.incoming;
    this.protection = options.protection ?? "none";
    this.transport = options.transport ?? "tcp";
    this.dht = options.dht ?? false;
    this.fast = options.fast;
    this.extended = options.extended;
    this.v2 = options.v2 ?? false;
    this.client = options.client;
    this.pieces = new Bitfield(options.pieceCount);
    this.connectedAt = options.now;
    this.lastBlockAt = options.now;
    this.chokedAt = options.now;
    this.lastHeardAt = options.now;
    this.lastSaidAt = options.now;
    this.usedAt = options.now;
  }

  get amChoking(): boolean {
    return !this.flags.now.serving;
  }

  set amChoking(choking: boolean) {
    this.flags.set("serving", !choking);
  }

  get amInterested(): boolean {
    return this.flags.now.wanting;
  }

  set amInterested(interested: boolean) {
    this.flags.set("wanting", interested);
  }

  get peerChoking(): boolean {
    return !this.flags.now.served;
  }

  set peerChoking(choking: boolean) {
    this.flags.set("served", !choking);
  }

  get peerInterested(): boolean {
    return this.flags.now.wanted;
  }

  set peerInterested(interested: boolean) {
    this.flags.set("wanted", interested);
  }

  /** Bytes per second from it, and to it. */
  get downloadRate(): number {
    return this.down.rate;
  }

  get uploadRate(): number {
    return this.up.rate;
  }

  /** Bytes per second from it, without the delay of a second in which it became fast. */
  get recentRate(): number {
    return Math.max(this.down.rate, this.down.sinceTick);
  }

  /** Smoothed ms from request to block. */
  get latency(): number | undefined {
    return this.answers.latency;
  }

  /** Whether any block was given or taken. */
  get wasUsed(): boolean {
    return this.down.total > 0 || this.up.total > 0;
  }

  get isSeed(): boolean {
    return this.pieces.isFull;
  }

  /** It said of no piece that it has it. */
  get hasNothing(): boolean {
    return this.pieces.count === 0;
  }

  /** How people call it: a vtorrent peer's ID, or the client and its address. */
  get label(): string {
    return this.name === undefined ? this.client : `peer ${this.name}`;
  }

  get address(): string {
    return `${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** How many more blocks to ask it for. */
  get room(): number {
    const room = Math.min(this.window.size, this.maxRequests, this.answers.capacity);
    return (this.credit === Infinity ? room : Math.min(room, this.credit - this.#unproven)) -
      this.requests.size;
  }

  /** Whether it gave a block of a piece that was right. */
  get isProven(): boolean {
    return this.credit === Infinity;
  }

  /** A piece that it gave some of was right. */
  prove(): void {
    this.credit = Infinity;
  }

  /** It chokes us from now on, or no longer. */
  setChoking(choking: boolean, now: number): void {
    this.peerChoking = choking;
    if (choking) this.chokedAt = now;
    else {
      // Silence is counted over the time in which it lets us ask, however often it changes its mind.
      this.lastBlockAt = now - Math.max(0, this.chokedAt - this.lastBlockAt);
      if (now - this.chokedAt >= AWAY_MS) this.snubbed = false;
    }
  }

  /** A block came. */
  onBlock(bytes: number, asked: Asked, now: number): void {
    this.down.add(bytes);
    if (this.credit !== Infinity) this.#unproven++;
    this.lastBlockAt = now;
    this.usedAt = now;
    this.snubbed = false;
    this.answers.answered(asked, now);
    this.window.onBlock(now - asked.at, this.#windowFacts);
  }

  /** A second passed. */
  tick(): void {
    this.patience.tick();
    this.flags.tick();
    this.answers.tick();
    this.down.tick();
    this.up.tick();
    // What it gave may wait for others to complete its piece.
    this.#unproven -= Math.ceil(this.#unproven / 2);
    this.window.tick(this.#windowFacts);
  }

  get #windowFacts(): { rate: number; isSnubbed: boolean } {
    return { rate: this.recentRate, isSnubbed: this.snubbed };
  }
}

/** Where a request waits among those of a peer; -1 where it does not. */
export function placeOf({ uploads }: Peer, { piece, begin, length }: UploadRequest): number {
  return uploads.findIndex((queued) =>
    queued.piece === piece && queued.begin === begin && queued.length === length
  );
}

/** More blocks than any piece has (pieces are at most 128 MiB). */
const BLOCKS_PER_PIECE = 16384;

/** One number of a piece and the number of a block in it. */
export function requestKey(piece: number, block: number): number {
  return piece * BLOCKS_PER_PIECE + block;
}
