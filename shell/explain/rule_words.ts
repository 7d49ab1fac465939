/**
 * What the rules for crowds decide, in words. Pure.
 *
 * @module
 */
import type { RuleDecision } from "../../peer/mod.ts";
import { formatBytes, formatCount, formatRate } from "../base/format.ts";

/** A sentence that begins behind the name of the peer it is about. */
export function ruleWords(decision: RuleDecision): string {
  switch (decision.rule) {
    case "first-copies":
      return firstCopyWords(decision);
    case "piece-turns":
      return `${formatCount(decision.waiting, "peer")} wait for the upload limit: each gets the ` +
        "rest of a piece before the next has its turn, since nobody can pass on a part";
    case "seed-sparing":
      return `is not asked for piece ${decision.piece}: ${decision.from.label} will give it, and ` +
        "a seed's time is for what nobody else has";
    case "downlink-queue":
      return decision.isFull
        ? `our line is full at ${formatRate(decision.rate)}: all peers together are asked for ` +
          "ten seconds of it"
        : "our line has room again: each peer is asked for as much as it delivers";
    case "peer-trials":
      return trialWords(decision);
    case "uplink-slots":
      return slotWords(decision);
    case "caller-places":
      return `${decision.called} of ${decision.places} connections are there: nobody else is ` +
        "called, and the other places are for peers that call us";
    case "relief":
      return reliefWords(decision);
  }
}

type Of<Rule> = Extract<RuleDecision, { rule: Rule }>;

function firstCopyWords(decision: Of<"first-copies">): string {
  switch (decision.what) {
    case "kept":
      return `waits for piece ${decision.piece}, which no other peer has: ` +
        `${decision.first.label} gets it first, and can pass it on`;
    case "silent":
      return `got piece ${decision.piece} first and does not say that it has it: the others get ` +
        "it from us";
    case "waited":
      return "has waited long enough: it gets what was kept for others, too";
  }
}

function trialWords({ what }: Of<"peer-trials">): string {
  switch (what) {
    case "new":
      return "is new: it is asked for one piece at a time until one of them is right";
    case "waits":
      return "is new and not asked yet: peers sent bad data, so newcomers are tried in turn";
    case "tried":
      return "is tried: it is asked for one piece";
  }
}

function slotWords({ slots, before, allowed, limit, pieceLength }: Of<"uplink-slots">): string {
  const peers = formatCount(slots, "peer");
  if (slots > before) {
    return `${peers} are unchoked by rate, not ${before}: our uplink is not used up`;
  }
  if (before < allowed) {
    return `${peers} are unchoked by rate, not ${before}: our uplink is used up`;
  }
  const seconds = Math.max(1, Math.round((slots + 1) * pieceLength / limit));
  return `${peers} are unchoked by rate, not ${allowed}: at ${
    formatRate(limit)
  } each gets a piece ` +
    `of ${formatBytes(pieceLength)} in about ${seconds} s, and nobody can pass on a part`;
}

function reliefWords({ from, piece, blocks, how, sparesSeed }: Of<"relief">): string {
  const what = `${formatCount(blocks, "block")} of piece ${piece}`;
  return how === "withdraw"
    ? `is to give ${what} in place of ${from.label}, ` +
      (sparesSeed
        ? "a seed, whose time is for what nobody else has"
        : "which would take longer and is told not to send")
    : `is asked for ${what} as well: ${from.label} does not answer, or would take longer`;
}
