/**
 * Whom of a crowd a reply names before anybody else: those that proved to be used, and the newest
 * that download. Thousands of ports that one host announces once push neither out of all replies.
 *
 * @module
 */

import type { PeerLists } from "./peer_lists.ts";
import { type PeerRows, PROOF, WORKED } from "./peer_rows.ts";
import { NONE } from "./slot_pool.ts";
import { KINDS } from "./swarm_rows.ts";

/** Peers of a full crowd that are looked at for one that gives way. */
export const TRIES = 8;
/** Kept of each sort, of each crowd. */
export const KEPT = 6;

interface Picks {
  /** Those that came again and had given or taken something since; the latest first. */
  readonly working: number[];
  /** Those that came again. */
  readonly returned: number[];
  /** Those that came and download. */
  readonly newest: number[];
}

const NOBODY: readonly number[] = [];

/** Lists of different kinds may have the same number. */
export function crowdKey(list: number, kind: number): number {
  return list * KINDS + kind;
}

/** Peers by the {@linkcode crowdKey} of their list. Some may have left: look at each before it is named. */
export class CrowdPicks {
  readonly #ofCrowd = new Map<number, Picks>();

  /**
   * A peer of a crowd announced.
   *
   * @param proof the flags of {@linkcode PeerRows.prove}
   */
  heard(crowd: number, peer: number, proof: number, isDone: boolean): void {
    if (proof === 0 && isDone) return;
    let picks = this.#ofCrowd.get(crowd);
    if (picks === undefined) {
      this.#ofCrowd.set(crowd, picks = { working: [], returned: [], newest: [] });
    }
    const kept = (proof & WORKED) !== 0
      ? picks.working
      : proof !== 0
      ? picks.returned
      : picks.newest;
    const before = kept.indexOf(peer);
    if (before >= 0) kept.splice(before, 1);
    kept.unshift(peer);
    if (kept.length > KEPT) kept.length = KEPT;
  }

  /** The crowd is gone. */
  forget(crowd: number): void {
    this.#ofCrowd.delete(crowd);
  }

  /** Each peer once, the best proof first. */
  of(crowd: number): readonly number[] {
    const picks = this.#ofCrowd.get(crowd);
    if (picks === undefined) return NOBODY;
    return [...new Set([...picks.working, ...picks.newest, ...picks.returned])];
  }
}

/**
 * Sees to it that `picked` records are among those from `first` to `end` of `into`: they take the
 * place of others, which seeds at the front are no more likely to lose than all others.
 *
 * @param width bytes of a record
 * @param random below 1: where to begin
 */
export function putAmong(
  into: Uint8Array,
  [first, end]: readonly [number, number],
  width: number,
  picked: readonly Uint8Array[],
  random: number,
): void {
  const isAt = (record: Uint8Array, at: number): boolean => {
    for (let i = width - 1; i >= 0; i--) if (record[i] !== into[at * width + i]) return false;
    return true;
  };
  const isThere = picked.map((record) => {
    for (let at = first; at < end; at++) if (isAt(record, at)) return true;
    return false;
  });
  const count = end - first;
  const begin = Math.floor(random * count);
  let step = 0;
  const place = () => first + (begin + step) % count;
  for (const [i, record] of picked.entries()) {
    if (isThere[i]) continue;
    while (step < count && picked.some((other) => isAt(other, place()))) step++;
    if (step === count) return;
    into.set(record, place() * width);
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
