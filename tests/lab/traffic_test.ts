/**
 * Overhead where messages have bytes: of whole runs and of every member, whoever is listened to.
 *
 * @module
 */
import { EngineWorld } from "../../lab/engines/engine_world.ts";
import { measure } from "../../lab/measures/measure.ts";
import { RealWorld } from "../../lab/real/real_world.ts";
import type { RunRecord } from "../../lab/run/run_record.ts";
import { VirtualWorld } from "../../lab/virtual/virtual_world.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { eventsOf } from "./events_of.ts";
import { member, planOf, seed } from "./real/real_plan.ts";

/** A seed and two more, nobody listened to. */
const PLAN = planOf([seed(), member("leech 1"), member("leech 2")]);
const LEECHES = ["leech 1", "leech 2"];
/** A request and a block's head for each block (BEP 3). */
const LEAST = (17 + 13) / 16_384;

/** Holds what was counted against the blocks that came. */
function assertWhole(record: RunRecord): void {
  assertEquals(eventsOf(record, "completed").map(({ who }) => who).sort(), LEECHES);
  for (const to of LEECHES) {
    const came = eventsOf(record, "block").filter((block) => block.to === to);
    const content = record.traffic!.filter((one) => one.to === to);
    assertEquals(
      content.reduce((sum, one) => sum + one.content, 0),
      came.reduce((sum, { length }) => sum + length, 0),
      to,
    );
    const overhead = measure(record, "overhead", { of: [to] })!;
    // A mebibyte: greetings, HAVEs and what is allowed fast are some kilobytes.
    assert(overhead >= LEAST && overhead < 0.02, `${to}: ${overhead}`);
  }
  for (const [one, other] of [LEECHES, LEECHES.toReversed()]) {
    const said = record.traffic!.find(({ from, to }) => from === one && to === other);
    assert(said !== undefined && said.wire > 68, `${one} to ${other}: ${JSON.stringify(said)}`);
  }
}

Deno.test("through wires, overhead counts every message of the run", async () => {
  assertWhole(await new RealWorld().run(PLAN));
});

Deno.test("between whole engines, overhead counts every message of the run", async () => {
  assertWhole(await new EngineWorld().run({ ...PLAN, world: "virtual", depth: "engine" }));
});

Deno.test("where only decisions are played nothing has bytes, and overhead is not told", async () => {
  const record = await new VirtualWorld().run({ ...PLAN, world: "virtual" });
  assertEquals(eventsOf(record, "completed").map(({ who }) => who).sort(), LEECHES);
  assertEquals(measure(record, "overhead"), undefined);
});
