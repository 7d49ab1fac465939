import type { Finding, Verdict } from "../../lab/grade/swarm/check.ts";
import { CHECKS } from "../../lab/grade/swarm/checks/mod.ts";
import type { Attempt } from "../../lab/grade/swarm/evidence.ts";
import { CO3093, pointsOf, readRubric, score } from "../../lab/grade/swarm/rubric.ts";
import { partResult } from "../../lab/grade/swarm/run.ts";
import { Traffic } from "../../lab/grade/swarm/traffic.ts";
import { compareFiles } from "../../lab/grade/swarm/wrong_file.ts";
import { teamTable } from "../../shell/grade/swarm_reports.ts";
import { assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

const PARTS = CHECKS.filter(({ isSlow }) => !isSlow)
  .flatMap(({ parts }) => parts.map(({ id }) => id));

function attempts(...verdicts: Verdict[]): Attempt[] {
  return verdicts.map((verdict) => {
    const finding: Finding = { part: "S1", verdict, expected: "", seen: "" };
    return { findings: [finding], evidence: undefined, seconds: 1 };
  });
}

Deno.test("failed is who fails two of three times; once is flaky", () => {
  const verdict = (...verdicts: Verdict[]) =>
    partResult({ id: "S1", title: "" }, attempts(...verdicts)).verdict;
  assertEquals(verdict("passed"), "passed");
  assertEquals(verdict("failed", "failed"), "failed");
  assertEquals(verdict("failed", "passed", "failed"), "failed");
  assertEquals(verdict("failed", "passed", "passed"), "flaky");
  assertEquals(verdict("cannot tell", "passed"), "passed");
  assertEquals(verdict("cannot tell", "cannot tell"), "cannot tell");
});

Deno.test("the table of teams is one of words: no formula, nothing that a terminal would do", () => {
  const problem = 'it has "quotes"';
  const table = teamTable([{ name: "=1+1\x1b[31m", problem }, { name: "a\u202eb", problem }]);
  const row = (name: string) => `"${name}",,,,"it has ""quotes"""`;
  assertEquals(table, `team,points,open,of,failed\n${row("'=1+1�[31m")}\n${row("a�b")}\n`);
});

Deno.test("the rubric of the course is 15, 30, 15, 20, 10, 10 over all parts", () => {
  const all = PARTS.map((id) => ({ id, verdict: "passed" as const }));
  const total = score(CO3093, all, 0, false);
  assertEquals(Object.fromEntries(total.categories.map(({ category, of }) => [category, of])), {
    tracker: 15,
    download: 30,
    upload: 15,
    hosts: 20,
    several: 10,
    advanced: 10,
  });
  assertEquals([total.points, total.of, total.open], [100, 100, 0]);
  assertEquals(new Set(CO3093.rows.map(({ part }) => part)), new Set(PARTS));
});

Deno.test("help costs points of the hosts, one host cannot show them, flaky is half", () => {
  const all = PARTS.map((id) => ({ id, verdict: "passed" as const }));
  assertEquals(score(CO3093, all, 2, false).points, 96);
  const hosts = score(CO3093, all, 0, true).categories.find(({ category }) => category === "hosts");
  assertEquals([hosts!.points, hosts!.of], [8, 20]);
  assertEquals(pointsOf(CO3093, { id: "S4", verdict: "flaky" }, false).points, 7);
  assertEquals(pointsOf(CO3093, { id: "S4", verdict: "cannot tell" }, false), {
    points: 0,
    of: 14,
    open: 14,
  });
  assertEquals(
    pointsOf(CO3093, { id: "S11", verdict: "cannot tell", free: true }, false).points,
    3,
  );
});

Deno.test("a rubric of one's own: points by category, and what a person marks", () => {
  const rubric = readRubric(
    { points: { core: { S1: 40, S9a: 10 } }, byHand: { report: 50 } },
    "r",
    PARTS,
  );
  assertEquals(rubric.rows.length, 2);
  assertEquals(rubric.byHand, { report: 50 });
  assertThrows(
    () => readRubric({ points: { core: { S99: 1 } } }, "r", PARTS),
    Error,
    "no part S99",
  );
  assertThrows(() => readRubric({ pints: {} }, "r", PARTS), Error, `no key "pints"`);
});

Deno.test("a wrong file: where, how long, and a guess that shows its numbers", () => {
  const wanted = Uint8Array.from(
    { length: 2_000_003 },
    (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 255,
  );
  const broken = wanted.slice();
  broken.fill(0, 5 * 8192 + 3 * 1448 - 4);
  const found = compareFiles(broken, wanted)!;
  assertEquals(found.first, 5 * 8192 + 3 * 1448 - 4);
  assertMatch(found.guess!, /5 × 8192 \+ 3 × 1448 − 4: a message came in pieces/);
  const lost = new Uint8Array(2_000_003 - 270_336);
  lost.set(wanted.subarray(0, 344_064));
  lost.set(wanted.subarray(344_064 + 270_336), 344_064);
  assertMatch(compareFiles(lost, wanted)!.guess!, /whole chunks are lost/);
  const flipped = wanted.slice();
  for (let at = 100; at < flipped.length; at += 4096) flipped[at]! ^= 1;
  assertMatch(compareFiles(flipped, wanted)!.guess!, /489 of its bytes differ by one bit/);
  const short = compareFiles(wanted.subarray(0, 122 * 16_384), wanted)!;
  assertMatch(
    short.guess!,
    /1,998,848 = 61 × 32768: the last chunk, which is shorter, is missing/,
  );
  const binary = new Uint8Array([65, 66, 67, 0xc8, 10, 0xff, 1]);
  assertMatch(
    compareFiles(new TextEncoder().encode(new TextDecoder().decode(binary)), binary)!.guess!,
    /^at 3 stands EF BF BD for the byte C8, as for what is no UTF-8/,
  );
  assertMatch(
    compareFiles(new TextEncoder().encode("ABC\u00c8\n\u00ff\u0001"), binary)!.guess!,
    /^at 3 stands C3 88 for the byte C8: the bytes were written as characters/,
  );
  assertEquals(compareFiles(wanted, wanted), undefined);
  assertEquals(compareFiles(new Uint8Array(0), wanted)!.guess, undefined);
});

Deno.test("without pairs a source's sum stands for what the only host that fetches took", () => {
  const traffic = new Traffic(3, false);
  const bytes = (given2: number, given3: number, taken1: number) => [
    [0, taken1, 0, 0],
    [50, 0, 0, 0],
    [given2, 0, 0, 0],
    [given3, 0, 0, 0],
  ];
  traffic.add({ at: 0, bytes: bytes(1000, 0, 900) });
  const since = traffic.now;
  for (let step = 1; step <= 10; step++) {
    traffic.add({
      at: step * 100,
      bytes: bytes(1000 + step * 5000, step * 3000, 900 + step * 8000),
    });
  }
  assertEquals(traffic.between(2, 1, since), 50_000);
  assertEquals(traffic.between(3, 1, since), 30_000);
  assertEquals(traffic.received(1, since), 80_000);
  assertEquals(traffic.busiest(1, [2, 3], since), 2);
  assertEquals(traffic.windowsTogether(2, 3, 1) >= 3, true);
});

Deno.test("sources are busy together in windows in which both give", () => {
  const traffic = new Traffic(3, true);
  const add = (at: number, from2: number, from3: number) => {
    const bytes = [[0, 0, 0, 0], [0, 0, 0, 0], [0, from2, 0, 0], [0, from3, 0, 0]];
    traffic.add({ at, bytes });
  };
  for (let step = 0; step <= 10; step++) add(step * 100, step * 5000, 0);
  assertEquals(traffic.windowsTogether(2, 3, 1), 0);
  for (let step = 11; step <= 20; step++) add(step * 100, step * 5000, (step - 10) * 5000);
  assertEquals(traffic.windowsTogether(2, 3, 1), 5);
  assertEquals(traffic.busiest(1, [2, 3]), 2);
  assertEquals(traffic.received(1), 150_000);
  assertEquals(traffic.whenGiven(1, [2], 20_000), 400);
  assertEquals(traffic.whenGiven(1, [2, 3], 20_000, traffic.samples[9]), 1200);
  assertEquals(traffic.whenGiven(1, [3], 60_000), undefined);
});
