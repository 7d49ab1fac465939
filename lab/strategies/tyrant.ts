/**
 * BitTyrant (Piatek et al., NSDI 2007): gives each peer just as much as makes it give something back,
 * and spends its uplink where that brings most.
 *
 * Of a peer that it has not tried it expects what the others give, for as much. What it weighs, each
 * round:
 *
 * 1. peers in the order of what they give over what that costs, until the uplink is spent;
 * 2. who gave in each of the last three rounds is offered a tenth less: it may do it for less;
 * 3. who was given to and still chokes us is offered a fifth more.
 *
 * @module
 */
import { type ChokeDecision, Choker, type Peer } from "../../peer/lab.ts";
import type { ChokeFacts, ChokePolicy } from "./choke_policy.ts";

/** How much less is offered to a peer that gives, and how much more to one that does not. */
const LESS = 0.9;
const MORE = 1.2;
/** Rounds in a row in which a peer has to give before it is offered less. */
const LOYAL_ROUNDS = 3;
/** What it reckons with where its uplink has no limit, bytes per second. */
const PLENTY = 1e8;
/** Shares into which the uplink is cut at least, and by which it guesses before anybody gave. */
const USUAL_SHARES = 5;

/** What is known of one peer. Bytes per second. */
interface Estimate {
  /** What has to be given so that it gives. */
  cost: number;
  /** What it gives, or would. */
  gain: number;
  loyal: number;
  /** It was neither given to nor gave: what stands here is a guess. */
  isGuess: boolean;
  wasServed: boolean;
}

/** One peer's. */
export class Tyrant implements ChokePolicy {
  readonly #up: number;
  readonly #asSeed: Choker<Peer>;
  readonly #estimates = new WeakMap<Peer, Estimate>();
  readonly #slots: number;
  /** What a peer gives as a rule, bytes per second. */
  #usual: number;

  /** @param up bytes per second that it can give */
  constructor(slots: number, { up }: { up: number }) {
    this.#up = Math.min(up, PLENTY);
    this.#slots = slots;
    this.#usual = this.#up / USUAL_SHARES;
    this.#asSeed = new Choker(slots);
  }

  decide(peers: readonly Peer[], facts: ChokeFacts): ChokeDecision<Peer>[] {
    if (facts.seeding) return this.#asSeed.decide(peers, facts);
    const given = peers.filter((peer) => !peer.peerChoking && !peer.isSeed && peer.downloadRate > 0)
      .map(({ downloadRate }) => downloadRate).sort((a, b) => a - b);
    const most = this.#up / USUAL_SHARES;
    this.#usual = Math.min(most, given[given.length >> 1] ?? most);
    for (const peer of peers) this.#learn(peer);
    const ranked = peers.filter((peer) => peer.peerInterested)
      .map((peer) => ({ peer, worth: this.#worth(peer), chance: facts.random() }))
      .sort((a, b) => b.worth - a.worth || a.chance - b.chance);
    const chosen = new Set<Peer>();
    let spent = 0;
    for (const { peer } of ranked) {
      const { cost } = this.#of(peer);
      if (chosen.size > 0 && spent + cost > this.#up) break;
      spent += cost;
      chosen.add(peer);
    }
    return peers.map((peer) => {
      const unchoke = chosen.has(peer);
      const estimate = this.#of(peer);
      estimate.wasServed = unchoke;
      if (unchoke) estimate.isGuess = false;
      const reason = unchoke ? "rank by gain over cost" : "others bring more for less";
      return { peer, unchoke, reason };
    });
  }

  hasFreeSlot(peers: readonly Peer[]): boolean {
    return peers.filter((peer) => peer.peerInterested && !peer.amChoking).length <= this.#slots;
  }

  weightOf(peer: Peer): number {
    return this.#of(peer).cost;
  }

  #worth(peer: Peer): number {
    const { gain, cost } = this.#of(peer);
    return gain / cost;
  }

  #learn(peer: Peer): void {
    const estimate = this.#of(peer);
    if (!peer.peerChoking) {
      estimate.isGuess = false;
      estimate.gain = Math.max(1, peer.downloadRate);
      estimate.loyal++;
      if (estimate.loyal >= LOYAL_ROUNDS) estimate.cost *= LESS;
    } else {
      estimate.loyal = 0;
      if (estimate.wasServed) estimate.cost *= MORE;
      else if (estimate.isGuess) estimate.cost = estimate.gain = this.#usual;
    }
  }

  #of(peer: Peer): Estimate {
    let estimate = this.#estimates.get(peer);
    if (estimate === undefined) {
      const usual = this.#usual;
      estimate = { cost: usual, gain: usual, loyal: 0, isGuess: true, wasServed: false };
      this.#estimates.set(peer, estimate);
    }
    return estimate;
  }
}
