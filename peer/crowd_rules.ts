/**
 * Crowd rules: what our peer decides by beyond BEP 3, so that a crowd is served soon.
 *
 * `vtorrent peer` has all of them; the lab switches off one at a time to see what each is good for.
 *
 * @module
 */

/** Each rule, and what is different without it. */
export const CROWD_RULES = {
  "first-copies": "a piece that nobody else has goes to several peers at once",
  "piece-turns": "under an upload limit each turn is one block, not the rest of a piece",
  "seed-sparing": "a seed is asked for what other peers would give",
  "downlink-queue":
    "each peer is asked for as much as its own window takes, however slow our line is",
  "peer-trials": "a peer that never gave a right piece is asked for as much as any other",
  "uplink-slots": "a slow uplink serves as many peers at once as a fast one",
  "starters-first": "a peer without a piece waits for the optimistic slot as long as any other",
  "caller-places":
    "a torrent calls others until all its places are taken, and leaves none to callers",
  "relief": "a block is never taken back from a slow peer: at the end two are asked for it",
} as const;

/** Its name. */
export type CrowdRule = keyof typeof CROWD_RULES;

/** The rules that a peer decides by. */
export type CrowdRules = ReadonlySet<CrowdRule>;

/** All of them: what `vtorrent peer` decides by. */
export const ALL_RULES: CrowdRules = new Set(Object.keys(CROWD_RULES) as CrowdRule[]);

/** Whom a decision is about. */
interface Named {
  readonly label: string;
  readonly address: string;
}

/** What first copies decide about a peer. */
export type FirstCopyDecision<P> =
  /** It is kept waiting for a piece that nobody else has, and that `first` gets before it. */
  | { readonly what: "kept"; readonly peer: P; readonly piece: number; readonly first: P }
  /** It had a piece first and did not say so: the others get it from us. */
  | { readonly what: "silent"; readonly peer: P; readonly piece: number }
  /** It got nothing for so long that nothing is kept from it. */
  | { readonly what: "waited"; readonly peer: P };

/** What peer trials decide: whether a newcomer is asked for a piece, and whether before others. */
export type TrialDecision = "new" | "waits" | "tried";

/** What a rule decides, told where it begins to make a difference. */
export type RuleDecision =
  | ({ readonly rule: "first-copies" } & FirstCopyDecision<Named>)
  /** So many wait for the upload limit. */
  | { readonly rule: "piece-turns"; readonly waiting: number }
  /** A seed, `peer`, is not asked for a piece that `from` will give. */
  | {
    readonly rule: "seed-sparing";
    readonly peer: Named;
    readonly piece: number;
    readonly from: Named;
  }
  /** Our own line is full, or no more so. Bytes per second that come. */
  | { readonly rule: "downlink-queue"; readonly isFull: boolean; readonly rate: number }
  | { readonly rule: "peer-trials"; readonly what: TrialDecision; readonly peer: Named }
  /** Regular slots, now and before, of those that are allowed. Bytes per second, and bytes. */
  | {
    readonly rule: "uplink-slots";
    readonly slots: number;
    readonly before: number;
    readonly allowed: number;
    readonly limit: number;
    readonly pieceLength: number;
  }
  /** More peers are known, and not called: `called` of the torrent's places are taken. */
  | { readonly rule: "caller-places"; readonly called: number; readonly places: number }
  /** A peer is asked for blocks that waited at another: in its place, or as well. */
  | {
    readonly rule: "relief";
    readonly peer: Named;
    readonly from: Named;
    readonly piece: number;
    readonly blocks: number;
    readonly how: "withdraw" | "double";
    /** `from` is a seed, whose time is for what nobody else has. */
    readonly sparesSeed: boolean;
  };

/** Takes decisions; most of the time nobody listens. */
export type TellRule = (decision: RuleDecision) => void;
