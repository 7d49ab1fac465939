/**
 * How one virtual peer is: its lines, what it decides by, and what is wrong with it.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import { type CrowdRules, type PieceOrder, PiecePicker } from "../../peer/lab.ts";
import type { ChokePolicy } from "../strategies/choke_policy.ts";

/** How one virtual peer is. Rates in bytes per second. */
export interface Behaviour {
  /** Default 200,000; 0: it cannot give anything. */
  readonly up?: number;
  /** Default: no limit. */
  readonly down?: number;
  /** It has everything from the beginning. */
  readonly seed?: boolean;
  /** Pieces that it has when it comes, where it is no seed. */
  readonly pieces?: readonly number[];

  /** Peers it unchokes, without the optimistic one. Default 4. */
  readonly slots?: number;
  /** As `vtorrent peer` has it where nobody chose a number: fewer on a slow uplink. Default false. */
  readonly slotsFollowUplink?: boolean;
  /** Default: the engine's. */
  readonly newChoker?: (slots: number, facts: { up: number }) => ChokePolicy;
  readonly order?: PieceOrder;
  /** Pieces in their order. */
  readonly sequential?: boolean;
  /** What it decides by beyond BEP 3. Default: all rules. */
  readonly rules?: CrowdRules;
  /** Whether it bans who sent wrong blocks. Default true. */
  readonly blames?: boolean;
  /** Bans all who sent a block of a piece that failed. Default false: a fault, for tests. */
  readonly blamesAll?: boolean;
  /** BEP 16. */
  readonly superSeed?: boolean;
  /** It never unchokes anybody. */
  readonly freeRider?: boolean;

  /** Share of its blocks that are wrong. */
  readonly corrupt?: number;
  /** Requests of each peer that it loses before it answers one. */
  readonly loses?: number;
  /** Requests of each peer that it keeps; it drops what is beyond. */
  readonly keeps?: number;
  /** It chokes without refusing what waits (BEP 6). */
  readonly chokesSilently?: boolean;
  /** Blocks that it never sends, by piece. */
  readonly withholds?: number;
  /** Blocks after which it hangs up; the other calls again after three seconds. */
  readonly hangsUpAfter?: number;
  /** ms by which the last block of each piece is late. */
  readonly lastBlockLate?: number;
}

/** Picks what such a peer lacks, in its order. */
export function pickerOf(
  { order, sequential = false }: Behaviour,
  have: Bitfield,
  random: () => number,
): PiecePicker {
  const picker = PiecePicker.of(have.length, random, order);
  picker.sequential = sequential;
  for (let piece = 0; piece < have.length; piece++) if (have.has(piece)) picker.take(piece);
  return picker;
}

/**
 * Whether a peer forgets a request for a piece.
 *
 * @param link to whoever asks; counts those that were lost
 * @param out requests of the same peer that wait
 */
export function forgets(
  { loses = 0, keeps = Infinity, withholds }: Behaviour,
  link: { lost: number },
  piece: number,
  out: number,
): boolean {
  if (piece === withholds) return true;
  if (link.lost < loses) {
    link.lost++;
    return true;
  }
  return out >= keeps;
}
