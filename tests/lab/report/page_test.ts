/**
 * The report's page: how long tables end.
 *
 * @module
 */
import type { Experiment } from "../../../lab/experiment/experiment.ts";
import { figuresOf } from "../../../lab/report/figures/draw.ts";
import { reportPage } from "../../../lab/report/page.ts";
import { csv } from "../../../lab/report/report_files.ts";
import type { RunEvent, RunRecord } from "../../../lab/run/run_record.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";

const SCENARIO = `{
  "lab": 1, "name": "long", "world": "real", "question": "?", "hypothesis": "!",
  "content": { "size": "1 MiB", "piece_length": "256 KiB" },
  "peers": [{ "as": "seed", "have": 1 }, { "as": "leech" }],
  "draw": [{ "figure": "sequence" }]
}`;

/** An experiment of one run in which the seed has said HAVE so many times. */
function talkOf(messages: number, more: Partial<RunRecord>): Experiment {
  const scenario = readScenario(SCENARIO, "long.jsonc", { didYouMean: () => "" });
  const events = Array.from({ length: messages }, (_, index): RunEvent => ({
    ...{ t: index + 5, what: "heard", from: "seed", to: "leech", saidAt: index },
    ...{ kind: "have", words: `have piece ${index}`, head: "00 00 00 05 04", size: 9 },
  }));
  const member = (id: string) => ({
    ...{ id, name: id, arrivesAt: 0, haveAtStart: 0, program: "vtorrent", strategy: "normal" },
  });
  const record: RunRecord = {
    ...{ scenario: "long", variant: "", seed: 4, world: "real", size: 2 ** 20 },
    ...{ pieceLength: 2 ** 18, pieces: 4, endedAt: 60_000, events },
    members: [member("seed"), member("leech")],
    ...more,
  };
  return {
    ...{ scenario, seeds: [4], results: [], judgements: [] },
    shown: new Map([["", record]]),
  };
}

/** The page's table of messages, what stands below it, and the file's rows. */
function shownOf(experiment: Experiment) {
  const figures = figuresOf(experiment);
  const page = reportPage(experiment, figures, { version: "0", command: "vtorrent lab run" });
  const [, table, below] = /<figure id="sequence">[^]*?<tbody>([^]*?)<\/div>([^]*?)<\/details>/
    .exec(page)!;
  return {
    rows: table!.split("<tr>").length - 1,
    last: table!.lastIndexOf("have piece 1999"),
    below: below!,
    inFile: csv(figures[0]!.table).trim().split("\r\n").length - 1,
  };
}

Deno.test("a long table of messages ends at 2,000 rows, and says where the rest is", () => {
  const { rows, last, below, inFile } = shownOf(talkOf(3500, { unkept: 1234 }));
  assertEquals(rows, 2000);
  assert(last > 0, "the first 2,000 are shown");
  assertEquals(inFile, 3500);
  assertStringIncludes(below, "1,500 more rows are in figures/sequence.csv");
  assertStringIncludes(below, "1,234 more were said after these: wire/4.txt has each");
});

Deno.test("a table that is whole ends without a word", () => {
  assertEquals(shownOf(talkOf(2000, {})).below, "");
  assertEquals(shownOf(talkOf(2000, {})).rows, 2000);
});
