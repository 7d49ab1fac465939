/**
 * As many real members as there may be: the run ends as a small one does. Beside the budgets, since
 * nothing else may run meanwhile.
 *
 * @module
 */
import { runExperiment } from "../../lab/experiment/experiment.ts";
import { RealWorld, RealWorldError } from "../../lab/real/real_world.ts";
import type { RunRecord } from "../../lab/run/run_record.ts";
import { MOST_REAL } from "../../lab/scenario/keys.ts";
import { readScenario } from "../../lab/scenario/read_scenario.ts";
import { eventsOf } from "../lab/events_of.ts";
import { member, planOf, seed } from "../lab/real/real_plan.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";

/** A seed and others in one process, with little to fetch. */
const scenarioOf = (leeches: number) =>
  readScenario(
    `{
      "lab": 1, "name": "many", "world": "real", "limit": "1m",
      "question": "Does the largest real swarm end?", "hypothesis": "As a small one does.",
      "content": { "size": "256 KiB", "piece_length": "32 KiB" },
      "net": { "latency": "5ms" }, "tracker": { "interval": "3s" },
      "peers": [
        { "as": "seed", "have": 1, "up": "1M" },
        { "as": "leech", "count": ${leeches}, "up": "1M", "down": "4M" }
      ],
      "draw": [{ "figure": "completion" }],
      "check": [
        { "measure": "complete", "is": true, "why": "the seed stays" },
        { "measure": "same_bytes", "of": "all", "is": true, "why": "each piece has a hash" },
        { "measure": "rule_breaks", "of": "all", "at_most": 0, "why": "BEP 3, 6 and 10" }
      ]
    }`,
    "many.jsonc",
    { didYouMean: () => "" },
  );

async function run(leeches: number) {
  const records: RunRecord[] = [];
  const { judgements } = await runExperiment(scenarioOf(leeches), {
    worlds: {
      virtual: () => Promise.reject(new Error("nothing is virtual here")),
      engines: () => Promise.reject(new Error("nothing is virtual here")),
      real: () => Promise.resolve(new RealWorld()),
    },
    seeds: [1],
    onRecord: (record) => void records.push(record),
  });
  return { record: records[0]!, judgements };
}

Deno.test("thirty-two real members all end with the same file, through wires, by the rules", async () => {
  assertEquals(MOST_REAL, 32);
  const { record, judgements } = await run(MOST_REAL - 1);
  assertEquals(eventsOf(record, "completed").length, MOST_REAL - 1);
  assertEquals(Object.keys(record.hashes!).length, MOST_REAL);
  // It ended since all were done, and not by its limit.
  assert(record.endedAt < 60_000, `${record.endedAt} ms`);
  assertEquals(record.remarks, []);
  for (const { id } of record.members.slice(1)) {
    const came = eventsOf(record, "block").filter(({ to, isDuplicate }) =>
      to === id && !isDuplicate
    );
    assertEquals(came.reduce((sum, { length }) => sum + length, 0), record.size, id);
  }
  const [complete, sameBytes, rules] = judgements.map(({ verdict }) => verdict);
  assertEquals([complete, sameBytes], ["passed", "passed"]);
  // Where the machine does not keep up, members hear of a choke too late to keep to it.
  assert(rules !== "failed", JSON.stringify(eventsOf(record, "broke rule")));
});

Deno.test("thirty-three are refused in a sentence that says what to do", async () => {
  assertThrows(
    () => scenarioOf(MOST_REAL),
    Error,
    "33 members: a real run has 1 to 32; take fewer (--peers, or count), or --virtual",
  );
  // As where a virtual scenario is to be played for real.
  const plan = planOf([seed(), ...Array.from({ length: 32 }, (_, index) => member(`vt ${index}`))]);
  await assertRejects(
    () => new RealWorld().run(plan),
    RealWorldError,
    "33 members, of which 32 can be real on one machine: take fewer (--peers or --set), or --virtual",
  );
});
