/**
 * Hashes between peers (BEP 52): asking for the piece hashes that a magnet link's torrent lacks, and
 * proving ours to others.
 *
 * @module
 */
import { ProtocolError } from "../protocol/errors.ts";
import type { HashRange, Message } from "../protocol/message.ts";
import type { Connection } from "./io/connection.ts";
import { HashProofs } from "./io/hash_proofs.ts";
import type { Links } from "./links.ts";
import { HashQuestions } from "./logic/hash_questions.ts";
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
  readonly #proofs: HashProofs | undefined;
  readonly #onComplete: () => void;
  readonly #goOn: () => void;

  /**
   * @param owns whether a piece is ours to read
   * @param goOn called when pieces can be checked that could not before
   */
  constructor(
    { hasher }: { readonly hasher: Hasher },
    owner: HashOwner,
    links: Links,
    owns: (piece: number) => boolean,
    goOn: () => void,
  ) {
    const { trees, store } = owner;
    this.#trees = trees;
    this.#links = links;
    this.#onComplete = () => owner.onHashes();
    this.#goOn = goOn;
    if (trees === undefined) return;
    this.#questions = new HashQuestions(trees);
    const onError = (error: unknown) => owner.onError(error);
    this.#proofs = new HashProofs({ trees, store, hasher, owns, onError });
  }

  /** Asks for what lacks. */
  tick(now: number): void {
    if (this.#trees === undefined || this.#trees.isComplete) return;
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
        return this.#proofs!.answer(connection, owned(message));
      case "hash-reject":
        this.#questions!.rejected(peer, message, now);
        return;
      case "hashes":
        return this.#onHashes(peer, message, now);
    }
  }

  /** A peer went. */
  forget(peer: Peer): void {
    this.#questions?.forget(peer);
  }

  /** Resolves when nothing is being read any more. */
  async close(): Promise<void> {
    await this.#proofs?.close();
  }

  #onHashes(peer: Peer, message: HashRange & { readonly hashes: Uint8Array }, now: number): void {
    const trees = this.#trees!;
    if (!this.#questions!.answered(peer, message)) {
      throw new ProtocolError("it sent hashes that nobody asked for");
    }
    if (trees.isComplete) return;
    if (!trees.learn(message, message.hashes)) {
      throw new ProtocolError("it sent hashes that do not lead to the file's root");
    }
    if (trees.isComplete) this.#onComplete();
    else this.tick(now);
    this.#goOn();
  }
}

/** Without a view into the receive buffer. */
function owned({ root, base, index, length, proofLayers }: HashRange): HashRange {
  return { root: root.slice(), base, index, length, proofLayers };
}
