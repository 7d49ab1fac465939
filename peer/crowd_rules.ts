/**
 * Crowd rules: what our peer decides by beyond BEP 3, so that a crowd is served soon. `vtorrent peer`
 * has all of them; the lab switches off one at a time to see what each is good for.
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
  "relief": "a block is never taken back from a slow peer: at the end two are asked for it",
} as const;

/** Its name. */
export type CrowdRule = keyof typeof CROWD_RULES;

/** The rules that a peer decides by. */
export type CrowdRules = ReadonlySet<CrowdRule>;

/** All of them: what `vtorrent peer` decides by. */
export const ALL_RULES: CrowdRules = new Set(Object.keys(CROWD_RULES) as CrowdRule[]);
