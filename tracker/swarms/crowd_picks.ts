/**
 * Crowd picks: the peers of a crowd that a reply names first: those that proved useful, and the newest
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
  /** For replies: made once. */
  readonly #all: number[] = [];

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
    let at = kept.indexOf(peer);
    if (at < 0) at = Math.min(kept.length, KEPT - 1);
    for (; at > 0; at--) kept[at] = kept[at - 1]!;
    kept[0] = peer;
  }

  /** The crowd is gone. */
  forget(crowd: number): void {
    this.#ofCrowd.delete(crowd);
  }

  /** Each peer once, the best proof first. Valid until the next call. */
  of(crowd: number): readonly number[] {
    const picks = this.#ofCrowd.get(crowd);
    if (picks === undefined) return NOBODY;
    const all = this.#all;
    all.length = 0;
    for (const peer of picks.working) all.push(peer);
    for (const peer of picks.newest) if (all.indexOf(peer) < 0) all.push(peer);
    for (const peer of picks.returned) if (all.indexOf(peer) < 0) all.push(peer);
    return all;
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
