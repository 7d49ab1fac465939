/**
 * Hash requests for piece layers (BEP 52): which peer to ask for which missing hashes of a v2
 * torrent.
 *
 * What is weighed: a peer can prove the hashes of pieces that it has; each range is asked for once
 * at a time; who refused it is not asked for it again for a while; few questions at once per peer.
 *
 * @module
 */
import type { HashRange } from "../../protocol/message.ts";
import { HASHES_PER_REQUEST, type HashTrees } from "./hash_trees.ts";
import type { Peer } from "../peers/peer.ts";

/** Ranges asked of one peer at once. */
const MAX_ASKED = 4;
/** ms to wait for an answer, and before a peer that refused is asked again. */
const PATIENCE_MS = 10_000;
const REFUSED_MS = 60_000;

/** The questions of one torrent. */
export class PieceLayerRequests {
  readonly #trees: HashTrees;
  /** Range → who was asked, and when. */
  readonly #asked = new Map<string, { peer: Peer; at: number }>();
  /** Range and peer → until when it is not asked. */
  readonly #refused = new Map<Peer, Map<string, number>>();

  constructor(trees: HashTrees) {
    this.#trees = trees;
  }

  /** The ranges to ask a peer for now; they count as asked. */
  ask(peer: Peer, now: number): HashRange[] {
    let room = MAX_ASKED;
    for (const { peer: other } of this.#asked.values()) if (other === peer) room--;
    const ranges: HashRange[] = [];
    if (room <= 0) return ranges;
    for (const { tree, ...range } of this.#trees.missing()) {
      if (ranges.length >= room) break;
      const key = keyOf(range);
      if (this.#asked.has(key)) continue;
      if ((this.#refused.get(peer)?.get(key) ?? 0) > now) continue;
      if (
        !tree.firstPieces.some((first) => hasSome(peer, first + range.index, tree.pieces + first))
      ) {
        continue;
      }
      this.#asked.set(key, { peer, at: now });
      ranges.push(range);
    }
    return ranges;
  }

  /** Hashes came; whether they were asked for. */
  answered(peer: Peer, range: HashRange): boolean {
    const key = keyOf(range);
    if (this.#asked.get(key)?.peer === peer) return this.#asked.delete(key);
    // Too late: meanwhile somebody else was asked.
    return (this.#refused.get(peer)?.has(key)) ?? false;
  }

  /** A peer will not answer. */
  rejected(peer: Peer, range: HashRange, now: number): void {
    const key = keyOf(range);
    if (this.#asked.get(key)?.peer !== peer) return;
    this.#asked.delete(key);
    this.#refuse(peer, key, now);
  }

  /** Lets go of questions that are not answered. */
  expire(now: number): void {
    for (const [key, { peer, at }] of this.#asked) {
      if (now - at < PATIENCE_MS) continue;
      this.#asked.delete(key);
      this.#refuse(peer, key, now);
    }
  }

  forget(peer: Peer): void {
    this.#refused.delete(peer);
    for (const [key, asked] of this.#asked) if (asked.peer === peer) this.#asked.delete(key);
  }

  #refuse(peer: Peer, key: string, now: number): void {
    let keys = this.#refused.get(peer);
    if (keys === undefined) this.#refused.set(peer, keys = new Map());
    keys.set(key, now + REFUSED_MS);
  }
}

function keyOf({ root, base, index, length }: HashRange): string {
  return `${root.toHex()} ${base} ${index} ${length}`;
}

function hasSome(peer: Peer, first: number, end: number): boolean {
  const stop = Math.min(end, first + HASHES_PER_REQUEST);
  for (let piece = first; piece < stop; piece++) if (peer.pieces.has(piece)) return true;
  return false;
}
