/**
 * Hashes between peers (BEP 52): asking for the piece hashes that a magnet link's torrent lacks and
 * for those of a failed piece's blocks, and proving ours to others.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import type { HashRange, Message } from "../../protocol/message.ts";
import type { Connection } from "../connections/connection.ts";
import { HashReplies } from "./hash_replies.ts";
import { sha256 } from "../hashing/node_hash.ts";
import type { Connections } from "../connections/connections.ts";
import { PieceLayerRequests } from "./piece_layer_requests.ts";
import { BlockHashRequests } from "./block_hash_requests.ts";
import type { HashTrees } from "./hash_trees.ts";
import type { Peer } from "../peers/peer.ts";
import type { Hasher, PieceStore } from "../ports.ts";

/** Messages about hashes. */
export type HashMessage = Extract<
  Message,
  { readonly type: "hash-request" | "hashes" | "hash-reject" }
>;

/** The torrent whose hashes they are. */
export interface HashOwner {
  /** Of a v2 or hybrid torrent. */
  readonly trees: HashTrees | undefined;
  readonly store: PieceStore;
  /** The last hash that lacked came. */
  onHashes(): void;
  /** The file system failed, or there is a bug. */
  onError(error: unknown): void;
}

/** One torrent's hashes on the wire. Idle for a torrent without trees. */
export class HashExchange {
  readonly #trees: HashTrees | undefined;
  readonly #connections: Connections;
  readonly #questions: PieceLayerRequests | undefined;
  readonly #leaves: BlockHashRequests | undefined;
  readonly #proofs: HashReplies | undefined;
  readonly #onComplete: () => void;
  readonly #onKnown: (pieces: Iterable<number>) => void;
  readonly #onLeaves: (piece: number, leaves: Uint8Array, length: number) => void;

  /**
   * @param owns whether a piece is ours to read
   * @param onKnown called with pieces that can be checked and could not before
   * @param onLeaves told what the blocks of a failed piece should hash to, proven, and how many bytes
   * of the piece that is about
   */
  constructor(
    { hasher }: { readonly hasher: Hasher },
    owner: HashOwner,
    connections: Connections,
    owns: (piece: number) => boolean,
    onKnown: (pieces: Iterable<number>) => void,
    onLeaves: (piece: number, leaves: Uint8Array, length: number) => void,
  ) {
    const { trees, store } = owner;
    this.#trees = trees;
    this.#connections = connections;
    this.#onComplete = () => owner.onHashes();
    this.#onKnown = onKnown;
    this.#onLeaves = onLeaves;
    if (trees === undefined) return;
    this.#questions = new PieceLayerRequests(trees);
    this.#leaves = new BlockHashRequests(trees, sha256);
    const onError = (error: unknown) => owner.onError(error);
    this.#proofs = new HashReplies({ trees, store, hasher, owns, onError });
  }

  /** Asks for what lacks. */
  tick(now: number): void {
    if (this.#trees === undefined) return;
    this.#tellLeafQuestions(now);
    if (this.#trees.isComplete) return;
    this.#questions!.expire(now);
    for (const [peer, { writer }] of this.#connections) {
      if (!peer.v2) continue;
      for (const range of this.#questions!.ask(peer, now)) writer.hashRequest(range);
    }
  }

  /** A peer says something about hashes. @throws {ProtocolError} where it must not */
  onMessage(peer: Peer, connection: Connection, message: HashMessage, now: number): void {
    if (this.#trees === undefined || !peer.v2) {
      throw new ProtocolError("it sent a hash message on a connection that is not v2");
    }
    switch (message.type) {
      case "hash-request":
        return this.#proofs!.answer(connection, owned(message), now);
      case "hash-reject":
        this.#leaves!.rejected(peer, message);
        this.#tellLeafQuestions(now);
        this.#questions!.rejected(peer, message, now);
        return;
      case "hashes":
        return this.#onHashes(peer, message, now);
    }
  }

  /** A piece failed, of which several peers sent some: asks what its blocks should hash to. */
  askLeaves(piece: number, suspects: ReadonlySet<Peer>, now: number): void {
    this.#leaves?.want(piece, suspects);
    this.#tellLeafQuestions(now);
  }

  /** A piece is right now. */
  forgetLeaves(piece: number): void {
    this.#leaves?.drop(piece);
  }

  /** A peer went. */
  forget(peer: Peer): void {
    this.#questions?.forget(peer);
    this.#leaves?.forget(peer);
  }

  /** Resolves when nothing is being read any more. */
  async close(): Promise<void> {
    await this.#proofs?.close();
  }

  #tellLeafQuestions(now: number): void {
    for (const { peer, range } of this.#leaves?.next(this.#connections.keys(), now) ?? []) {
      this.#connections.get(peer)?.writer.hashRequest(range);
    }
  }

  #onHashes(peer: Peer, message: HashRange & { readonly hashes: Uint8Array }, now: number): void {
    const trees = this.#trees!;
    const leaves = this.#leaves!.answered(peer, message, message.hashes);
    if (leaves.kind === "proven") {
      const { length } = trees.shape(leaves.piece)!;
      return this.#onLeaves(leaves.piece, message.hashes.slice(), length);
    }
    if (leaves.kind === "wrong") {
      throw new ProtocolError("it sent hashes that do not lead to the piece's hash");
    }
    if (leaves.kind === "late") return;
    if (!this.#questions!.answered(peer, message)) {
      throw new ProtocolError("it sent hashes that we did not request");
    }
    if (trees.isComplete) return;
    if (!trees.learn(message, message.hashes)) {
      throw new ProtocolError("it sent hashes that do not lead to the file's root");
    }
    // Before anything that can fail: what is known now is of use whatever becomes of it on disk.
    this.#onKnown(trees.piecesIn(message));
    if (trees.isComplete) this.#onComplete();
    else this.tick(now);
  }
}

/** Without a view into the receive buffer. */
function owned({ root, base, index, length, proofLayers }: HashRange): HashRange {
  return { root: root.slice(), base, index, length, proofLayers };
}
