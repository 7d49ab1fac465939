import { programOf, RUBRICS, STEPS, stepsOf, withMarks } from "../../lab/grade/mod.ts";
import { parseRubric, RubricError } from "../../lab/grade/rubric_file.ts";
import { didYouMean } from "../../shell/base/did_you_mean.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

const read = (text: string) => parseRubric(text, "/course/rubric.jsonc", STEPS, didYouMean);

Deno.test("a rubric says how a program is started and what its answers look like", () => {
  const rubric = read(`{
    // how submissions of this course are started
    "command": ["python3", "peer.py"],
    "folder": "work",
    "commands": { "info": ["fileinfo", "{torrent}"], "decode": null },
    "find": { "info_hash": "hash: ([0-9a-f]{40})" },
    "patience": 5,
  }`);
  const program = programOf(rubric.command!, rubric);
  assertEquals(program.forms.info, ["fileinfo", "{torrent}"]);
  assertEquals(program.forms.decode, undefined);
  assertEquals(program.forms.handshake, ["handshake", "{torrent}", "{peer}"]);
  assertEquals(program.folder, "/course/work");
  assertEquals(program.patience, 5000);
  assertEquals("Hash: 00".match(program.find.info_hash!), null);
});

Deno.test("errors in a rubric are reported with line and column", () => {
  const cases: [string, RegExp][] = [
    [
      '{\n  "comands": {}\n}',
      /^\/course\/rubric\.jsonc:2:3: there is no key "comands"\. Did you mean "commands", .*\? \(docs\/grading\.md has all 19\)/,
    ],
    ['{"commands": {"inf": []}}', /:1:22: there is no command "inf"/],
    ['{"commands": {"info": "x"}}', /:1:23: a list of texts is expected/],
    ['{"points": {"P99": 1}}', /there is no step or probe "P99"/],
    ['{"points": {"P1": -1}}', /a number from 0 to 10000 is expected/],
    ['{"marks": {"All": {"of": ["P1"]}}}', /"points" is missing/],
    ['{"find": {"info_hash": "("}}', /"\(" is no regular expression/],
    ['{"log": {"P99": ["x"]}}', /there is no step or probe "P99"/],
    ['{"log": {"P5": ["("]}}', /"\(" is no regular expression/],
    ['{"leaderboard": ["P10"]}', /"P10" is no single probe/],
    ['{"without": {"P99": "it has none"}}', /there is no step or probe "P99"/],
    ['{"known": {"P1.6": " "}}', /say why for "P1.6"/],
    ['{"known": ["P1.6"]}', /this is an object/],
    ['{"subject": "peers"}', /"peer" or "tracker" is expected, not "peers"/],
    ['{"grade": 1, "program": "x"}', /a template for vtorrent grade swarm, and no rubric/],
    ['{"patience": 0}', /a number from 1 to 120 is expected/],
    ["[]", /a rubric is an object/],
    ["{", /:1:2: CloseBraceExpected/],
    ["", /:1:1: /],
  ];
  for (const [text, sentence] of cases) {
    assertMatch(assertThrows(() => read(text), RubricError).message, sentence);
  }
});

Deno.test("marks are shared among their probes by the probes' own points", () => {
  const rubric = read('{"marks": {"Downloading": {"points": 30, "of": ["P5", "P6.1"]}}}');
  const steps = withMarks(STEPS.peer, rubric);
  const probes = steps.flatMap((step) => step.probes);
  const sum = (id: string) =>
    probes.filter((probe) => probe.id.startsWith(id)).reduce(
      (total, { points }) => total + points,
      0,
    );
  assertEquals(Math.round(1000 * (sum("P5.") + sum("P6.1"))) / 1000, 30);
  assertEquals(sum("P2."), 0);
  const own = STEPS.peer.flatMap((step) => step.probes);
  const share = (id: string) => probes.find((probe) => probe.id === id)!.points;
  const points = (id: string) => own.find((probe) => probe.id === id)!.points;
  assertEquals(
    Math.round(1e6 * share("P5.1") / share("P5.2")),
    Math.round(1e6 * points("P5.1") / points("P5.2")),
  );
});

Deno.test("a rubric leaves out in silence, or with a reason; a probe's own goes before its step's", () => {
  const rubric = read(`{
    "commands": { "peers": null, "handshake": null },
    "without": { "P3": "it prints no peers", "P8.3": "it has no turns", "P8": "it has no slots" },
    "known": { "P6": "it is slow", "P6.2": "it forgets the last piece" },
  }`);
  const probes = stepsOf(STEPS.peer, rubric).flatMap((step) => step.probes);
  const of = (id: string) => probes.find((probe) => probe.id === id);
  assertEquals([of("P3.1")?.leftOut, of("P3.13")?.leftOut], [
    "it prints no peers",
    "it prints no peers",
  ]);
  assertEquals([of("P4.1"), of("P4.5")?.leftOut], [undefined, undefined]);
  assertEquals([of("P8.2")?.leftOut, of("P8.3")?.leftOut], ["it has no slots", "it has no turns"]);
  assertEquals([of("P6.1")?.known, of("P6.2")?.known], ["it is slow", "it forgets the last piece"]);
  assertEquals(of("P5.1")?.known, undefined);
  const list = stepsOf(STEPS.peer, read('{"without": ["P8", "P1.6"]}'));
  assertEquals(list.map(({ id }) => id).includes("P8"), false);
  assertEquals(list[0]!.probes.map(({ id }) => id).includes("P1.6"), false);
});

Deno.test("the built-in rubrics name steps that there are, and each of theirs once", () => {
  const all = [...STEPS.peer, ...STEPS.tracker];
  const ids = new Set(all.flatMap(({ id, probes }) => [id, ...probes.map(({ id }) => id)]));
  for (const { marks } of Object.values(RUBRICS)) {
    const named = (marks ?? []).flatMap(({ of }) => of);
    assertEquals(named.filter((id) => !ids.has(id)), []);
    assertEquals(new Set(named).size, named.length);
  }
});

Deno.test("IDs are unique, in order, and every need is an earlier step with a plain probe", () => {
  for (const steps of Object.values(STEPS)) {
    const seen = new Set<string>();
    for (const { id, needs, probes } of steps) {
      for (const need of needs) {
        assertEquals(seen.has(need), true, `${id} needs ${need}`);
        const step = steps.find((one) => one.id === need)!;
        assertEquals(step.probes.some(({ plain }) => plain), true, need);
      }
      assertEquals(probes.map((probe) => probe.id), probes.map((_, index) => `${id}.${index + 1}`));
      // Nothing else can tell more than the plain case, where there is one.
      assert(probes.findIndex(({ plain }) => plain) <= 0, id);
      seen.add(id);
    }
  }
});
