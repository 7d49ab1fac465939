import fc from "fast-check";
import { clientServerBound, leastMakespan, peerToPeerBound } from "../../lab/measures/bounds.ts";
import { measure } from "../../lab/measures/measure.ts";
import { jain, quantile, slope } from "../../lab/measures/statistics.ts";
import type { Member, RunEvent, RunRecord } from "../../lab/run/run_record.ts";
import { TrafficCount } from "../../lab/run/traffic.ts";
import { type MeasureName, MEASURES } from "../../lab/scenario/measure_names.ts";
import { assert, assertEquals } from "../support/assert.ts";

const PIECE = 32_768;
const BLOCK = 16_384;

function member(id: string, more: Partial<Member> = {}): Member {
  return {
    ...{ id, name: id.replace(/ \d+$/, ""), up: 1000, arrivesAt: 0, haveAtStart: 0 },
    ...{ program: "vtorrent", strategy: "normal" },
    ...more,
  };
}

function record(events: RunEvent[], members: Member[], more: Partial<RunRecord> = {}): RunRecord {
  return {
    ...{ scenario: "s", variant: "", seed: 1, world: "virtual" as const },
    ...{ size: 4 * PIECE, pieceLength: PIECE, pieces: 4, endedAt: 100_000 },
    members,
    events: [...events].sort((a, b) => a.t - b.t),
    ...more,
  };
}

const SEED = member("seed", { haveAtStart: 1 });
const arrived = (who: string, t = 0): RunEvent => ({ t, what: "arrived", who });
const block = (t: number, from: string, to: string, piece: number, begin = 0): RunEvent => ({
  ...{ t, what: "block", from, to, piece, begin, length: BLOCK },
});

Deno.test("the table of Kurose and Ross: F 15 Gbit, u_s 30 Mbit/s, d 2 Mbit/s", () => {
  const seconds = (leechers: number, up: number) => {
    const rates = {
      ...{ size: 15e9, seeds: 30e6, slowestDownlink: 2e6 },
      uplinks: Array<number>(leechers).fill(up),
    };
    return [clientServerBound(rates), peerToPeerBound(rates)].map((ms) => Math.round(ms / 1000));
  };
  assertEquals([10, 100, 1000].map((n) => seconds(n, 0.5e6)), [
    [7500, 7500],
    [50_000, 18_750],
    [500_000, 28_302],
  ]);
  assertEquals([10, 100, 1000].map((n) => seconds(n, 1e6)[1]), [7500, 11_538, 14_563]);
  assertEquals([10, 100, 1000].map((n) => seconds(n, 2e6)[1]), [7500, 7500, 7500]);
});

Deno.test("the least makespan, as counted by hand for one piece", () => {
  // With one piece, those that have it double in each round.
  for (const [leechers, rounds] of [[1, 1], [2, 2], [3, 2], [4, 3], [7, 3], [8, 4]] as const) {
    assertEquals(leastMakespan(1000, 1000, 1, leechers), 1000 * rounds);
  }
  // The more pieces, the nearer to the time of a single upload.
  assert(Math.abs(leastMakespan(1000, 1000, 1000, 8) - 1003) < 1e-6);
});

Deno.test("peers never need longer than clients of a server", () => {
  const rate = fc.integer({ min: 1, max: 1e6 });
  fc.assert(
    fc.property(rate, rate, rate, fc.array(rate, { minLength: 1, maxLength: 50 }), (
      size,
      seeds,
      slowestDownlink,
      uplinks,
    ) => {
      const rates = { size, seeds, slowestDownlink, uplinks };
      assert(peerToPeerBound(rates) <= (1 + 1e-9) * clientServerBound(rates));
      assert(peerToPeerBound(rates) >= (1 - 1e-9) * 1000 * size / seeds);
    }),
  );
});

Deno.test("a slope is that of any straight line, and 0 of what is level", () => {
  const whole = fc.integer({ min: -1000, max: 1000 });
  fc.assert(fc.property(whole, whole, fc.uniqueArray(whole, { minLength: 2 }), (by, from, xs) => {
    const found = slope(xs.map((x) => [x, from + by * x]))!;
    assert(Math.abs(found - by) < 1e-6 * (1 + Math.abs(by)), `${found}`);
  }));
  assertEquals(slope([[1, 2], [1, 3]]), undefined);
});

Deno.test("the trend of a population is that of those who are there and lack something", () => {
  // One more each second; one of them is complete after a minute.
  const leeches = Array.from({ length: 100 }, (_, i) => member(`leech ${i + 1}`));
  const came = leeches.map(({ id }, i) => arrived(id, 1000 * i));
  const trend = (events: RunEvent[]) =>
    measure(record(events, [SEED, ...leeches]), "population_trend")!;
  assert(Math.abs(trend(came) - 60) < 0.01);
  assert(trend([...came, { t: 60_000, what: "completed", who: "leech 1" }]) < 60);
});

Deno.test("quantiles lie between the least and the most, and Jain's index between 1/n and 1", () => {
  const numbers = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 });
  fc.assert(fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (list, p) => {
    const q = quantile(list, p)!;
    assert(q >= Math.min(...list) && q <= Math.max(...list));
    const even = jain(list);
    assert(even === undefined || (even >= 1 / list.length - 1e-9 && even <= 1 + 1e-9));
  }));
  assertEquals(jain([3, 3, 3]), 1);
  assertEquals(jain([9, 0, 0]), 1 / 3);
});

Deno.test("times: makespan, completions and the slowest over the median", () => {
  const members = [SEED, member("leech 1"), member("leech 2"), member("late", { arrivesAt: 5000 })];
  const events: RunEvent[] = [
    ...["seed", "leech 1", "leech 2"].map((who) => arrived(who, 1000)),
    arrived("late", 5000),
    { t: 11_000, what: "completed", who: "leech 1" },
    { t: 21_000, what: "completed", who: "leech 2" },
    { t: 35_000, what: "completed", who: "late" },
  ];
  const run = record(events, members);
  assertEquals(measure(run, "makespan"), 34_000);
  assertEquals(measure(run, "completion"), 20_000);
  assertEquals(measure(run, "completion", { of: ["late"] }), 30_000);
  assertEquals(measure(run, "last_median"), 1.5);
  assertEquals(measure(run, "penalty", { of: ["late"] }), 2);
  assertEquals(measure(run, "complete"), 1);
  // One more that stays incomplete: the swarm never completes; had it gone, nobody waited for it.
  const stuck = [...events, arrived("stuck", 1000)];
  const all = [...members, member("stuck")];
  assertEquals(measure(record(stuck, all), "makespan"), Infinity);
  assertEquals(measure(record(stuck, all), "swarms_complete"), 0);
  assertEquals(measure(record(stuck, all), "complete"), 0.75);
  const gone = record([...stuck, { t: 2000, what: "left", who: "stuck" }], all);
  assertEquals(measure(gone, "makespan"), 34_000);
  assertEquals(measure(gone, "swarms_complete"), 1);
});

Deno.test("times against the bounds: two leechers with the seed's uplink, done after 262 s", () => {
  // F is 131,072 bytes in four pieces, each uplink 1,000 bytes/s.
  const members = [SEED, member("leech 1"), member("leech 2")];
  const run = record(
    [
      ...members.map(({ id }) => arrived(id)),
      { t: 131_072, what: "completed", who: "leech 1" },
      { t: 262_144, what: "completed", who: "leech 2" },
    ],
    members,
    { endedAt: 300_000 },
  );
  assertEquals(measure(run, "bound_p2p"), 131_072);
  assertEquals(measure(run, "bound_client_server"), 262_144);
  assertEquals(measure(run, "bound_makespan"), 131_072 * 1.25);
  assertEquals(measure(run, "by_p2p"), 2);
  assertEquals(measure(run, "by_client_server"), 1);
  assertEquals(measure(run, "by_makespan"), 1.6);
  assertEquals(measure(run, "efficiency"), 0.5);
  assertEquals(measure(run, "p50"), 1.5 * 131_072);
  assertEquals(measure(run, "slowdown", { of: ["leech 2"], against: ["leech 1"] }), 2);
  // Of unequal uplinks nobody knows the least makespan.
  const unequal = record([...run.events], [SEED, member("leech 1"), member("leech 2", { up: 1 })]);
  assertEquals(measure(unequal, "by_makespan"), undefined);
});

Deno.test("p50 and p95: so many are complete within it, and no more are before", () => {
  const seconds = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(seconds, (times) => {
    const leeches = times.map((_, i) => member(`leech ${i + 1}`));
    const run = record(
      leeches.flatMap(({ id }, i): RunEvent[] => [
        arrived(id),
        { t: 1000 * times[i]!, what: "completed", who: id },
      ]),
      [SEED, ...leeches],
    );
    for (const [name, share] of [["p50", 0.5], ["p95", 0.95]] as const) {
      const within = measure(run, name)!;
      const [before, after] = [
        times.filter((t) => 1000 * t < within).length,
        times.filter((t) => 1000 * t <= within).length,
      ];
      // Between two of them it is interpolated: at most one more or less.
      assert(before <= share * (times.length - 1) + 1 && after >= share * (times.length - 1));
    }
  }));
});

Deno.test("uplinks: what was given from 10 % to 90 % of the makespan ÷ what they could", () => {
  const members = [SEED, member("leech 1"), member("leech 2")];
  const run = record([
    ...members.map(({ id }) => arrived(id)),
    ...[5000, 20_000, 50_000, 80_000, 95_000].map((t) => block(t, "leech 1", "leech 2", 0)),
    // The seed's uplink is another matter.
    block(40_000, "seed", "leech 1", 1),
    ...["leech 1", "leech 2"].map((who): RunEvent => ({ t: 100_000, what: "completed", who })),
  ], members);
  assertEquals(measure(run, "uplink_use"), 3 * BLOCK / (2 * 1000 * 80));
});

Deno.test("the transient ends when the leechers have every piece among them", () => {
  const members = [SEED, member("leech 1"), member("leech 2")];
  const piece = (t: number, who: string, piece: number): RunEvent => ({
    ...{ t, what: "piece", who, piece },
  });
  const three = [
    ...members.map(({ id }) => arrived(id, 1000)),
    ...[0, 1, 2].map((at) => piece(2000 + at, "leech 1", at)),
    piece(5000, "leech 2", 2),
  ];
  assertEquals(measure(record(three, members), "transient"), undefined);
  const all = [...three, piece(7000, "leech 2", 3), piece(9000, "leech 1", 3)];
  assertEquals(measure(record(all, members), "transient"), 6000);
});

Deno.test("evenness: what each gave, what each got of the seed, and what came back for it", () => {
  const members = [SEED, member("leech 1"), member("leech 2")];
  const run = record([
    ...[0, 1, 2].map((piece) => block(1000, "seed", "leech 1", piece)),
    block(1000, "seed", "leech 2", 0),
    ...[0, 1, 2].map((piece) => block(2000, "leech 1", "leech 2", piece, BLOCK)),
    block(2000, "leech 2", "leech 1", 0, BLOCK),
  ], members);
  assertEquals(measure(run, "jain"), 0.8);
  assertEquals(measure(run, "seed_service_jain"), 0.8);
  assertEquals(measure(run, "taken", { of: ["leech 1"] }), 4 * BLOCK);
  assertEquals(measure(run, "ratio", { of: ["leech 1"] }), 0.75);
  assertEquals(measure(run, "ratio", { of: ["leech 2"] }), 0.25);
});

Deno.test("the same bytes are those whose SHA-256 is the seed's; a copy that was not read is not counted", () => {
  const members = [SEED, member("leech 1"), member("leech 2")];
  const share = (hashes?: Record<string, string>) =>
    measure(record([], members, hashes === undefined ? {} : { hashes }), "same_bytes");
  assertEquals(share({ seed: "a", "leech 1": "a", "leech 2": "b" }), 0.5);
  assertEquals(share({ seed: "a", "leech 1": "a" }), 1);
  assertEquals(share({ "leech 1": "a" }), undefined);
  assertEquals(share(), undefined);
});

Deno.test("broken rules count, habits do not", () => {
  const broke = (more: { isRemark?: true }): RunEvent => ({
    ...{ t: 1000, what: "broke rule", who: "leech", whom: "seed", rule: "have true", detail: "" },
    ...more,
  });
  const events = [broke({}), broke({ isRemark: true }), broke({})];
  const of = (told: RunEvent[], world: RunRecord["world"]) =>
    measure(record(told, [SEED, member("leech")], { world }), "rule_breaks");
  assertEquals(of(events, "real"), 2);
  assertEquals(of([], "real"), 0);
  // Nobody watches the rules there.
  assertEquals(of([], "virtual"), undefined);
});

Deno.test("growth: those who lack something at the end ÷ at a third of the run", () => {
  const leeches = ["leech 1", "leech 2", "leech 3"].map((id) => member(id));
  const run = record([
    ...leeches.map(({ id }) => arrived(id)),
    { t: 50_000, what: "completed", who: "leech 2" },
  ], [SEED, ...leeches]);
  assertEquals(measure(run, "growth"), 2 / 3);
});

Deno.test("giving: copies, distinct pieces, sources and what comes twice", () => {
  const members = [SEED, member("leech 1"), member("leech 2")];
  const events: RunEvent[] = [
    ...[0, 1].map((piece) => block(1000 + piece, "seed", "leech 1", piece)),
    block(1200, "seed", "leech 2", 0, BLOCK),
    block(2100, "leech 1", "leech 2", 0),
    { ...block(2200, "seed", "leech 2", 0), isDuplicate: true } as RunEvent,
  ];
  const run = record(events, members);
  assertEquals(measure(run, "given_copies"), 4 * BLOCK / (4 * PIECE));
  // Both halves of piece 0 left the seed, though to different peers; of piece 1 only one.
  assertEquals(measure(run, "distinct_share"), 0.25);
  assertEquals(measure(run, "wasted"), 1 / 5);
  assertEquals(measure(run, "sources", { of: ["leech 2"] }), 2);
  assertEquals(measure(run, "parallel", { of: ["leech 2"] }), 2);
  assertEquals(measure(run, "given", { of: ["leech 1"] }), BLOCK);
});

Deno.test("overhead: a request of 17 bytes and a head of 13 for each block, and the greetings", () => {
  const greetings = [68, 68, 5, 5, 5];
  const said = (blocks: number, greeted: readonly number[]) => {
    const traffic = new TrafficCount();
    for (const size of greeted) traffic.add("leech", "seed", size, 0);
    for (let i = 0; i < blocks; i++) {
      traffic.add("leech", "seed", 17, 0);
      traffic.add("seed", "leech", BLOCK + 13, BLOCK);
    }
    return traffic.all;
  };
  const members = [SEED, member("leech"), member("other")];
  const overhead = (traffic: RunRecord["traffic"], of = ["leech"]) =>
    measure(record([], members, traffic === undefined ? {} : { traffic }), "overhead", { of });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.subarray(greetings), (blocks, sizes) => {
      const greeted = sizes.reduce((sum, size) => sum + size, 0);
      const expected = (30 * blocks + greeted) / (blocks * BLOCK);
      const traffic = said(blocks, sizes);
      assert(Math.abs(overhead(traffic)! - expected) < 1e-12);
      // Whose messages they are does not matter where both ends are meant: none counts twice.
      assertEquals(overhead(traffic, ["leech", "seed"]), overhead(traffic));
      assertEquals(overhead(traffic, ["other"]), undefined);
    }),
  );
  assertEquals(overhead(said(0, greetings)), undefined);
  assertEquals(overhead(undefined), undefined);
});

const SOURCES = ["tracker", "pex", "dht", "lsd"] as const;

Deno.test("whoever names a member first has found it, and each is found once", () => {
  const others = Array.from({ length: 6 }, (_, i) => `other ${i + 1}`);
  const members = [member("leech"), ...others.map((id) => member(id))];
  const found = fc.record({
    whom: fc.constantFrom(...others, "leech", "nobody"),
    by: fc.constantFrom(
      ...SOURCES,
      "incoming",
    ),
  });
  fc.assert(fc.property(fc.array(found, { maxLength: 30 }), (list) => {
    const events = list.map(({ whom, by }, t): RunEvent => ({
      ...{ t, what: "found", who: "leech", whom, by },
    }));
    const run = record(events, members);
    const count = (source: typeof SOURCES[number]) =>
      measure(run, `found_by_${source}`, { of: ["leech"] });
    for (const source of SOURCES) {
      const first = others.filter((id) => list.find(({ whom }) => whom === id)?.by === source);
      assertEquals(count(source), first.length);
    }
    // What came later changes nothing.
    const again = record([...events, ...events.map((event) => ({ ...event, t: 99 }))], members);
    for (const source of SOURCES) {
      assertEquals(measure(again, `found_by_${source}`, { of: ["leech"] }), count(source));
    }
  }));
});

Deno.test("a poisoner: failed pieces, bans, and what came in vain", () => {
  const members = [SEED, member("liar", { haveAtStart: 1, corrupt: 0.5 }), member("leech")];
  const pieceOf = (t: number, from: string, piece: number): RunEvent[] => [
    block(t, from, "leech", piece),
    block(t, from, "leech", piece, BLOCK),
  ];
  const events: RunEvent[] = [
    ...pieceOf(1000, "liar", 0),
    { t: 1001, what: "failed", who: "leech", piece: 0, from: ["liar"] },
    ...pieceOf(2000, "liar", 1),
    { t: 2001, what: "piece", who: "leech", piece: 1 },
    { t: 2002, what: "banned", who: "leech", whom: "liar" },
    ...pieceOf(3000, "seed", 0),
    { t: 3001, what: "piece", who: "leech", piece: 0 },
  ];
  const run = record(events, members);
  assertEquals(measure(run, "failed_share", { of: ["liar"] }), 0.5);
  assertEquals(measure(run, "failed_share", { of: ["seed"] }), 0);
  assertEquals(measure(run, "banned_by", { of: ["liar"] }), 1);
  assertEquals(measure(run, "honest_bans"), 0);
  assertEquals(measure(run, "wasted"), 1 / 3);
});

Deno.test("interest, clustering and slots follow from who unchoked and wanted whom", () => {
  const members = ["fast 1", "fast 2", "slow 1", "slow 2"].map((id) => member(id));
  const events: RunEvent[] = [
    { t: 0, what: "connected", who: "fast 1", whom: "fast 2" },
    { t: 25_000, what: "interested", who: "fast 1", whom: "fast 2" },
    { t: 0, what: "unchoked", who: "fast 1", whom: "fast 2", why: "regular" },
    { t: 0, what: "unchoked", who: "fast 1", whom: "slow 1", why: "optimistic" },
    { t: 30_000, what: "choked", who: "fast 1", whom: "slow 1" },
    { t: 30_000, what: "unchoked", who: "fast 1", whom: "slow 2", why: "optimistic" },
    { t: 50_000, what: "choked", who: "fast 1", whom: "fast 2" },
    { t: 50_000, what: "unchoked", who: "fast 1", whom: "slow 1", why: "regular" },
  ];
  const run = record(events, members);
  // Wanted for 75 s of 100 one way, never the other.
  assertEquals(measure(run, "interest"), 0.375);
  assert(Math.abs(measure(run, "interest_p20")! - 0.2 * 0.75) < 1e-9);
  assert(Math.abs(measure(run, "interest_p80")! - 0.8 * 0.75) < 1e-9);
  // Regular: 50 s with its like, 50 s with another; chance gives one in three.
  assert(Math.abs(measure(run, "clustering")! - 1.5) < 1e-9);
  assertEquals(measure(run, "regular_most", { of: ["fast 1"] }), 1);
  assertEquals(measure(run, "optimistic_gap", { of: ["fast 1"] }), 30_000);
});

Deno.test("work lost is what came again after a kill, and only that", () => {
  const events: RunEvent[] = [
    arrived("leech"),
    block(1000, "seed", "leech", 0),
    block(1100, "seed", "leech", 1),
    { t: 2000, what: "killed", who: "leech" },
    arrived("leech", 3000),
    block(4000, "seed", "leech", 1),
    block(4100, "seed", "leech", 2),
    block(4200, "seed", "leech", 2),
  ];
  assertEquals(measure(record(events, [SEED, member("leech")]), "work_lost"), BLOCK);
});

Deno.test("retries after 5, 10, 20 s keep to the schedule; one a second does not", () => {
  const calls = (times: number[]) =>
    record(
      times.map((t) => ({
        ...{ t: 1000 * t, what: "announced" as const, who: "leech", event: "none" },
        ...{ isAnswered: false, peers: 0 },
      })),
      [SEED, member("leech")],
    );
  assertEquals(measure(calls([0, 5, 15, 35, 75, 135]), "retry_gaps"), 5);
  assertEquals(measure(calls([0, 5, 15, 35]), "retry_gaps"), 3);
  assertEquals(measure(calls([0, 1, 2, 3, 4, 5]), "retry_gaps"), 0);
});

/** Events of three members, in any order and number: what a broken world might write. */
const anyEvents = (() => {
  const who = fc.constantFrom("seed", "leech 1", "leech 2", "nobody");
  const t = fc.nat(100_000);
  const event = fc.oneof(
    fc.record({ t, what: fc.constantFrom("arrived", "left", "killed", "completed"), who }),
    fc.record({
      ...{ t, who, whom: who },
      what: fc.constantFrom("connected", "disconnected", "unchoked", "choked", "interested"),
    }),
    fc.record({
      ...{ t, what: fc.constant("block"), from: who, to: who, piece: fc.nat(3) },
      ...{ begin: fc.constantFrom(0, BLOCK), length: fc.constant(BLOCK) },
    }),
    fc.record({ t, what: fc.constant("piece"), who, piece: fc.nat(3) }),
    fc.record({ t, what: fc.constant("failed"), who, piece: fc.nat(3), from: fc.array(who) }),
    fc.record({ t, what: fc.constant("banned"), who, whom: who }),
    fc.record({
      ...{ t, what: fc.constant("found"), who, whom: who },
      by: fc.constantFrom("tracker", "pex", "incoming"),
    }),
    fc.record({
      ...{ t, what: fc.constant("heard"), from: who, to: who, saidAt: t, words: fc.constant("") },
      ...{ kind: fc.constantFrom("request", "piece"), head: fc.constant("") },
      size: fc.integer({ min: 13, max: BLOCK + 13 }),
    }),
  );
  return fc.array(event as fc.Arbitrary<RunEvent>, { maxLength: 60 });
})();

Deno.test("whatever happened, measures are numbers in their range, or not there", () => {
  const members = [SEED, member("leech 1"), member("leech 2")];
  fc.assert(
    fc.property(anyEvents, (events) => {
      const run = record(events, members);
      for (const name of Object.keys(MEASURES) as MeasureName[]) {
        const value = measure(run, name, { against: ["leech 1"] });
        if (value === undefined) continue;
        const { unit } = MEASURES[name];
        const least = name === "population_trend" ? -Infinity : 0;
        assert(!Number.isNaN(value) && value >= least, `${name}: ${value}`);
        // Nothing keeps a broken world from being faster than its rates, or from mere chatter.
        if (unit === "share" && !["uplink_use", "efficiency", "overhead"].includes(name)) {
          assert(value <= 1 + 1e-9, `${name}: ${value}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});
