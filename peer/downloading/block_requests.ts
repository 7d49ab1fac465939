/**
 * Block requests: keeps each peer's request queue filled (pipelining), as far as its window, the
 * memory and the rate limit allow; under a rate limit peers take turns.
 *
 * @module
 */
import type { CrowdRules, TellRule } from "../crowd_rules.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { RoundRobin } from "../rate/round_robin.ts";
import type { Connection } from "../connections/connection.ts";
import type { Connections } from "../connections/connections.ts";
import type { Download } from "./download.ts";
import type { Peer } from "../peers/peer.ts";
import type { Limit } from "../rate/rate_limit.ts";
import { PeerTrials } from "./peer_trials.ts";
import type { Served } from "../rate/round_robin.ts";

/** The requests to web servers (BEP 19), which take blocks like peers do. */
export interface WebRequests {
  /** Requests blocks where a server has room. */
  ask(now: number): void;
  /** Lists all that are asked for blocks: peers, and requests to web seeds. */
  everybody(): Iterable<Peer>;
}

/** The torrent that asks. */
export interface BlockRequestsOwner {
  readonly download: Download;
  readonly connections: Connections;
  readonly webSeeds: WebRequests;
  /** The torrent's own and that of all together. */
  readonly limit: Limit;
  canDownload(): boolean;
  readonly tell: TellRule;
  /** There is a bug. */
  onFault(fault: unknown): void;
}

/** ms without a block after which nothing holds up a request that could be said with others. */
const QUIET_MS = 1000;
/** How often in a row all that a peer was asked for comes to nothing before it is called anew. */
const MAX_SILENCES = 3;

/** The part of the engine that block requests need. */
export interface BlockRequestsContext {
  /** Peers of all torrents that wait for the download limit. */
  readonly downRoundRobin: RoundRobin<Peer>;
  readonly rules: CrowdRules;
  /** ms since the epoch, never going back. */
  now(): number;
}

/** One torrent's requests. */
export class BlockRequests {
  readonly #context: BlockRequestsContext;
  readonly #owner: BlockRequestsOwner;
  readonly #trials: PeerTrials | undefined;
  /** Pieces of which peers refused blocks: others may be asked for them. */
  readonly #refused = new Set<number>();

  /** @param pieceLength bytes */
  constructor(context: BlockRequestsContext, owner: BlockRequestsOwner, pieceLength: number) {
    this.#context = context;
    this.#owner = owner;
    if (context.rules.has("peer-trials")) {
      this.#trials = new PeerTrials(Math.ceil(pieceLength / BLOCK_LENGTH));
      this.#trials.onDecision = (peer, what) => owner.tell({ rule: "peer-trials", what, peer });
    }
  }

  /** A peer came. */
  welcome(peer: Peer): void {
    this.#trials?.welcome(peer);
  }

  /** A peer went: what it was asked for and will not give counts for no limit. */
  left(peer: Peer): void {
    this.#owner.limit.spend(-this.#owner.download.releaseAll(peer));
  }

  /** A peer was proven to lie. */
  lied({ addressKey }: Peer): void {
    const now = this.#context.now();
    this.#trials?.lied(addressKey, now);
    this.#trials?.tick(this.#owner.connections.keys(), now);
  }

  /** Asks a peer for as many blocks as its window, the budget and the rate limit take. */
  ask(peer: Peer, connection: Connection, now: number): void {
    if (this.#refused.size > 0) this.#askForRefused(now);
    if (!this.#mayAsk(peer)) return;
    if (this.#owner.limit.available(now) === Infinity) {
      const room = this.#owner.download.roomFor(peer);
      // Few at a time would be a write for each batch of blocks that comes; the window has slack.
      const isFlowing = now - peer.lastBlockAt < QUIET_MS;
      if (
        isFlowing && peer.room * 4 < peer.window.size && peer.requests.size * 2 > peer.window.size
      ) {
        return;
      }
      this.#request(peer, connection, room, now);
      return;
    }
    const { downRoundRobin } = this.#context;
    if (peer.room > 0) downRoundRobin.queue(peer, (now) => this.#takeSafely(peer, connection, now));
    downRoundRobin.run(now);
  }

  /** Asks a peer for nothing of what it was asked for. */
  cancelAll(peer: Peer, { writer }: Connection): void {
    for (const { active, block } of peer.requests.values()) {
      writer.cancel(active.piece, block * BLOCK_LENGTH, active.blockSize(block));
    }
  }

  /** Asks everybody, web seeds too. */
  askAll(): void {
    const now = this.#context.now();
    for (const [peer, connection] of this.#owner.connections) this.ask(peer, connection, now);
    this.#owner.webSeeds.ask(now);
  }

  /** A second has passed: asks everybody, and those that are silent for one block more. */
  tick(now: number): void {
    const { download, connections, webSeeds, limit } = this.#owner;
    download.downlink?.tick();
    this.#trials?.tick(connections.keys(), now);
    if (this.#owner.canDownload()) download.makeRoom(webSeeds.everybody());
    this.askAll();
    for (const [peer, connection] of connections) {
      if (peer.answers.silences >= MAX_SILENCES && !peer.peerInterested) {
        connection.close("it answers none of our requests");
        continue;
      }
      if (!this.#mayAsk(peer) || limit.available(now) <= 0) continue;
      const request = (piece: number, begin: number, length: number) =>
        connection.writer.request(piece, begin, length);
      if (download.probe(peer, now, request)) limit.spend(BLOCK_LENGTH);
    }
  }

  /** A peer refused a block (BEP 6): its heir is asked, or whoever has room. */
  rejected(peer: Peer, piece: number, begin: number): void {
    const { download, connections, limit } = this.#owner;
    const reassignTo = download.rejected(peer, piece, begin);
    const writer = reassignTo && connections.get(reassignTo)?.writer;
    const request = (piece: number, begin: number, length: number) =>
      writer!.request(piece, begin, length);
    if (writer && download.askFor(reassignTo, piece, begin, this.#context.now(), request)) {
      limit.spend(BLOCK_LENGTH);
    } else if (download.isOpen(piece)) this.#refused.add(piece);
  }

  /** Many blocks are refused one by one: only those are asked that may give them. */
  #askForRefused(now: number): void {
    const refused = [...this.#refused];
    this.#refused.clear();
    for (const [peer, connection] of this.#owner.connections) {
      if (refused.some((piece) => peer.pieces.has(piece))) this.ask(peer, connection, now);
    }
    this.#owner.webSeeds.ask(now);
  }

  #mayAsk(peer: Peer): boolean {
    if (!peer.amInterested || !this.#owner.canDownload()) return false;
    return !peer.peerChoking || peer.allowedFast.size > 0;
  }

  /** Whose turn it is may be found out by another torrent: a fault is ours all the same. */
  #takeSafely(peer: Peer, connection: Connection, now: number): Served {
    try {
      return this.#take(peer, connection, now);
    } catch (fault) {
      this.#owner.onFault(fault);
      return "done";
    }
  }

  /** A turn under a rate limit: one block. */
  #take(peer: Peer, connection: Connection, now: number): Served {
    if (!this.#mayAsk(peer)) return "done";
    const allowed = this.#owner.limit.available(now);
    if (allowed <= 0) return "later";
    const room = allowed === Infinity ? peer.room : Math.min(peer.room, 1);
    return this.#request(peer, connection, room, now) > 0 && peer.room > 0 ? "more" : "done";
  }

  /** How many blocks it was asked for, of `room` that it may be. */
  #request(peer: Peer, { writer }: Connection, room: number, now: number): number {
    if (room <= 0) return 0;
    const { download, connections, webSeeds, limit } = this.#owner;
    const request = (piece: number, begin: number, length: number) =>
      writer.request(piece, begin, length);
    let asked = download.assign(peer, room, now, request);
    if (asked < room) {
      const cancel = this.#context.rules.has("relief")
        ? (from: Peer, piece: number, begin: number, length: number) =>
          connections.get(from)?.writer.cancel(piece, begin, length)
        : undefined;
      // A limit is overdrawn for the last blocks: one turn each would make them the slowest.
      const more = download.isEndgame ? peer.room : room - asked;
      asked += download.relieve(peer, webSeeds.everybody(), more, now, request, cancel);
    }
    if (asked === 0) return 0;
    limit.spend(asked * BLOCK_LENGTH);
    peer.lastSaidAt = now;
    return asked;
  }
}
