/**
 * Jitter and loss of one pair (`net.pairs`), as they are played: for that pair alone, in both
 * directions, and always the same with the same seed. Limits follow from what a line is: a message
 * takes the latency and at most the jitter more or less, in order; TCP gets through a line that loses
 * segments at most at Mathis' rate, and each lost segment costs it max(round trip, 200 ms) at most.
 *
 * @module
 */
import { EngineWorld } from "../../../lab/engines/engine_world.ts";
import { PARCEL } from "../../../lab/engines/virtual_line.ts";
import type { RunRecord } from "../../../lab/run/run_record.ts";
import type { PairLine, RunPlan } from "../../../lab/scenario/run_plan.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { eventsOf } from "../events_of.ts";
import { memberOf, planOf, swarmOf } from "./plans.ts";

const play = (plan: RunPlan) => new VirtualWorld().run(plan);

const LATENCY = 20;
/** Lines of all others: exact. */
const EXACT = { latency: LATENCY, jitter: 0, loss: 0 };
/** Of times that are sums of others, ms. */
const ROUNDING = 1e-6;

const SEGMENT = 1448;
const LOSS = 0.01;
/** Bytes per ms (Mathis et al. 1997). */
const MATHIS = 1.22 * SEGMENT / (2 * LATENCY * Math.sqrt(LOSS));
/** ms that TCP waits for a lost segment. */
const STALL = Math.max(2 * LATENCY, 200);

/** Bytes per second that limit nothing here. */
const FAST = 10_000_000;

/** When blocks came from one to another, and their bytes. */
function flowOf(record: RunRecord, from: string, to: string): { t: number; length: number }[] {
  return eventsOf(record, "block").filter((block) => block.from === from && block.to === to);
}

/** ms from the first block to the last. */
function lengthOf(flow: readonly { t: number }[]): number {
  return flow.at(-1)!.t - flow[0]!.t;
}

/**
 * Holds a long flow against both ends of what loss may do to it.
 *
 * @param unknown bytes by which a block may be ahead of what carried it
 */
function assertLossy(flow: readonly { t: number; length: number }[], unknown = 0): void {
  const [first] = flow;
  let bytes = 0;
  for (const { t, length } of flow.slice(1)) {
    bytes += length;
    const least = (bytes - unknown) / MATHIS;
    assert(
      t - first!.t >= least - ROUNDING,
      `${bytes} bytes in ${t - first!.t} ms: ${least} at least`,
    );
  }
  // Segments are lost independently: five standard deviations come up once in a million runs.
  const lost = LOSS * (bytes + unknown) / SEGMENT;
  const most = (bytes + unknown) / MATHIS + (lost + 5 * Math.sqrt(lost)) * STALL;
  assert(lengthOf(flow) <= most, `${bytes} bytes in ${lengthOf(flow)} ms: ${most} at most`);
  const gaps = flow.slice(1).map(({ t }, index) => t - flow[index]!.t);
  assert(gaps.some((gap) => gap >= STALL), "no loss was waited for");
}

Deno.test("jitter of a pair: each message takes the latency and at most so much more or less", async () => {
  const [latency, jitter] = [100, 60];
  const leeches = swarmOf(34).map((member, index) =>
    index === 0
      ? { ...member, policies: { ...member.policies, slots: 60 } }
      : { ...member, name: index > 30 ? "near" : "far" }
  );
  const far = leeches.filter(({ name }) => name === "far").map(({ id }) => id);
  const pairs: PairLine[] = [{ between: [["seed"], far], jitter }];
  const record = await play(planOf(leeches, { net: { ...EXACT, latency, pairs } }));
  const at = (what: "interested" | "unchoked", who: string, whom: string) =>
    eventsOf(record, what).find((event) => event.who === who && event.whom === whom)!.t;
  /** ms that the seed's first word took to each, and the answer to it. */
  const took = (name: string) =>
    leeches.filter((member) => member.name === name).map(({ id }) => {
      const met = eventsOf(record, "connected")
        .find(({ who, whom }) => [who, whom].includes(id) && [who, whom].includes("seed"))!.t;
      const wants = at("interested", id, "seed");
      return { there: wants - met, back: at("unchoked", "seed", id) - wants };
    });
  for (const direction of ["there", "back"] as const) {
    const delays = took("far").map((one) => one[direction]);
    assertEquals(delays.length, 30);
    for (const delay of delays) {
      assert(
        delay >= latency - jitter - ROUNDING && delay <= latency + jitter + ROUNDING,
        `${delay} ms`,
      );
    }
    // Uniform: that none of thirty is in an outer quarter comes up once in five thousand times.
    assert(Math.min(...delays) < latency - jitter / 2, `${Math.min(...delays)} ms at least`);
    assert(Math.max(...delays) > latency + jitter / 2, `${Math.max(...delays)} ms at most`);
    for (const { [direction]: delay } of took("near")) {
      assert(Math.abs(delay - latency) < ROUNDING, `${delay} ms between a pair without jitter`);
    }
  }
});

Deno.test("jitter of a pair: nothing overtakes within a connection", async () => {
  // A block leaves every 10 ms, and its way may be a second longer than that of the next one.
  const pairs: PairLine[] = [{ between: [["leech"], ["seed"]], latency: 600, jitter: 500 }];
  const record = await play(planOf([
    memberOf({ id: "seed", haveAtStart: 1, up: 1_638_400 }),
    memberOf({ id: "leech", policies: { order: "sequential" } }),
  ], { net: { ...EXACT, pairs } }));
  const places = eventsOf(record, "block").map(({ piece, begin }) => piece * 65_536 + begin);
  assertEquals(places, Array.from({ length: record.size / 16_384 }, (_, index) => index * 16_384));
  const gaps = flowOf(record, "seed", "leech").slice(1)
    .map(({ t }, index, rest) => index === 0 ? 0 : t - rest[index - 1]!.t);
  assert(gaps.some((gap) => gap > 10 + ROUNDING), "blocks came as evenly as they left");
});

/** A seed and two who reach nobody else; segments are lost between it and one of them. */
function lossy(given: Partial<RunPlan> = {}): RunPlan {
  const members = [
    // Each piece goes to both at once: nothing but its line keeps one of them waiting.
    memberOf({ id: "seed", haveAtStart: 1, up: FAST, policies: { without: ["first-copies"] } }),
    memberOf({ id: "far" }),
    memberOf({ id: "near" }),
  ];
  const pairs: PairLine[] = [{ between: [["seed"], ["far"]], loss: LOSS }];
  return planOf(members, { net: { ...EXACT, pairs }, ...given }, [
    { do: "cut", who: ["far"], from: ["near"], at: 1 },
  ]);
}

Deno.test("loss of a pair: a long flow keeps to Mathis' rate and waits for what was lost, no other does", async () => {
  const record = await play(lossy());
  assertLossy(flowOf(record, "seed", "far"));
  const near = flowOf(record, "seed", "near");
  assertEquals(near.reduce((sum, { length }) => sum + length, 0), record.size);
  assert(lengthOf(near) < record.size / MATHIS, `${lengthOf(near)} ms without loss`);
});

Deno.test("loss of a pair, whole engines: a long flow keeps to it as well", async () => {
  const record = await new EngineWorld().run(lossy({ depth: "engine" }));
  assertEquals(eventsOf(record, "completed").map(({ who }) => who).sort(), ["far", "near"]);
  assertLossy(flowOf(record, "seed", "far"), PARCEL);
  const near = flowOf(record, "seed", "near");
  assert(lengthOf(near) < record.size / MATHIS, `${lengthOf(near)} ms without loss`);
});

Deno.test("loss of a pair is between the two, whichever is named first and whichever sends", async () => {
  const odd = Array.from({ length: 32 }, (_, piece) => piece).filter((piece) => piece % 2 === 1);
  const even = odd.map((piece) => piece - 1);
  const halves = [
    memberOf({ id: "here", haveAtStart: 1, lacks: odd, up: FAST }),
    memberOf({ id: "there", haveAtStart: 1, lacks: even, up: FAST }),
  ];
  const run = (between: PairLine["between"]) =>
    play(planOf(halves, { net: { ...EXACT, pairs: [{ between, loss: LOSS }] } }));
  const record = await run([["here"], ["there"]]);
  for (const [from, to] of [["here", "there"], ["there", "here"]] as const) {
    const flow = flowOf(record, from, to);
    assertEquals(flow.reduce((sum, { length }) => sum + length, 0), record.size / 2);
    assertLossy(flow);
  }
  assertEquals(JSON.stringify(await run([["there"], ["here"]])), JSON.stringify(record));
});

Deno.test("jitter and loss of pairs: the same seed gives the same course, another one another", async () => {
  const pairs: PairLine[] = [
    { between: [["seed"], ["far"]], loss: LOSS },
    { between: [["seed"], ["near"]], jitter: 15 },
  ];
  const plan = lossy({ net: { ...EXACT, pairs } });
  const [one, same, other] = [await play(plan), await play(plan), await play({ ...plan, seed: 2 })];
  assertEquals(JSON.stringify(one), JSON.stringify(same));
  assert(one.course !== other.course);
});
