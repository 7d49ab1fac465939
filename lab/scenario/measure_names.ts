/**
 * Measures: THE table of what a check may ask for, with its unit and its definition. The room
 * `lab/measures` computes each of them.
 *
 * @module
 */

/** What a measure's number is. */
export type Unit = "ms" | "bytes" | "share" | "times" | "count" | "yes or no";

/** Where runs are played: virtual time with what decides in a peer, or with whole engines; programs. */
export const MEASURED_WORLDS = {
  decisions: "virtual time",
  engines: "whole engines",
  real: "real world",
} as const;

/** One measure. */
export interface Measure {
  readonly unit: Unit;
  /** Of the swarm as a whole, or of each member and then, over several, this. */
  readonly of: "swarm" | "median" | "sum" | "most" | "least" | "group";
  readonly says: string;
  /** The worlds that tell it, where not all do. */
  readonly worlds?: readonly (keyof typeof MEASURED_WORLDS)[];
}

/** Name → measure. */
export const MEASURES = {
  complete: {
    unit: "share",
    of: "group",
    says: "share of the members that own every piece at the end",
  },
  swarms_complete: {
    unit: "share",
    of: "group",
    says: "1 where all members that stay are complete at the end, else 0; over seeds the mean",
  },
  completion: {
    unit: "ms",
    of: "median",
    says: "time from a member's arrival until it owns every piece",
  },
  makespan: {
    unit: "ms",
    of: "group",
    says: "time from the first arrival of a leecher until the last one is complete",
  },
  p50: { unit: "ms", of: "group", says: "time within which half of the leechers are complete" },
  p95: { unit: "ms", of: "group", says: "time within which 95 of 100 leechers are complete" },
  last_median: {
    unit: "times",
    of: "group",
    says: "the slowest leecher's completion ÷ the median one",
  },
  bound_p2p: {
    unit: "ms",
    of: "swarm",
    says: "the least time in which peers can share the file: max of F/u_s, F/d_min and " +
      "NF/(u_s + Σu_i) (Kurose and Ross)",
  },
  bound_client_server: {
    unit: "ms",
    of: "swarm",
    says: "the least time in which the seeds alone can give it to all: max of NF/u_s and F/d_min",
  },
  bound_makespan: {
    unit: "ms",
    of: "swarm",
    says:
      "the least time with whole pieces and equal uplinks: F/u · (1 + ⌊log₂ N⌋/M) (Mundinger, " +
      "Weber and Weiss)",
  },
  by_p2p: { unit: "times", of: "swarm", says: "makespan ÷ bound_p2p" },
  by_client_server: { unit: "times", of: "swarm", says: "makespan ÷ bound_client_server" },
  by_makespan: { unit: "times", of: "swarm", says: "makespan ÷ bound_makespan" },
  efficiency: { unit: "share", of: "swarm", says: "bound_p2p ÷ makespan" },
  uplink_use: {
    unit: "share",
    of: "swarm",
    says: "bytes that leechers give ÷ what their uplinks could, from 10 % to 90 % of the makespan",
  },
  transient: {
    unit: "ms",
    of: "swarm",
    says: "time until the leechers hold at least one copy of every piece",
  },
  given_copies: { unit: "times", of: "group", says: "payload bytes given ÷ size of the content" },
  distinct_share: {
    unit: "share",
    of: "group",
    says: "share of the pieces of which every block was given at least once",
  },
  given: { unit: "bytes", of: "median", says: "payload bytes a member has given" },
  taken: { unit: "bytes", of: "median", says: "payload bytes a member has received" },
  ratio: { unit: "times", of: "median", says: "given ÷ taken among leechers" },
  jain: {
    unit: "share",
    of: "group",
    says: "evenness of what the members gave: (Σx)² ÷ (n Σx²); 1 is even (Jain)",
  },
  seed_service_jain: {
    unit: "share",
    of: "group",
    says: "evenness of what each leecher took from these members: (Σx)² ÷ (n Σx²)",
  },
  interest: {
    unit: "share",
    of: "group",
    says: "time a leecher wants something of another ÷ time both are connected and incomplete " +
      "(Legout's entropy); median over pairs",
  },
  interest_p20: {
    unit: "share",
    of: "group",
    says: "the same share; a fifth of the pairs have this or less",
  },
  interest_p80: {
    unit: "share",
    of: "group",
    says: "the same share; a fifth of the pairs have this or more",
  },
  clustering: {
    unit: "times",
    of: "swarm",
    says: "share of regular unchoke time within a leecher's own rate class ÷ share that chance " +
      "would give",
  },
  regular_most: {
    unit: "count",
    of: "most",
    says: "most peers a member has unchoked at once for their rate",
  },
  optimistic_gap: {
    unit: "ms",
    of: "median",
    says: "median time between two optimistic turns of a member",
  },
  penalty: {
    unit: "times",
    of: "group",
    says: "median completion of these ÷ median completion of all other leechers",
  },
  slowdown: {
    unit: "times",
    of: "group",
    says: 'median completion of these ÷ that of "against"',
  },
  wasted: {
    unit: "share",
    of: "group",
    says: "bytes that came twice or were of pieces that failed ÷ bytes taken",
  },
  overhead: {
    unit: "share",
    of: "group",
    says: "bytes of handshakes and messages that are no content ÷ bytes of content, of all that " +
      "the members said and heard",
    worlds: ["engines", "real"],
  },
  failed_share: {
    unit: "share",
    of: "group",
    says: "share of the pieces wholly from these members whose hash was wrong",
    worlds: ["decisions", "real"],
  },
  banned_by: {
    unit: "share",
    of: "group",
    says: "share of the honest members served by one of these that banned it",
  },
  honest_bans: { unit: "count", of: "swarm", says: "bans of members that send only right bytes" },
  work_lost: {
    unit: "bytes",
    of: "most",
    says: "bytes of blocks that a member had received, and received again after it was killed",
  },
  sources: {
    unit: "count",
    of: "median",
    says: "members that gave it at least 2 % of the content",
  },
  parallel: { unit: "count", of: "median", says: "most members that gave it bytes in one second" },
  found_by_tracker: {
    unit: "count",
    of: "median",
    says: "other members that it learnt of from a tracker before any other source named them; " +
      "whole engines: of those that it called",
  },
  found_by_pex: { unit: "count", of: "median", says: "the same for peer exchange (BEP 11)" },
  found_by_dht: { unit: "count", of: "median", says: "the same for the DHT (BEP 5)" },
  found_by_lsd: {
    unit: "count",
    of: "median",
    says: "the same for local service discovery (BEP 14)",
  },
  same_bytes: {
    unit: "share",
    of: "group",
    says: "share of the complete members whose content has the SHA-256 of the seed's",
    worlds: ["real"],
  },
  rule_breaks: {
    unit: "count",
    of: "sum",
    says: "messages that break a rule of the protocol",
    worlds: ["real"],
  },
  growth: {
    unit: "times",
    of: "swarm",
    says: "incomplete members at the end ÷ those at a third of the run",
  },
  population_trend: {
    unit: "count",
    of: "swarm",
    says: "by how many the incomplete members become more in a minute: the slope of a straight " +
      "line through the whole run (least squares)",
  },
  retry_gaps: {
    unit: "count",
    of: "group",
    says: "longest run of announces without an answer, each gap at least as long as the last, " +
      "within 25 % of 5, 10, 20, 40, 60 s",
  },
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof MEASURES;

/** What a measure says, with the worlds that tell it where not all do. */
export function measureWords({ says, worlds }: Measure): string {
  if (worlds === undefined) return says;
  return `${says} (${worlds.map((world) => MEASURED_WORLDS[world]).join(", ")})`;
}

/** What can be drawn. */
export const FIGURES = {
  completion: "who has everything, when: share of the leechers over time",
  copies: "copies of each piece among those that are there: least, mean, most",
  uplinks: "share of the leechers' uplinks in use, over time",
  population: "members that are there and incomplete, over time",
  chokes: "who unchokes whom, and why, over time",
  clusters: "regular unchoke time between classes of members",
  given_taken: "bytes given and taken, a dot for each member",
  sequence: "what a few members say to each other, message by message (real world)",
  matrix: "who gave whom how many bytes",
  lifeline: "arrival, pieces, completion and end of each member",
  scaling: "makespan against the number of leechers, with the bounds",
  board: "who has which piece, in six moments",
  failures: "pieces that failed and bans, over time",
  sources: "how each member learnt of others, over time",
  bars: "a measure of each variant, a bar each",
} as const;

export type FigureName = keyof typeof FIGURES;
