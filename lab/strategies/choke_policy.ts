/**
 * Choke policy: where a strategy takes the place of the engine's choker.
 *
 * @module
 */
import type { ChokeDecision, Peer } from "../../peer/lab.ts";

/** The facts of one round. */
export interface ChokeFacts {
  readonly seeding: boolean;
  /** ms */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Decides whom to unchoke: the engine's choker, or a strategy in its place. */
export interface ChokePolicy {
  /** Regular slots; takes effect with the next decision. */
  slots?: number;
  /** What should be with each peer; asked every ten seconds. */
  decide(peers: readonly Peer[], facts: ChokeFacts): ChokeDecision<Peer>[];
  /** Whether a peer that just became interested may start at once. */
  hasFreeSlot(peers: readonly Peer[]): boolean;
  /** How much of the uplink a peer gets beside others; left out: all by turns. */
  weightOf?(peer: Peer): number;
}
