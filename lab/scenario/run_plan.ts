/**
 * The plan of one run: one variant of a scenario with one seed, every default filled in and every
 * draw of chance about the members made, so that both worlds play the same one.
 *
 * @module
 */
import type { CrowdRule } from "../../peer/crowd_rules.ts";
import type { Member } from "./member.ts";

/** What the swarm shares. */
export interface Content {
  /** bytes */
  readonly size: number;
  /** bytes, a power of two of at least 16 KiB */
  readonly pieceLength: number;
}

/** The way between two members. */
export interface Line {
  /** ms that a message takes one way */
  readonly latency: number;
  /** ms, at most so much more or less */
  readonly jitter: number;
  /** share of segments that are lost, 0–1 */
  readonly loss: number;
}

/** What is different between two, where the first list has one of them and the second the other. */
export interface PairLine extends Partial<Line> {
  /** ids of members */
  readonly between: readonly [readonly string[], readonly string[]];
}

/** The network between any two members, and between those that are nearer or farther. */
export interface Net extends Line {
  readonly pairs?: readonly PairLine[];
}

/** The tracker. */
export interface TrackerPlan {
  /** ms between regular announces */
  readonly interval: number;
  /** most peers in a reply */
  readonly numwant: number;
  /** Whole engines: a tracker in a tier of its own (BEP 12) that stays up. */
  readonly hasBackup?: boolean;
}

/** How long a member stays. */
export type Stay =
  /** until the run ends */
  | { readonly until: "end" }
  /** until everybody who stays is complete */
  | { readonly until: "all" }
  /** until it is complete itself, and `then` ms longer */
  | { readonly until: "complete"; readonly then: number }
  /** for so many ms from its arrival */
  | { readonly until: "time"; readonly ms: number };

/** Ways in which a peer may decide; the first of each is what `vtorrent peer` does. */
export const PROFILES = ["full", "textbook"] as const;
export const ORDERS = ["rarest", "random", "sequential"] as const;
export const STRATEGIES = [
  "normal",
  "free rider",
  "tyrant",
  "prop share",
  "silent",
  "slow last block",
] as const;
export const SOURCES = ["tracker", "pex", "dht", "lsd"] as const;

export type Strategy = typeof STRATEGIES[number];

/** What a member decides by. */
export interface Policies {
  /** `textbook`: BEP 3 alone, without what our engine adds to it. */
  readonly profile: typeof PROFILES[number];
  /** Rules of our engine that are switched off. */
  readonly without: readonly CrowdRule[];
  /** in which order it asks for pieces */
  readonly order: typeof ORDERS[number];
  /** peers it unchokes at once, the optimistic one included; undefined: the engine's own number */
  readonly slots?: number;
  /** A seed that offers one piece at a time to each (BEP 16). */
  readonly isSuperSeed: boolean;
  /** Whether it finds out which peer sent a wrong block, and bans it. */
  readonly blames: boolean;
  /** where it learns of other peers */
  readonly sources: readonly typeof SOURCES[number][];
  /** share of blocks that it sends with wrong bytes, 0–1 */
  readonly corrupt: number;
}

/** What virtual peers are made of; the first is the default. */
export const DEPTHS = ["decisions", "engine"] as const;
/** Whether a whole engine calls over uTP (BEP 29); the first is the default. */
export const UTP_USES = ["off", "allow", "prefer"] as const;

/** A member as it is planned. */
export interface PlannedMember extends Member {
  /** Whole engines: it has the magnet link alone. */
  readonly isMagnet: boolean;
  readonly utp: typeof UTP_USES[number];
  /** What its engine was told not to exceed, bytes/s. */
  readonly uploadLimit?: number;
  readonly downloadLimit?: number;
  readonly strategy: Strategy;
  readonly policies: Policies;
  readonly stay: Stay;
  readonly lacks: readonly number[];
  /** Real world: the command of a program of one's own, placeholders in it. */
  readonly command?: readonly string[];
  /** Real world: lines typed into the command, placeholders in them. */
  readonly stdin: readonly string[];
  /** Where its program is not installed, the run goes on without it. */
  readonly isOptional: boolean;
}

/** What an event waits for: a measure of named members that has reached a value. */
export interface When {
  /** bytes given ÷ size · pieces given at least once ÷ pieces · complete members ÷ members */
  readonly measure: "given_copies" | "distinct_share" | "complete_share";
  /** ids of members */
  readonly of: readonly string[];
  readonly atLeast: number;
}

/** What happens to members; `who` and `from` are ids. */
export type Deed =
  | {
    readonly do: "start" | "stop" | "kill" | "pause" | "resume" | "disk full";
    readonly who: readonly string[];
  }
  | {
    readonly do: "cut" | "join";
    readonly who: readonly string[];
    readonly from: readonly string[];
  }
  | {
    readonly do: "set";
    readonly who: readonly string[];
    /** bytes/s */
    readonly up?: number;
    readonly down?: number;
  }
  | { readonly do: "tracker down" | "tracker up" };

/** A deed at a time (ms since the start), or as soon as something is so. */
export type PlannedEvent = Deed & ({ readonly at: number } | { readonly when: When });

/** One run. */
export interface RunPlan {
  readonly scenario: string;
  readonly variant: string;
  readonly world: "virtual" | "real";
  readonly depth: typeof DEPTHS[number];
  readonly seed: number;
  /** ms after which the run ends, whatever is missing */
  readonly limit: number;
  readonly content: Content;
  readonly net: Net;
  readonly tracker: TrackerPlan;
  /** in the order of their arrival within a group, groups as in the file */
  readonly members: readonly PlannedMember[];
  /** ids of members whose words to each other are kept, for a figure */
  readonly listenedTo?: readonly string[];
  readonly events: readonly PlannedEvent[];
}
