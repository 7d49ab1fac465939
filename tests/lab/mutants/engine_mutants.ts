/**
 * Engine mutants: our peer with one planted fault each, and the checks of built-in scenarios that find it.
 *
 * @module
 */
import {
  ALL_RULES,
  type ChokeDecision,
  Choker,
  type CrowdRule,
  type Peer,
} from "../../../peer/lab.ts";
import type { ChokeFacts, ChokePolicy } from "../../../lab/strategies/choke_policy.ts";
import type { Behaviour } from "../../../lab/virtual/behaviour.ts";

/** One planted fault. */
export interface EngineMutant {
  readonly fault: string;
  readonly plant: (behaviour: Behaviour) => Behaviour;
  /** Checks that fail: scenario, measure and of whom. */
  readonly found: readonly string[];
  /** Checks that it brings so near to their limit that some seeds fail, and others pass. */
  readonly nearly?: readonly string[];
}

/** What the choker is told of a peer, and what is made of its decisions. */
type Weigh = (peer: Peer, facts: ChokeFacts) => Peer;
type Correct = (decision: ChokeDecision<Peer>) => ChokeDecision<Peer>;

/** A choker whose facts or decisions are tampered with. */
class TamperedChoker implements ChokePolicy {
  readonly #choker: Choker<Peer>;
  readonly #weigh: Weigh;
  readonly #correct: Correct;

  constructor(slots: number, weigh: Weigh, correct: Correct = (decision) => decision) {
    this.#choker = new Choker(slots);
    this.#weigh = weigh;
    this.#correct = correct;
  }

  get slots(): number {
    return this.#choker.slots;
  }

  set slots(slots: number) {
    this.#choker.slots = slots;
  }

  decide(peers: readonly Peer[], facts: ChokeFacts): ChokeDecision<Peer>[] {
    const weighed = new Map(peers.map((peer) => [this.#weigh(peer, facts), peer]));
    return this.#choker.decide([...weighed.keys()], facts)
      .map((decision) => this.#correct({ ...decision, peer: weighed.get(decision.peer)! }));
  }

  hasFreeSlot(peers: readonly Peer[]): boolean {
    return this.#choker.hasFreeSlot(peers);
  }
}

/** The same peer, whose rates are chance. */
function byChance(peer: Peer, { random }: ChokeFacts): Peer {
  const rate = random();
  return Object.create(peer, {
    downloadRate: { value: rate },
    uploadRate: { value: rate },
  }) as Peer;
}

const without = (rule: CrowdRule) => (behaviour: Behaviour): Behaviour => ({
  ...behaviour,
  rules: (behaviour.rules ?? ALL_RULES).difference(new Set([rule])),
});

export const MUTANTS: readonly EngineMutant[] = [
  {
    fault: "it asks for pieces at random",
    plant: (behaviour) => ({ ...behaviour, order: "random" }),
    found: [
      "rarest-first: distinct share",
      "rarest-first: swarms complete",
      "flash-crowd: by makespan",
      // Who has nothing that others lack gets nothing for its rate, and is soon not wanted any more.
      "chokes: clustering",
      "chokes: optimistic gap of slow, middle, fast",
      "flash-crowd: by makespan in slow uplinks",
      "flash-crowd: given copies of seed",
    ],
  },
  {
    fault: "nobody has an optimistic turn",
    plant: (behaviour) => ({
      ...behaviour,
      newChoker: (slots) =>
        new TamperedChoker(
          slots,
          (peer) => peer,
          (one) => one.reason.startsWith("optimistic turn") ? { ...one, unchoke: false } : one,
        ),
    }),
    found: [
      "chokes: optimistic gap of slow, middle, fast",
      // Who tries nobody does not find those that are as fast as it is.
      "chokes: clustering",
      "flash-crowd: given copies of seed",
    ],
  },
  {
    fault: "slots go by chance, not by rate",
    plant: (behaviour) => ({
      ...behaviour,
      newChoker: (slots) => new TamperedChoker(slots, byChance),
    }),
    found: [
      "chokes: clustering",
      // Whose turn it is gets a regular slot in the next round as often as not.
      "chokes: optimistic gap of slow, middle, fast",
      "strategies: penalty of rider",
      "flash-crowd: by makespan in slow uplinks",
    ],
  },
  {
    fault: "it gives to three times as many at once",
    plant: ({ slots = 4, ...behaviour }) => ({
      ...behaviour,
      slots: 3 * slots,
      slotsFollowUplink: false,
    }),
    found: [
      "chokes: regular most",
      "chokes: clustering",
      "strategies: penalty of rider",
      "flash-crowd: by makespan in slow uplinks",
      "flash-crowd: wasted",
    ],
    // Of eleven that want something hardly one is left to try.
    nearly: ["chokes: optimistic gap of slow, middle, fast"],
  },
  {
    fault: "it bans nobody",
    plant: (behaviour) => ({ ...behaviour, blames: false }),
    found: ["poisoner: banned by of liar", "poisoner: wasted in four liars"],
  },
  {
    fault: "it bans all who sent a block of a wrong piece",
    plant: (behaviour) => ({ ...behaviour, blamesAll: true }),
    found: ["poisoner: honest bans"],
  },
  {
    fault: "a piece that only it has goes to several at once",
    plant: without("first-copies"),
    found: ["flash-crowd: given copies of seed"],
  },
  {
    fault: "the endgame only asks twice",
    plant: without("relief"),
    found: ["flash-crowd: given copies of seed", "flash-crowd: wasted"],
    nearly: ["flash-crowd: by makespan"],
  },
  {
    fault: "a seed is asked for what others would give",
    plant: without("seed-sparing"),
    // A fast seed that gives what is there already is a slow one.
    found: [
      "flash-crowd: by makespan",
      "flash-crowd: given copies of seed",
      "flash-crowd: by makespan in slow uplinks",
      "chokes: clustering",
    ],
    // What it gave twice is missing of the copy that is out when it leaves.
    nearly: ["rarest-first: swarms complete"],
  },
  {
    fault: "a slow uplink is shared by as many as a fast one",
    plant: (behaviour) => ({ ...behaviour, slotsFollowUplink: false }),
    found: ["flash-crowd: by makespan in slow uplinks"],
  },
  {
    fault: "each peer is asked for all that its window takes, however slow the line",
    plant: without("downlink-queue"),
    found: ["flash-crowd: wasted in slow downlinks"],
  },
  {
    fault: "who never gave a right piece is asked for many",
    plant: without("peer-trials"),
    found: ["poisoner: wasted in four liars"],
  },
];
