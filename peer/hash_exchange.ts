/**
 * Hashes between peers (BEP 52): asking for the piece hashes that a magnet link's torrent lacks and
 * for those of a failed piece's blocks, and proving ours to others.
 *
 * @module
 */
import { ProtocolError } from "../protocol/errors.ts";
import type { HashRange, Message } from "../protocol/message.ts";
import type { Connection } from "./io/connection.ts";
import { HashProofs } from "./io/hash_proofs.ts";
import { sha256 } from "./io/sha256.ts";
import type { Links } from "./links.ts";
import { HashQuestions } from "./logic/hash_questions.ts";
import { LeafQuestions } from "./logic/leaf_questions.ts";
import type { HashTrees } from "./logic/hash_trees.ts";
import type { Peer } from "./logic/peer.ts";
import type { Hasher, PieceStore } from "./ports.ts";

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
  readonly #links: Links;
  readonly #questions: HashQuestions | undefined;
  readonly #leaves: LeafQuestions | undefined;
  readonly #proofs: HashProofs | undefined;
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
    links: Links,
    owns: (piece: number) => boolean,
    onKnown: (pieces: Iterable<number>) => void,
    onLeaves: (piece: number, leaves: Uint8Array, length: number) => void,
  ) {
    const { trees, store } = owner;
    this.#trees = trees;
    this.#links = links;
    this.#onComplete = () => owner.onHashes();
    this.#onKnown = onKnown;
    this.#onLeaves = onLeaves;
    if (trees === undefined) return;
    this.#questions = new HashQuestions(trees);
    this.#leaves = new LeafQuestions(trees, sha256);
    const onError = (error: unknown) => owner.onError(error);
    this.#proofs = new HashProofs({ trees, store, hasher, owns, onError });
  }

  /** Asks for what lacks. */
  tick(now: number): void {
    if (this.#trees === undefined) return;
    this.#tellLeafQuestions(now);
    if (this.#trees.isComplete) return;
    this.#questions!.expire(now);
    for (const [peer, { writer }] of this.#links) {
      if (!peer.v2) continue;
      for (const range of this.#questions!.ask(peer, now)) writer.hashRequest(range);
    }
  }

  /** A peer says something about hashes. @throws {ProtocolError} where it must not */
  onMessage(peer: Peer, connection: Connection, message: HashMessage, now: number): void {
    if (this.#trees === undefined || !peer.v2) {
      throw new ProtocolError("it speaks of hash trees, and this is not a v2 connection");
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
    for (const { peer, range } of this.#leaves?.next(this.#links.keys(), now) ?? []) {
      this.#links.get(peer)?.writer.hashRequest(range);
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
      throw new ProtocolError("it sent hashes that nobody asked for");
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
