/**
 * PropShare (Levin et al., SIGCOMM 2008): each peer gets the share of the uplink that it had in what
 * came in the round before; a fifth is kept for peers that gave nothing yet.
 *
 * @module
 */
import { type ChokeDecision, Choker, type Peer } from "../../peer/lab.ts";
import type { ChokeFacts, ChokePolicy } from "./choke_policy.ts";

/** Share of the uplink for those that gave nothing yet, so that they can begin. */
const FOR_NEWCOMERS = 0.2;
/** How many of those are served at a time. */
const NEWCOMERS = 2;

/** One peer's. */
export class PropShare implements ChokePolicy {
  readonly #asSeed: Choker<Peer>;
  readonly #slots: number;
  /** Bytes that each had given by the last round. */
  readonly #before = new WeakMap<Peer, number>();
  #weights = new Map<Peer, number>();

  constructor(slots: number) {
    this.#slots = slots;
    this.#asSeed = new Choker(slots);
  }

  decide(peers: readonly Peer[], facts: ChokeFacts): ChokeDecision<Peer>[] {
    this.#weights = new Map();
    if (facts.seeding) return this.#asSeed.decide(peers, facts);
    const gave = new Map(peers.map((peer) => [peer, this.#gaveSince(peer)]));
    const interested = peers.filter((peer) => peer.peerInterested);
    const givers = interested.filter((peer) => gave.get(peer)! > 0);
    const total = givers.reduce((sum, peer) => sum + gave.get(peer)!, 0);
    for (const peer of givers) {
      this.#weights.set(peer, (1 - FOR_NEWCOMERS) * gave.get(peer)! / total);
    }
    const waiting = interested.filter((peer) => gave.get(peer) === 0);
    for (let i = 0; i < NEWCOMERS && waiting.length > 0; i++) {
      const [peer] = waiting.splice(Math.floor(facts.random() * waiting.length), 1) as [Peer];
      this.#weights.set(peer, FOR_NEWCOMERS / NEWCOMERS);
    }
    return peers.map((peer) => {
      const unchoke = this.#weights.has(peer);
      const reason = !unchoke
        ? "gave nothing"
        : givers.includes(peer)
        ? "rank by what it gave"
        : "optimistic turn";
      return { peer, unchoke, reason };
    });
  }

  hasFreeSlot(peers: readonly Peer[]): boolean {
    return peers.filter((peer) => peer.peerInterested && !peer.amChoking).length <= this.#slots;
  }

  /** Whoever was let in since the last round counts like a newcomer. */
  weightOf(peer: Peer): number {
    return this.#weights.get(peer) ?? FOR_NEWCOMERS / NEWCOMERS;
  }

  #gaveSince(peer: Peer): number {
    const { total } = peer.down;
    const gave = total - (this.#before.get(peer) ?? 0);
    this.#before.set(peer, total);
    return gave;
  }
}
