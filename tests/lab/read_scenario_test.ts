import fc from "fast-check";
import { JsoncError } from "../../lab/jsonc/reader.ts";
import { scenarioSchema } from "../../lab/scenario/keys.ts";
import { lineBetween } from "../../lab/scenario/line_between.ts";
import { MEASURES } from "../../lab/scenario/measure_names.ts";
import { makePlan } from "../../lab/scenario/make_plan.ts";
import { readScenario } from "../../lab/scenario/read_scenario.ts";
import { didYouMean } from "../../shell/base/did_you_mean.ts";
import { assert, assertEquals } from "../support/assert.ts";

const WHOLE = `{ // a comment
  "lab": 1, "name": "mine", "seeds": "1-3", "limit": "30m",
  "question": "What if?", "hypothesis": "This.",
  "content": { "size": "16 MiB", "piece_length": "64 KiB" },
  "net": { "latency": "20ms", "jitter": "5ms" },
  "tracker": { "interval": "5s" },
  "peers": [
    { "as": "seed", "have": 1, "up": "200k" },
    { "as": "leech", "count": 20, "up": "100k", "down": "6.4 Mbit/s", "arrive": "uniform 0s-3s" },
  ],
  "variants": { "rarest": {}, "in order": { "peers.leech.order": "sequential" } },
  "events": [
    { "when": { "measure": "given_copies", "of": "seed", "at_least": 1.5 }, "do": "stop", "who": "seed" },
    { "at": "20s", "do": "kill", "who": "leech 3" }
  ],
  "draw": [{ "figure": "copies" }],
  "check": [
    { "measure": "swarms_complete", "variant": "in order", "below": { "variant": "rarest" }, "why": "so" },
    { "measure": "given", "of": "leech 2", "at_least": "1 MiB", "why": "so" }
  ]
}`;

function read(text: string, settings: string[] = []) {
  return readScenario(text, "mine.jsonc", { didYouMean, settings });
}

/** The message that reading a changed file fails with. */
function complaint(from: string | RegExp, to: string): string {
  assert(typeof from === "string" ? WHOLE.includes(from) : from.test(WHOLE), String(from));
  return failure(() => read(WHOLE.replace(from, to)));
}

function failure(run: () => void): string {
  try {
    run();
  } catch (error) {
    assert(error instanceof JsoncError, String((error as Error).stack));
    return error.message;
  }
  throw new Error("it was read");
}

Deno.test("a scenario becomes the plan of one variant with one seed", () => {
  const scenario = read(WHOLE);
  assertEquals([...scenario.variants.keys()], ["rarest", "in order"]);
  assertEquals(scenario.seeds, [1, 3]);
  const plan = makePlan(scenario, "in order", 2);
  assertEquals(plan.content, { size: 16 * 2 ** 20, pieceLength: 65_536 });
  assertEquals(plan.members.length, 21);
  const [seed, first, ...others] = plan.members;
  assertEquals([seed!.id, seed!.haveAtStart, seed!.up], ["seed", 1, 200_000]);
  assertEquals([first!.id, first!.down, first!.policies.order], ["leech 1", 800_000, "sequential"]);
  const times = [first!, ...others].map(({ arrivesAt }) => arrivesAt);
  assert(times.every((at) => at >= 0 && at <= 3000) && new Set(times).size > 10, String(times));
  assertEquals(plan.events[0], {
    ...{ do: "stop", who: ["seed"] },
    when: { measure: "given_copies", of: ["seed"], atLeast: 1.5 },
  });
  assertEquals(plan.events[1], { do: "kill", who: ["leech 3"], at: 20_000 });
});

Deno.test("pairs of members are nearer or farther than others, both ways; the last one counts", () => {
  const pairs = `"pairs": [
    { "between": ["leech", "leech 2"], "latency": "150ms", "loss": 0.01 },
    { "between": ["seed", "leech"], "latency": "1ms" },
    { "between": ["leech 4", "seed"], "jitter": "7ms" }
  ]`;
  const { net } = makePlan(
    read(WHOLE.replace(`"jitter": "5ms"`, `"jitter": "5ms", ${pairs}`)),
    "rarest",
    1,
  );
  const usual = { latency: 20, jitter: 5, loss: 0 };
  assertEquals(lineBetween(net, "leech 1", "leech 3"), usual);
  assertEquals(lineBetween(net, "leech 2", "leech 9"), { ...usual, latency: 150, loss: 0.01 });
  assertEquals(lineBetween(net, "leech 9", "leech 2"), { ...usual, latency: 150, loss: 0.01 });
  assertEquals(lineBetween(net, "leech 2", "seed"), { ...usual, latency: 1 });
  assertEquals(lineBetween(net, "seed", "leech 4"), { ...usual, latency: 1, jitter: 7 });
});

Deno.test("the same seed makes the same plan, another one another", () => {
  const scenario = read(WHOLE);
  const text = (seed: number) => JSON.stringify(makePlan(scenario, "rarest", seed).members);
  assertEquals(text(5), text(5));
  assert(text(5) !== text(6));
});

Deno.test("what is wrong in a file is told with its place and what was meant", () => {
  const cases: [from: string | RegExp, to: string, says: string][] = [
    [`"have": 1, "up"`, `"have": 1, "upp"`, `8:32: peers[0] has no key "upp". Did you mean "up"?`],
    [`"16 MiB"`, `"16 lots"`, `4:24: "size" is a size like "16 MiB"`],
    [`"64 KiB"`, `"60000"`, `4:50: piece_length: a power of two from 16 KiB to 16 MiB`],
    [
      `"jitter": "5ms"`,
      `"pairs": [{ "between": ["seed", "leach"], "loss": 0.1 }]`,
      `5:54: no member or group is called "leach". Did you mean "leech"?`,
    ],
    [`"jitter": "5ms"`, `"pairs": [{ "between": ["seed"], "loss": 0 }]`, `"between" has two names`],
    [
      `"jitter": "5ms"`,
      `"pairs": [{ "between": ["seed", "leech"] }]`,
      `a pair says "latency", "jitter" or "loss"`,
    ],
    [
      `"peers.leech.order": "sequential"`,
      `"net.pairs": [{ "between": ["seed", "leach"], "loss": 0 }]`,
      `no member or group is called "leach"`,
    ],
    [`"leech 3"`, `"leach 3"`, `14:41: no member or group is called "leach 3"`],
    [`"who": "seed" }`, `"who": "sead" }`, `no member or group is called "sead".`],
    [`{ "variant": "rarest" }`, `{ "variant": "rarst" }`, `Did you mean "rarest"?`],
    [`peers.leech.order`, `peers.leech.ordr`, `there is no "ordr". Did you mean "order"?`],
    [`peers.leech.order`, `peers.leach.order`, `no group is called "leach".`],
    [`"sequential"`, `"backwards"`, `"random" or "sequential", not "backwards"`],
    [
      `"measure": "given",`,
      `"measure": "complet",`,
      `there is no measure "complet". Did you mean "complete" or "completion"? ` +
      `(vtorrent lab list measures names all ${Object.keys(MEASURES).length})`,
    ],
    [`"at_least": "1 MiB", `, "", `a check has one of at_least,`],
    [`"at_least": "1 MiB", "why": "so"`, `"at_least": 1`, `needs "why"`],
    [`"at": "20s", `, "", `an event has either "at" or "when"`],
    [
      `"figure": "copies"`,
      `"figure": "copis"`,
      `there is no figure "copis". Did you mean "copies"? (vtorrent lab list figures names all `,
    ],
    [`"count": 20`, `"count": 2000`, `2001 members: a virtual run has 1 to 2000`],
    [/"as": "leech"/, `"as": "seed"`, `two groups are called "seed"`],
    [`"uniform 0s-3s"`, `"uniform 3s-0s"`, `"arrive" is "2s", "uniform 0s-3s"`],
    [`"lab": 1`, `"lab": 2`, `"lab" is the number 1`],
    [
      `"have": 1`,
      `"have": 1, "without": "first-copes"`,
      `8:43: "without": there is no rule "first-copes". Did you mean "first-copies"?`,
    ],
    [
      `"interval": "5s"`,
      `"interval": "5s", "backup": true`,
      `6:44: "backup" of the tracker needs "depth": "engine"`,
    ],
    [`"have": 1`, `"have": 1, "magnet": true`, `8:42: "magnet" of seed needs "depth": "engine"`],
    [
      /"lab": 1,([^]*)"have": 1/,
      `"lab": 1, "depth": "engine",$1"have": 1, "corrupt": 0.1`,
      `"corrupt" of seed: a whole engine cannot be told to`,
    ],
  ];
  for (const [from, to, says] of cases) {
    const message = complaint(from, to);
    assert(/^mine\.jsonc:\d+:\d+: /.test(message), message);
    assert(message.includes(says), `${message}\n${says}`);
  }
});

Deno.test("rules are switched off for all of ours, and beside them for one group", () => {
  const group = WHOLE.replace(`"have": 1`, `"have": 1, "without": ["relief", "first-copies"]`);
  const rulesOf = (...settings: string[]) =>
    [...read(group, settings).variants.values()][0]!.groups.map(({ policies }) => policies.without);
  assertEquals(rulesOf(), [["relief", "first-copies"], []]);
  assertEquals(rulesOf("without=piece-turns, relief"), [
    ["piece-turns", "relief", "first-copies"],
    ["piece-turns", "relief"],
  ]);
  assertEquals(rulesOf("peers.seed.without=relief", "peers.leech.without=downlink-queue"), [
    ["relief"],
    ["downlink-queue"],
  ]);
  const wrong = failure(() => read(WHOLE, ["without=peer-trails"]));
  assert(wrong.includes(`there is no rule "peer-trails". Did you mean "peer-trials"?`), wrong);
});

Deno.test("--set changes a value in each variant that does not say otherwise", () => {
  const scenario = read(WHOLE, [
    "peers.leech.up=50k",
    "net.latency=100ms",
    "peers.leech.order=random",
  ]);
  const [rarest, inOrder] = [...scenario.variants.values()];
  assertEquals(rarest!.groups[1]!.up, 50_000);
  assertEquals(rarest!.net.latency, 100);
  assertEquals(rarest!.groups[1]!.policies.order, "random");
  assertEquals(inOrder!.groups[1]!.policies.order, "sequential");
});

Deno.test("--set is refused with what was typed and what was meant", () => {
  const cases = [
    [
      "peers.leech.upp=1",
      `--set peers.leech.upp=1: peers.leech.upp: there is no "upp". Did you mean "up"?`,
    ],
    ["peers.leech.up", "write PATH=VALUE"],
    ["peers.leech.count=many", `"peers.leech.count" is a whole number from 0 to 2000`],
    ["nett.latency=1s", `Did you mean "net"?`],
    ["peers.leech.as=x", `there is no "as"`],
    ["limit=soon", `"limit" is a time like`],
  ] as const;
  for (const [typed, says] of cases) {
    const message = failure(() => read(WHOLE, [typed]));
    assert(message.startsWith(`--set ${typed}: `) && message.includes(says), message);
  }
});

Deno.test("whatever stands in a file: it is read, or refused in one sentence", () => {
  const changed = fc.tuple(fc.nat(WHOLE.length), fc.nat(20), fc.string({ maxLength: 12 }))
    .map(([at, cut, put]) => WHOLE.slice(0, at) + put + WHOLE.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(changed, fc.json(), fc.string()), (text) => {
      try {
        const scenario = read(text);
        for (const variant of scenario.variants.keys()) makePlan(scenario, variant, 1);
      } catch (error) {
        if (!(error instanceof JsoncError) || error.message.includes("\n")) throw error;
      }
    }),
    { numRuns: 400 },
  );
});

Deno.test("the schema knows the keys that reading knows", () => {
  const { properties } = scenarioSchema() as { properties: Record<string, unknown> };
  const { lab: _, ...all } = properties;
  assert("peers" in all && "check" in all && "variants" in all);
  for (const key of Object.keys(all)) {
    // A key that the reader does not know is told so, whatever its value is.
    const message = failure(() => read(`{ "lab": 1, "${key}": [[]] }`));
    assert(!message.includes("has no key"), message);
  }
});
