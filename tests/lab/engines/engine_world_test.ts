import { EngineWorld } from "../../../lab/engines/engine_world.ts";
import type { RunRecord } from "../../../lab/run/run_record.ts";
import type { PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { eventsOf } from "../events_of.ts";
import { memberOf, planOf, swarmOf } from "../virtual/plans.ts";

type Sources = PlannedMember["policies"]["sources"];

const SMALL = { size: 1 << 19, pieceLength: 1 << 16 };

/** A plan of whole engines and half a MiB. */
function enginesOf(
  members: readonly PlannedMember[],
  events: RunPlan["events"] = [],
  given: Partial<RunPlan> = {},
): RunPlan {
  return planOf(members, { depth: "engine", content: SMALL, limit: 300_000, ...given }, events);
}

/** A seed and so many others, who find each other in these ways. */
function findingBy(count: number, sources: Sources): PlannedMember[] {
  return swarmOf(count, { policies: { sources } }).map((one) => ({
    ...one,
    policies: { ...one.policies, sources },
  }));
}

const play = (plan: RunPlan) => new EngineWorld().run(plan);

const completed = (record: RunRecord) => eventsOf(record, "completed").map(({ who }) => who).sort();

/** Bytes that one member has given until a time (ms). */
const givenBy = (record: RunRecord, who: string, until = Infinity) =>
  eventsOf(record, "block").filter(({ from, t }) => from === who && t <= until)
    .reduce((sum, { length }) => sum + length, 0);

Deno.test("whole engines: the same plan gives the same record, another seed another one", async () => {
  const members = findingBy(4, ["tracker", "pex", "dht", "lsd"]).map((one, index) => ({
    ...one,
    utp: index % 2 === 0 ? "prefer" as const : "off" as const,
    isMagnet: index > 2,
  }));
  const plan = enginesOf(members, [
    { do: "kill", who: ["leech 1"], at: 4000 },
    { do: "start", who: ["leech 1"], at: 9000 },
  ], { net: { latency: 30, jitter: 10, loss: 0.01 } });
  const [one, same, other] = [await play(plan), await play(plan), await play({ ...plan, seed: 2 })];
  assertEquals(JSON.stringify(one), JSON.stringify(same));
  assert(one.course !== other.course);
  assertEquals(completed(one), ["leech 1", "leech 2", "leech 3", "leech 4"]);
});

Deno.test("a magnet link is enough for everybody but the seed", async () => {
  const record = await play(enginesOf(swarmOf(3, { isMagnet: true })));
  assertEquals(completed(record), ["leech 1", "leech 2", "leech 3"]);
  // Nobody has a piece before it has the metadata, which takes more than a handshake.
  assert(eventsOf(record, "block").every(({ t }) => t > 100));
});

Deno.test("who is told of one peer hears of the others from it by peer exchange alone", async () => {
  const run = async (sources: Sources) => {
    const late = { arrivesAt: 5000, policies: { sources } };
    const members = [...findingBy(3, sources), memberOf({ id: "late", ...late })];
    const record = await play(
      enginesOf(members, [{ do: "tracker down", at: 8000 }], {
        tracker: { interval: 600_000, numwant: 1 },
        content: { size: 1 << 21, pieceLength: 1 << 16 },
      }),
    );
    const found = eventsOf(record, "found").filter(({ who }) => who === "late");
    return { by: found.map(({ by }) => by), record };
  };
  const exchanging = await run(["tracker", "pex"]);
  assert(exchanging.by.includes("pex"), exchanging.by.join());
  assert(completed(exchanging.record).includes("late"));
  assertEquals((await run(["tracker"])).by, ["tracker"]);
});

Deno.test("whoever comes while the tracker is away finds the others by its backup", async () => {
  const members = [...swarmOf(2), memberOf({ id: "late", arrivesAt: 40_000 })];
  const run = async (hasBackup: boolean) =>
    completed(
      await play(enginesOf(members, [{ do: "tracker down", at: 1000 }], {
        tracker: { interval: 10_000, numwant: 50, hasBackup },
        limit: 120_000,
      })),
    );
  assertEquals(await run(true), ["late", "leech 1", "leech 2"]);
  assertEquals(await run(false), ["leech 1", "leech 2"]);
});

for (const source of ["dht", "lsd"] as const) {
  Deno.test(`peers without a tracker find each other by ${source}`, async () => {
    const record = await play(enginesOf(findingBy(3, [source])));
    assertEquals(completed(record), ["leech 1", "leech 2", "leech 3"]);
    assertEquals([...new Set(eventsOf(record, "found").map(({ by }) => by))], [source]);
    assertEquals(eventsOf(record, "announced"), []);
  });
}

Deno.test("over uTP, with one datagram of a hundred lost, everybody completes", async () => {
  const members = swarmOf(3, { utp: "prefer" }).map((one) => ({ ...one, utp: "prefer" as const }));
  const record = await play(
    enginesOf(members, [], { net: { latency: 20, jitter: 5, loss: 0.01 } }),
  );
  assertEquals(completed(record), ["leech 1", "leech 2", "leech 3"]);
});

Deno.test("an engine keeps to its upload limit whatever its line could carry", async () => {
  const members = [
    memberOf({ id: "seed", haveAtStart: 1, up: 10_000_000, uploadLimit: 50_000 }),
    memberOf({ id: "leech" }),
  ];
  const record = await play(enginesOf(members));
  assertEquals(completed(record), ["leech"]);
  // A bucket holds a second's worth at most.
  for (const { t } of eventsOf(record, "block")) {
    const given = givenBy(record, "seed", t);
    assert(given <= 50 * t + 50_000 + 16_384, `${given} bytes after ${t} ms`);
  }
});

Deno.test("an engine keeps to its download limit whatever its line could carry", async () => {
  const members = [
    memberOf({ id: "seed", haveAtStart: 1, up: 10_000_000 }),
    memberOf({ id: "leech", downloadLimit: 50_000 }),
  ];
  const record = await play(enginesOf(members));
  assertEquals(completed(record), ["leech"]);
  // A bucket holds a second's worth at most.
  for (const { t } of eventsOf(record, "block")) {
    const given = givenBy(record, "seed", t);
    assert(given <= 50 * t + 50_000 + 16_384, `${given} bytes after ${t} ms`);
  }
});

Deno.test("what a killed engine had is on its disk and not fetched again", async () => {
  const record = await play(enginesOf(swarmOf(2), [
    { do: "kill", who: ["leech 1"], at: 6000 },
    { do: "start", who: ["leech 1"], at: 12_000 },
  ]));
  const own = eventsOf(record, "piece").filter(({ who }) => who === "leech 1");
  const before = own.filter(({ t, isStart }) => t <= 6000 && !isStart).map(({ piece }) => piece);
  const again = own.filter(({ isStart }) => isStart).map(({ piece }) => piece);
  assert(before.length > 0 && before.length < record.pieces);
  assertEquals(again, before.toSorted((a, b) => a - b));
  const later = own.filter(({ t, isStart }) => t > 12_000 && !isStart).map(({ piece }) => piece);
  assertEquals(later.length, record.pieces - before.length);
  assert(completed(record).includes("leech 1"));
  assertEquals(
    eventsOf(record, "block").filter(({ from, to, t }) =>
      t > 6000 && t < 12_000 && [from, to].includes("leech 1")
    ),
    [],
  );
});

Deno.test("a tracker that is down refuses at once, so that it is asked as the schedule says", async () => {
  const members = [
    memberOf({ id: "seed", haveAtStart: 1 }),
    memberOf({ id: "late", arrivesAt: 2000 }),
  ];
  const record = await play(enginesOf(members, [
    { do: "tracker down", at: 1000 },
    { do: "tracker up", at: 90_000 },
  ]));
  const asked = eventsOf(record, "announced").filter(({ who }) => who === "late");
  const refused = asked.filter(({ isAnswered }) => !isAnswered).map(({ t }) => t / 1000);
  for (const [index, wait] of [5, 10, 20].entries()) {
    const gap = refused[index + 1]! - refused[index]!;
    assert(gap >= 0.75 * wait && gap <= 1.25 * wait + 2, `${gap} s where ${wait} s are due`);
  }
  assertEquals(completed(record), ["late"]);
});

Deno.test("who leaves says so to the tracker and hangs up, and the others go on", async () => {
  const record = await play(
    enginesOf([...swarmOf(2), memberOf({ id: "guest", stay: { until: "time", ms: 4000 } })]),
  );
  const [left] = eventsOf(record, "left");
  assertEquals(left?.who, "guest");
  const said = eventsOf(record, "announced").filter(({ who }) => who === "guest");
  assertEquals(said.at(-1)?.event, "stopped");
  assertEquals(completed(record), ["leech 1", "leech 2"]);
});

Deno.test("across a cut nothing passes, and it goes on when it is mended", async () => {
  const record = await play(enginesOf(swarmOf(2), [
    { do: "cut", who: ["seed"], from: ["leech 1", "leech 2"], at: 3000 },
    { do: "join", who: ["seed"], from: ["leech 1", "leech 2"], at: 20_000 },
  ]));
  const given = eventsOf(record, "block").filter(({ from, t }) =>
    from === "seed" && t > 3000 && t < 20_000
  );
  assertEquals(given, []);
  assertEquals(completed(record), ["leech 1", "leech 2"]);
});

Deno.test("a pair of engines is as far from each other as it says, and nobody else is", async () => {
  const members = [...swarmOf(1), memberOf({ id: "far" })];
  const pairs = [{ between: [["seed"], ["far"]] as const, latency: 2000 }];
  const record = await play(
    enginesOf(members, [], { net: { latency: 20, jitter: 0, loss: 0, pairs } }),
  );
  const first = (to: string) =>
    eventsOf(record, "block").find((block) => block.from === "seed" && block.to === to)?.t;
  assert((first("far") ?? Infinity) >= 4 * 2000, `${first("far")} ms`);
  assert(first("leech 1")! < 2000, `${first("leech 1")} ms`);
  assertEquals(completed(record), ["far", "leech 1"]);
});

Deno.test("an engine that is stopped in the middle says nothing, and goes on", async () => {
  const record = await play(enginesOf(swarmOf(2), [
    { do: "pause", who: ["seed"], at: 3000 },
    { do: "resume", who: ["seed"], at: 9000 },
  ]));
  const line = givenBy(record, "seed", 9000) - givenBy(record, "seed", 3000);
  // What the system had taken still leaves: 128 KiB for each of two.
  assert(line <= 2 * (1 << 17), `${line} bytes`);
  assertEquals(completed(record), ["leech 1", "leech 2"]);
});

Deno.test("a full disk ends nothing but its own download", async () => {
  const record = await play(enginesOf(swarmOf(2), [
    { do: "disk full", who: ["leech 1"], at: 4000 },
  ], { limit: 60_000 }));
  assertEquals(completed(record), ["leech 2"]);
  const later = eventsOf(record, "piece").filter(({ who, t }) => who === "leech 1" && t > 4000);
  assertEquals(later, []);
});

Deno.test("a run of whole engines is ended by its signal", async () => {
  const ending = new AbortController();
  const record = await new EngineWorld().run(enginesOf(swarmOf(2)), {
    signal: ending.signal,
    onEvent: ({ t }) => t > 1000 && ending.abort(),
  });
  assert(record.endedAt > 1000 && completed(record).length === 0);
});

Deno.test("what an engine does not expect ends the run", async () => {
  const run = new EngineWorld().run(enginesOf(swarmOf(1)), {
    onEvent: (event) => {
      if (event.what === "piece" && event.who === "leech 1") throw new Error("planted");
    },
  });
  await assertRejects(() => run, Error, "planted");
});
