/**
 * Crowd picks: the peers of a crowd that a reply names first: those that proved useful, and the newest
 * that download. Thousands of ports that one host announces once push neither out of all replies.
 *
 * @module
 */

import type { PeerLists } from "./peer_lists.ts";
import { type PeerRows, PROOF, WORKED } from "./peer_rows.ts";
import { NONE, PAGE, PAGE_BITS, PAGE_MASK, SlotPool } from "./slot_pool.ts";

/** Peers of a full crowd that are looked at for one that gives way. */
export const TRIES = 8;
/** Kept of each sort, of each crowd. */
export const KEPT = 6;

/** Those that came again and had given or taken something since. */
const WORKING = 0;
/** Those that came and download. */
const NEWEST = KEPT;
/** Those that came again. */
const RETURNING = 2 * KEPT;
const ALL = 3 * KEPT;
/** A row: first the peers, the latest of each sort first; then the position of each in its list. */
const WORDS = 2 * ALL;

/** Picks by row, one for each crowd: naming them looks at no row of a peer. */
export class CrowdPicks {
  readonly #pages: (Int32Array | undefined)[] = [];
  readonly #slots = new SlotPool({
    open: (page) => this.#pages[page] = new Int32Array(PAGE * WORDS),
    drop: (page) => this.#pages[page] = undefined,
  });
  /** For replies: made once. */
  readonly #named: number[] = [];

  /** A row for a new crowd. */
  open(): number {
    const row = this.#slots.take();
    const at = (row & PAGE_MASK) * WORDS;
    this.#page(row).fill(NONE, at, at + WORDS);
    return row;
  }

  /** The crowd is gone. */
  close(row: number): void {
    this.#slots.give(row);
  }

  /**
   * A peer of the crowd announced.
   *
   * @param position where it is in its list
   * @param proof the flags of {@linkcode PeerRows.prove}
   */
  heard(row: number, peer: number, position: number, proof: number, isDone: boolean): void {
    if (proof === 0 && isDone) return;
    const words = this.#page(row);
    const sort = (proof & WORKED) !== 0 ? WORKING : proof !== 0 ? RETURNING : NEWEST;
    const first = (row & PAGE_MASK) * WORDS + sort;
    let at = first;
    while (at < first + KEPT - 1 && words[at] !== peer && words[at] !== NONE) at++;
    for (; at > first; at--) {
      words[at] = words[at - 1]!;
      words[at + ALL] = words[at + ALL - 1]!;
    }
    words[first] = peer;
    words[first + ALL] = position;
  }

  /** A peer of the crowd has another position. */
  moved(row: number, peer: number, position: number): void {
    const words = this.#page(row);
    const first = (row & PAGE_MASK) * WORDS;
    for (let at = first; at < first + ALL; at++) if (words[at] === peer) words[at + ALL] = position;
  }

  /** A peer leaves the crowd. */
  left(row: number, peer: number): void {
    const words = this.#page(row);
    for (const sort of [WORKING, NEWEST, RETURNING]) {
      const first = (row & PAGE_MASK) * WORDS + sort;
      const end = first + KEPT;
      const at = words.subarray(first, end).indexOf(peer) + first;
      if (at < first) continue;
      words.copyWithin(at, at + 1, end);
      words.copyWithin(at + ALL, at + ALL + 1, end + ALL);
      words[end - 1] = NONE;
    }
  }

  /** Positions of all but `self`, each once, the best proof first. Valid until the next call. */
  of(row: number, self: number): readonly number[] {
    const words = this.#page(row);
    const first = (row & PAGE_MASK) * WORDS;
    const named = this.#named;
    named.length = 0;
    for (let at = first; at < first + ALL; at++) {
      const peer = words[at]!;
      if (peer === NONE || peer === self) continue;
      let before = first;
      while (before < at && words[before] !== peer) before++;
      if (before === at) named.push(words[at + ALL]!);
    }
    return named;
  }

  #page(row: number): Int32Array {
    return this.#pages[row >> PAGE_BITS]!;
  }
}

/** Of some peers of a list whoever proved least, and of these was not heard of for the longest. */
export function leastOf(
  lists: PeerLists,
  rows: PeerRows,
  list: number,
  random: () => number,
): number {
  const proof = (peer: number) => rows.flags(peer) & PROOF;
  let least = NONE;
  for (let tries = 0; tries < TRIES; tries++) {
    const peer = lists.peer(list, Math.floor(random() * lists.size(list)));
    const more = least === NONE ? -1 : proof(peer) - proof(least);
    if (more < 0 || more === 0 && rows.seenAt(peer) < rows.seenAt(least)) least = peer;
  }
  return least;
}
