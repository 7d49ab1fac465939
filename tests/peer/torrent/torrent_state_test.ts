import { stateOf, type TorrentFactsNow } from "../../../peer/torrent/torrent_state.ts";
import type { TorrentState } from "../../../peer/snapshot.ts";
import { assertEquals } from "../../support/assert.ts";

/** A torrent that is wanted, checked and incomplete. */
const LEECHING: TorrentFactsNow = {
  checking: undefined,
  wanted: "active",
  error: undefined,
  recheck: { isUrgent: false },
  isQueued: false,
  isComplete: false,
  completedAt: undefined,
};
const COMPLETE = { ...LEECHING, isComplete: true, completedAt: 1 };
const BROKEN = { error: new Error("no room") };
const DOUBTED = { recheck: { isUrgent: true } };

const TABLE: [says: string, facts: TorrentFactsNow, state: TorrentState, isNaming?: boolean][] = [
  ["pieces are missing", LEECHING, "downloading"],
  ["all that is wanted is there", COMPLETE, "seeding"],
  ["complete, but its files have no names yet", COMPLETE, "downloading", true],
  ["complete, and nobody was told yet", { ...COMPLETE, completedAt: undefined }, "downloading"],
  ["others download before it", { ...LEECHING, isQueued: true }, "queued"],
  ["paused", { ...LEECHING, wanted: "paused" }, "paused"],
  ["paused when complete", { ...COMPLETE, wanted: "paused" }, "paused"],
  ["paused while it would wait its turn", {
    ...LEECHING,
    wanted: "paused",
    isQueued: true,
  }, "paused"],
  ["its files are in doubt", { ...COMPLETE, ...DOUBTED }, "checking"],
  ["paused with files in doubt", { ...LEECHING, ...DOUBTED, wanted: "paused" }, "checking"],
  ["its disk failed", { ...LEECHING, ...BROKEN }, "error"],
  ["its disk failed while paused", { ...LEECHING, ...BROKEN, wanted: "paused" }, "error"],
  ["its disk failed with files in doubt", { ...LEECHING, ...BROKEN, ...DOUBTED }, "error"],
  ["stopped", { ...LEECHING, wanted: "stopped" }, "stopped"],
  ["stopped after its disk failed", { ...LEECHING, ...BROKEN, wanted: "stopped" }, "stopped"],
  ["stopped when complete", { ...COMPLETE, wanted: "stopped" }, "stopped"],
  ["checked at the start", { ...LEECHING, checking: 0 }, "checking"],
  ["stopped while it is checked", { ...LEECHING, checking: 0.5, wanted: "stopped" }, "checking"],
];

for (const [says, facts, state, isNaming = false] of TABLE) {
  Deno.test(`a torrent is ${state}: ${says}`, () => {
    assertEquals(stateOf(facts, isNaming), state);
  });
}
