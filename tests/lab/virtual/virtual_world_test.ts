import type { RunRecord } from "../../../lab/run/run_record.ts";
import type { PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { eventsOf } from "../events_of.ts";
import { memberOf, planOf, swarmOf } from "./plans.ts";

const play = (plan: RunPlan) => new VirtualWorld().run(plan);

/** Seconds until each member was complete. */
function completions(record: RunRecord): Map<string, number> {
  return new Map(eventsOf(record, "completed").map(({ who, t }) => [who, t / 1000]));
}

/** Everything at once: what differs between machines would show. */
const BUSY: PlannedMember[] = [
  ...swarmOf(8),
  memberOf({ id: "late", arrivesAt: 4321, down: 300_000, stay: { until: "complete", then: 500 } }),
  memberOf({ id: "liar", haveAtStart: 1, policies: { corrupt: 0.1 } }),
  memberOf({ id: "rider", strategy: "free rider" }),
  memberOf({ id: "tyrant", strategy: "tyrant" }),
  memberOf({ id: "sharer", strategy: "prop share" }),
  memberOf({ id: "plain", policies: { profile: "textbook", order: "random" } }),
];
const BUSY_PLAN = planOf(BUSY, { net: { latency: 30, jitter: 10, loss: 0.005 } }, [
  { do: "kill", who: ["leech 2"], at: 9000 },
  { do: "start", who: ["leech 2"], at: 15_000 },
  { do: "tracker down", at: 8000 },
  { do: "tracker up", at: 20_000 },
]);

Deno.test("the same plan gives the same record, byte for byte; another seed another one", async () => {
  const [one, same, other] = [
    await play(BUSY_PLAN),
    await play(BUSY_PLAN),
    await play({ ...BUSY_PLAN, seed: 2 }),
  ];
  assertEquals(JSON.stringify(one), JSON.stringify(same));
  assert(one.course !== other.course);
  assertEquals(one.course!.length, 8);
});

Deno.test("all who stay complete, whatever happens around them", async () => {
  const record = await play(BUSY_PLAN);
  const done = completions(record);
  for (const { id, haveAtStart } of BUSY) assert(haveAtStart === 1 || done.has(id), id);
  assert(record.endedAt < BUSY_PLAN.limit);
});

Deno.test("blocks add up: what a member received is what its pieces are made of", async () => {
  const record = await play(planOf(swarmOf(5)));
  for (const { id } of record.members.slice(1)) {
    const got = eventsOf(record, "block").filter(({ to, isDuplicate }) =>
      to === id && !isDuplicate
    );
    assertEquals(got.reduce((sum, { length }) => sum + length, 0), record.size);
    const own = eventsOf(record, "piece").filter(({ who }) => who === id);
    assertEquals(new Set(own.map(({ piece }) => piece)).size, record.pieces);
  }
});

Deno.test("no uplink and no downlink carries more than its rate", async () => {
  const members = [
    memberOf({ id: "seed", haveAtStart: 1, up: 400_000 }),
    memberOf({ id: "slow", down: 50_000 }),
    memberOf({ id: "other", up: 80_000 }),
  ];
  const record = await play(planOf(members));
  const blocks = eventsOf(record, "block");
  for (const { id, up, down } of members) {
    for (const [rate, end] of [[up, "from"], [down, "to"]] as const) {
      if (rate === undefined) continue;
      const times = blocks.filter((block) => block[end] === id);
      let bytes = 0;
      for (const { t, length } of times) {
        bytes += length;
        // Downlinks have a block's time of slack: it may come while an earlier one is counted.
        assert(1000 * bytes / rate <= t + 1000 * 16_384 / rate, `${id} at ${t} ms`);
      }
    }
  }
});

Deno.test("where only the seed gives, all are done when its uplink allows", async () => {
  const members = swarmOf(5, { up: 0, down: 200_000 });
  const record = await play(planOf(members));
  const least = 5 * record.size / 100_000;
  const took = Math.max(...completions(record).values());
  assert(took >= least && took < 1.05 * least, `${took} s where ${least} s are needed`);
});

Deno.test("what a killed member had is not fetched again", async () => {
  const plan = planOf(swarmOf(3), {}, [
    { do: "kill", who: ["leech 1"], at: 25_000 },
    { do: "start", who: ["leech 1"], at: 35_000 },
  ]);
  const record = await play(plan);
  const own = eventsOf(record, "piece").filter(({ who }) => who === "leech 1");
  const before = own.filter(({ t, isStart }) => t < 25_000 && !isStart).map(({ piece }) => piece);
  const again = own.filter(({ isStart }) => isStart).map(({ piece }) => piece);
  assert(before.length > 0);
  assertEquals(again, before.toSorted((a, b) => a - b));
  const fetched = own.filter(({ isStart }) => !isStart).map(({ piece }) => piece);
  assertEquals(fetched.length, record.pieces);
  assertEquals(
    record.events.filter(({ t, what }) => t >= 25_000 && t < 35_000 && what === "announced")
      .filter((event) => "who" in event && event.who === "leech 1"),
    [],
  );
});

Deno.test("across a cut nothing passes, and it goes on when it is mended", async () => {
  const members = swarmOf(2);
  const ids = members.map(({ id }) => id);
  const plan = planOf(members, {}, [
    { do: "cut", who: ["seed"], from: ids.slice(1), at: 5000 },
    { do: "join", who: ["seed"], from: ids.slice(1), at: 60_000 },
  ]);
  const record = await play(plan);
  const given = eventsOf(record, "block").filter(({ from }) => from === "seed");
  assertEquals(given.filter(({ t }) => t > 5000 && t < 60_000), []);
  assertEquals(completions(record).size, 2);
});

Deno.test("a pair is as far from each other as it says, and nobody else is", async () => {
  const members = [...swarmOf(1), memberOf({ id: "far" })];
  const pairs = [{ between: [["seed"], ["far"]] as const, latency: 2000 }];
  const record = await play(planOf(members, { net: { latency: 20, jitter: 0, loss: 0, pairs } }));
  const first = (to: string) =>
    eventsOf(record, "block").find((block) => block.from === "seed" && block.to === to)!.t;
  // Interested, unchoke, request: three times the way before a block is on it.
  assert(first("far") >= 4 * 2000, `${first("far")} ms`);
  assert(first("leech 1") < 2000, `${first("leech 1")} ms`);
  assertEquals(completions(record).size, 2);
});

Deno.test("a member that is paused says nothing, and goes on", async () => {
  const plan = planOf(swarmOf(2), {}, [
    { do: "pause", who: ["seed"], at: 5000 },
    { do: "resume", who: ["seed"], at: 20_000 },
  ]);
  const record = await play(plan);
  const said = eventsOf(record, "block").filter(({ from }) => from === "seed");
  assertEquals(said.filter(({ t }) => t > 5020 && t < 20_000), []);
  assertEquals(completions(record).size, 2);
});

Deno.test("the seed stops when enough of it is out", async () => {
  // Four that give little: more than a copy leaves the seed.
  const plan = planOf(swarmOf(4, { up: 20_000 }), {}, [{
    ...{ do: "stop", who: ["seed"] },
    when: { measure: "given_copies", of: ["seed"], atLeast: 1.5 },
  }]);
  const record = await play(plan);
  const left = eventsOf(record, "left");
  assertEquals(left.map(({ who }) => who), ["seed"]);
  const given = eventsOf(record, "block").filter(({ from, t }) =>
    from === "seed" && t <= left[0]!.t
  )
    .reduce((sum, { length }) => sum + length, 0);
  assert(Math.abs(given / record.size - 1.5) < 0.02, `${given / record.size}`);
  assertEquals(completions(record).size, 4);
});

Deno.test("only liars are banned; where nobody blames, nobody is", async () => {
  const members = (blames: boolean) => [
    ...swarmOf(6, { policies: { blames } }),
    memberOf({ id: "liar", haveAtStart: 1, policies: { corrupt: 0.2 } }),
  ];
  const record = await play(planOf(members(true)));
  const banned = new Set(eventsOf(record, "banned").map(({ whom }) => whom));
  assertEquals([...banned], ["liar"]);
  const kind = await play(planOf(members(false)));
  assertEquals(eventsOf(kind, "banned"), []);
  assert(eventsOf(kind, "failed").length > eventsOf(record, "failed").length);
});

Deno.test("a super-seed gives hardly more than one copy until the others have one", async () => {
  const record = await play(planOf([
    memberOf({ id: "seed", haveAtStart: 1, policies: { isSuperSeed: true } }),
    ...swarmOf(8).slice(1),
  ]));
  const out = new Map<number, number>();
  let given = 0;
  for (const event of record.events) {
    if (event.what === "piece" && event.who !== "seed") out.set(event.piece, event.t);
    if (event.what === "block" && event.from === "seed" && out.size < record.pieces) {
      given += event.length;
    }
  }
  assert(given / record.size < 1.25, `${given / record.size} copies`);
});

Deno.test("in order means in order", async () => {
  const record = await play(planOf(swarmOf(1, { policies: { order: "sequential" } })));
  const order = eventsOf(record, "piece").filter(({ who }) => who === "leech 1");
  const pieces = order.map(({ piece }) => piece);
  assertEquals(pieces, Array.from({ length: record.pieces }, (_, piece) => piece));
});

Deno.test("a free rider and one without an uplink give nothing", async () => {
  const members = [
    ...swarmOf(4),
    memberOf({ id: "rider", strategy: "free rider" }),
    memberOf({ id: "poor", up: 0 }),
  ];
  const record = await play(planOf(members));
  const givers = new Set(eventsOf(record, "block").map(({ from }) => from));
  assert(!givers.has("rider") && !givers.has("poor"));
  assertEquals(completions(record).size, 6);
});

Deno.test("a run is ended by its signal, and says what happened until then", async () => {
  const ending = new AbortController();
  const record = await new VirtualWorld().run(planOf(swarmOf(4)), {
    signal: ending.signal,
    onEvent: ({ t }) => t > 3000 && ending.abort(),
  });
  assert(record.endedAt >= 3000 && completions(record).size === 0);
});

Deno.test("more members than one byte counts find each other", async () => {
  const content = { size: 1 << 16, pieceLength: 1 << 14 };
  const record = await play(planOf(swarmOf(256, { up: 1_000_000 }), { content }));
  assertEquals(completions(record).size, 256);
});
