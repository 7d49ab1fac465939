/**
 * Hash requests for blocks (BEP 52): which peer to ask for the hashes of a failed piece's blocks,
 * which tell the wrong block.
 *
 * What is weighed: who sent nothing of the piece is asked first, but anybody may answer, since the
 * piece's hash proves what he says; one at a time is asked for a piece.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { merkleRoot, type Sha256, SHA256_LENGTH } from "../../protocol/merkle.ts";
import type { HashRange } from "../../protocol/message.ts";
import type { HashTrees } from "./hash_trees.ts";
import type { Peer } from "../peers/peer.ts";

/** Pieces asked about at once; the oldest gives way. */
const MAX_WANTED = 8;
/** ms to wait for an answer before somebody else is asked. */
const PATIENCE_MS = 10_000;
/** Questions of one peer that are remembered, answered or not. */
const MAX_TOLD = 64;

interface Wanted {
  readonly range: HashRange;
  readonly suspects: ReadonlySet<Peer>;
  readonly asked: Set<Peer>;
  /** Who was asked last, and when. */
  last: Peer | undefined;
  at: number;
}

/** What an answer is worth. */
export type BlockHashAnswer =
  | { readonly kind: "proven"; readonly piece: number }
  /** Nobody asked; it proves nothing; it comes too late to matter. */
  | { readonly kind: "unasked" | "wrong" | "late" };

/** The questions of one torrent. */
export class BlockHashRequests {
  readonly #trees: HashTrees;
  readonly #sha256: Sha256;
  readonly #wanted = new Map<number, Wanted>();
  /** What each peer was asked and may answer, however late. */
  readonly #told = new WeakMap<Peer, Set<string>>();

  constructor(trees: HashTrees, sha256: Sha256) {
    this.#trees = trees;
    this.#sha256 = sha256;
  }

  /** A piece failed, and several peers sent some of it. */
  want(piece: number, suspects: ReadonlySet<Peer>): void {
    const range = this.#trees.leafRange(piece);
    if (range === undefined || this.#wanted.has(piece)) return;
    this.#wanted.set(piece, { range, suspects, asked: new Set(), last: undefined, at: -Infinity });
    for (const oldest of this.#wanted.keys()) {
      if (this.#wanted.size <= MAX_WANTED) break;
      this.#wanted.delete(oldest);
    }
  }

  /** The piece is there, or its liars are known. */
  drop(piece: number): void {
    this.#wanted.delete(piece);
  }

  /** The questions to ask now; they count as asked. */
  *next(peers: Iterable<Peer>, now: number): Generator<{ peer: Peer; range: HashRange }> {
    for (const [piece, wanted] of this.#wanted) {
      if (now - wanted.at < PATIENCE_MS) continue;
      const able = [...peers].filter((peer) =>
        peer.v2 && peer.pieces.has(piece) && !wanted.asked.has(peer)
      );
      const peer = able.find((peer) => !wanted.suspects.has(peer)) ?? able[0];
      if (peer === undefined) continue;
      const told = this.#told.get(peer) ?? new Set();
      this.#told.set(peer, told);
      if (told.size >= MAX_TOLD) continue;
      told.add(keyOf(wanted.range));
      wanted.asked.add(peer);
      wanted.last = peer;
      wanted.at = now;
      yield { peer, range: wanted.range };
    }
  }

  /** A peer will not answer: somebody else may. */
  rejected(peer: Peer, range: HashRange): void {
    if (this.#told.get(peer)?.delete(keyOf(range)) !== true) return;
    for (const wanted of this.#wanted.values()) {
      if (wanted.last === peer && keyOf(wanted.range) === keyOf(range)) wanted.at = -Infinity;
    }
  }

  /** A peer went: others may answer what it was asked. */
  forget(peer: Peer): void {
    for (const wanted of this.#wanted.values()) if (wanted.last === peer) wanted.at = -Infinity;
  }

  /** Hashes came. */
  answered(peer: Peer, range: HashRange, hashes: Uint8Array): BlockHashAnswer {
    const key = keyOf(range);
    if (this.#told.get(peer)?.delete(key) !== true) return { kind: "unasked" };
    for (const [piece, wanted] of this.#wanted) {
      if (keyOf(wanted.range) !== key) continue;
      const { height } = this.#trees.shape(piece)!;
      const isProven = hashes.length === range.length * SHA256_LENGTH &&
        equalBytes(merkleRoot(hashes, height, 0, this.#sha256), this.#trees.hash(piece)!);
      if (!isProven) return { kind: "wrong" };
      this.#wanted.delete(piece);
      return { kind: "proven", piece };
    }
    return { kind: "late" };
  }
}

function keyOf({ root, base, index, length, proofLayers }: HashRange): string {
  return `${root.toHex()} ${base} ${index} ${length} ${proofLayers}`;
}
