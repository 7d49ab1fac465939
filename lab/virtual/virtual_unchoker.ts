/**
 * A virtual peer's choking: when the choker is asked, as the engine's unchoker does.
 *
 * @module
 */
import { ALL_RULES, Choker, type Peer, type UploadSlots } from "../../peer/lab.ts";
import type { ChokePolicy } from "../strategies/choke_policy.ts";
import type { Behaviour } from "./behaviour.ts";

const ROUND_MS = 10_000;
/** Decisions beside the rounds in one second. */
const MAX_EARLY = 8;

/** Whose choking it is. */
interface UnchokerOwner {
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  isSeeding(): boolean;
  /** Chokes or unchokes a peer, where that is news. */
  set(peer: Peer, choke: boolean, reason: string): void;
}

/** The engine's choker, or what a strategy has in its place. @param up bytes per second */
export function chokerOf(
  { newChoker, rules = ALL_RULES }: Behaviour,
  slots: number,
  up: number,
): ChokePolicy {
  const own = new Choker<Peer>(slots);
  own.startersFirst = rules.has("starters-first");
  return newChoker?.(slots, { up }) ?? own;
}

/** One session's. */
export class VirtualUnchoker {
  readonly #choker: ChokePolicy;
  /** In the order they came; what a peer was served by weight is forgotten each round. */
  readonly #peers: ReadonlyMap<Peer, { served: number }>;
  readonly #owner: UnchokerOwner;
  #nextRound = 0;
  #early = 0;
  #countSlots: (isRound: boolean) => void = () => {};

  constructor(
    choker: ChokePolicy,
    peers: ReadonlyMap<Peer, { served: number }>,
    owner: UnchokerOwner,
  ) {
    this.#choker = choker;
    this.#peers = peers;
    this.#owner = owner;
  }

  /**
   * The number of slots follows the uplink from now on.
   *
   * @param most that are allowed
   * @param up bytes per second; Infinity for no limit
   */
  followUplink(slots: UploadSlots, most: number, up: () => number): void {
    this.#countSlots = (isRound) => {
      const limit = up() === Infinity ? 0 : up();
      if (!isRound) return void (this.#choker.slots = slots.of(most, { limit }));
      const peers = [...this.#peers.keys()];
      const isWaiting = peers.some(({ peerInterested, amChoking }) => peerInterested && amChoking);
      this.#choker.slots = slots.round(most, { limit, rate: rateTo(peers) }, isWaiting);
    };
    this.#countSlots(false);
  }

  /** ms that a piece takes to one of those that are given to. @param up bytes per second */
  pieceTime(pieceLength: number, up: number): number {
    let given = 0;
    for (const peer of this.#peers.keys()) if (!peer.amChoking && peer.peerInterested) given++;
    return up === 0 ? 0 : 1000 * given * pieceLength / up;
  }

  /** A second has passed. */
  tick(now: number): void {
    this.#early = 0;
    if (now >= this.#nextRound) this.#decide(true);
  }

  /** A peer became interested: it need not wait while a slot is free. */
  admit(peer: Peer): void {
    if (!peer.amChoking) return;
    const others = [...this.#peers.keys()].filter((one) => one !== peer);
    if (this.#choker.hasFreeSlot(others)) this.#owner.set(peer, false, FREE);
  }

  /** A slot may have become free. */
  release(): void {
    if (++this.#early > MAX_EARLY) return;
    for (const peer of this.#peers.keys()) {
      if (peer.peerInterested && peer.amChoking) return this.#decide();
    }
  }

  #decide(isRound = false): void {
    const now = this.#owner.now();
    this.#nextRound = now + ROUND_MS;
    this.#countSlots(isRound);
    const random = () => this.#owner.random();
    const facts = { seeding: this.#owner.isSeeding(), now, random };
    for (const { peer, unchoke, reason } of this.#choker.decide([...this.#peers.keys()], facts)) {
      this.#owner.set(peer, !unchoke, reason);
    }
    for (const link of this.#peers.values()) link.served = 0;
  }
}

/** Bytes per second that peers are given. */
function rateTo(peers: readonly Peer[]): number {
  return peers.reduce((sum, { up }) => sum + up.rate, 0);
}

const FREE = "a slot was free";
