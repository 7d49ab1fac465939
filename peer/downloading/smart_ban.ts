/**
 * Smart ban: traces wrong blocks to the peers that sent them, and bans those peers.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { SHA256_LENGTH } from "../../protocol/merkle.ts";
import type { Hasher } from "../ports.ts";
import { about, type PieceHash, type TorrentEvent } from "../events.ts";
import type { HashExchange } from "../v2/hash_exchange.ts";
import type { Connections } from "../connections/connections.ts";
import type { ActivePiece } from "../pieces/active_piece.ts";
import type { Download } from "./download.ts";
import type { Peer } from "../peers/peer.ts";

/** What of a torrent it needs. */
interface SmartBanOwner {
  readonly connections: Connections;
  readonly download: Download;
  /** Bans the web server behind `peer`, if it is one. */
  readonly webSeeds: { ban(peer: Peer, reason: string): boolean };
  readonly hashes: HashExchange;
  /** What a piece is checked by. */
  checkedBy(piece: number): PieceHash;
  onLie(peer: Peer): void;
  emit(event: TorrentEvent): void;
}

/** The part of the engine that smart ban needs. */
export interface SmartBanContext {
  readonly hasher: Hasher;
  /** ms since the epoch, never going back. */
  now(): number;
}

/** One torrent's verdicts. */
export class SmartBan {
  readonly #context: SmartBanContext;
  readonly #owner: SmartBanOwner;

  constructor(context: SmartBanContext, owner: SmartBanOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** A piece is right: whoever sent something else of it before is found out. */
  verified(active: ActivePiece<Peer>): void {
    const { piece } = active;
    for (const sender of active.senders) sender?.prove();
    this.#owner.hashes.forgetLeaves(piece);
    for (const [liar, block] of this.#owner.download.verified(active)) {
      this.ban(liar, `block ${block} of piece ${piece} was wrong`);
    }
  }

  /** A piece is wrong: who sent all of it is found out; of several, the hashes of blocks may tell. */
  failed(active: ActivePiece<Peer>): void {
    const { piece } = active;
    const { download, hashes } = this.#owner;
    const suspects = download.failed(active);
    this.#owner.emit({
      event: "piece-failed",
      piece,
      hash: this.#owner.checkedBy(piece),
      suspects: [...suspects].map((peer) => `${peer.label} (${peer.address})`),
    });
    if (suspects.size > 1) return hashes.askLeaves(piece, suspects, this.#context.now());
    for (const liar of suspects) this.ban(liar, `piece ${piece}, which it sent whole, was wrong`);
  }

  /** The hashes that the blocks of a failed piece should have, proven (BEP 52). */
  async onLeaves(piece: number, leaves: Uint8Array, length: number): Promise<void> {
    for (const { bytes, senders } of [...this.#owner.download.attempts(piece)]) {
      const came = await this.#context.hasher.sha256Blocks(bytes.subarray(0, length));
      for (const [block, sender] of senders.entries()) {
        const at = block * SHA256_LENGTH;
        if (sender === undefined || at >= came.length) continue;
        const isRight = equalBytes(
          came.subarray(at, at + SHA256_LENGTH),
          leaves.subarray(at, at + SHA256_LENGTH),
        );
        if (!isRight) this.ban(sender, `block ${block} of piece ${piece} has another hash`);
      }
    }
  }

  /** Whoever is proven to lie is not spoken to any more. */
  ban(peer: Peer, reason: string): void {
    const { connections, webSeeds } = this.#owner;
    if (webSeeds.ban(peer, reason)) return;
    const now = this.#context.now();
    const id = peer.peerId.toHex();
    if (connections.peerList.isBanned(peer.host, peer.port, id, now)) return;
    this.#owner.onLie(peer);
    connections.peerList.ban(peer.host, peer.port, id, now);
    this.#owner.emit({ event: "peer-banned", reason, ...about(peer) });
    connections.get(peer)?.close(`banned: ${reason}`);
  }
}
