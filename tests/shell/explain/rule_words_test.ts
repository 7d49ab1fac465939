import type { RuleDecision } from "../../../peer/mod.ts";
import { ruleWords } from "../../../shell/explain/rule_words.ts";
import { explainedFacts } from "../../../shell/explain/explain_lines.ts";
import { type Explained, Explainer } from "../../../shell/explain/explainer.ts";
import { assertEquals } from "../../support/assert.ts";

const ADA = { label: "ada", address: "127.0.0.1:1" };
const BEN = { label: "ben", address: "127.0.0.1:2" };

Deno.test("each rule's decision is a sentence with its reason", () => {
  const slots = { rule: "uplink-slots", allowed: 8, limit: 102_400, pieceLength: 262_144 } as const;
  const relief = { rule: "relief", peer: BEN, from: ADA, piece: 7 } as const;
  const cases: [RuleDecision, string][] = [
    [
      { rule: "first-copies", what: "kept", peer: BEN, piece: 12, first: ADA },
      "waits for piece 12, which no other peer has: ada gets it first, and can pass it on",
    ],
    [
      { rule: "first-copies", what: "silent", peer: ADA, piece: 12 },
      "got piece 12 first and does not say that it has it: the others get it from us",
    ],
    [
      { rule: "first-copies", what: "waited", peer: BEN },
      "has waited long enough: it gets what was kept for others, too",
    ],
    [
      { rule: "piece-turns", waiting: 3 },
      "3 peers wait for the upload limit: each gets the rest of a piece before the next has its " +
      "turn, since nobody can pass on a part",
    ],
    [
      { rule: "seed-sparing", peer: ADA, piece: 7, from: BEN },
      "is not asked for piece 7: ben will give it, and a seed's time is for what nobody else has",
    ],
    [
      { rule: "downlink-queue", isFull: true, rate: 20_480 },
      "our line is full at 20.0 KiB/s: all peers together are asked for ten seconds of it",
    ],
    [
      { rule: "peer-trials", what: "waits", peer: BEN },
      "is new and not asked yet: peers sent bad data, so newcomers are tried in turn",
    ],
    [
      { ...slots, slots: 2, before: 8 },
      "2 peers are unchoked by rate, not 8: at 100 KiB/s each gets a piece of 256 KiB in about " +
      "8 s, and nobody can pass on a part",
    ],
    [
      { ...slots, slots: 3, before: 2 },
      "3 peers are unchoked by rate, not 2: our uplink is not used up",
    ],
    [
      { rule: "caller-places", called: 40, places: 80 },
      "40 of 80 connections are there: nobody else is called, and the other places are for peers " +
      "that call us",
    ],
    [
      { ...relief, blocks: 2, how: "withdraw", sparesSeed: false },
      "is to give 2 blocks of piece 7 in place of ada, which would take longer and is told not to " +
      "send",
    ],
    [
      { ...relief, blocks: 1, how: "withdraw", sparesSeed: true },
      "is to give 1 block of piece 7 in place of ada, a seed, whose time is for what nobody else " +
      "has",
    ],
    [
      { ...relief, blocks: 1, how: "double", sparesSeed: false },
      "is asked for 1 block of piece 7 as well: ada does not answer, or would take longer",
    ],
  ];
  for (const [decision, words] of cases) assertEquals(ruleWords(decision), words);
});

Deno.test("a rule's decision is a line about its peer, with facts for programs", () => {
  const lines: Explained[] = [];
  const explainer = new Explainer({
    emit: (line) => lines.push(line),
    now: () => 0,
    look: { unicode: true },
  });
  const infoHash = new Uint8Array(20).fill(0xab);
  explainer.ruled(infoHash, {
    rule: "first-copies",
    what: "kept",
    peer: BEN,
    piece: 12,
    first: ADA,
  });
  const { text: _, time: __, ...facts } = explainedFacts(lines[0]!);
  assertEquals(facts, {
    kind: "decision",
    direction: undefined,
    who: "ben",
    address: "127.0.0.1:2",
    decision: "first-copies",
    what: "kept",
    info_hash: infoHash.toHex(),
    peer: "ben",
    piece: 12,
    first: "ada",
  });
});
