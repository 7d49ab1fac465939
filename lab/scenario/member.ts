/**
 * A member of a swarm, as plans and records name it.
 *
 * @module
 */

/** One peer of a run. */
export interface Member {
  /** e.g. `leech 3` */
  readonly id: string;
  /** the group it is one of, e.g. `leech` */
  readonly name: string;
  /** bytes/s; undefined: without a limit */
  readonly up?: number;
  readonly down?: number;
  /** ms since the start */
  readonly arrivesAt: number;
  /** share of the pieces that it has when it arrives, 0–1 */
  readonly haveAtStart: number;
  /** `vtorrent`, `aria2`, `transmission` …, or the name of a command of one's own */
  readonly program: string;
  readonly strategy: string;
  /** pieces that it lacks all the same */
  readonly lacks?: readonly number[];
  /** share of blocks that it sends with wrong bytes, where it is not honest */
  readonly corrupt?: number;
}
