import {
  autograderZip,
  gradescopeReport,
  handout,
  jsonReport,
  junitReport,
  type Outcome,
  STEPS,
} from "../../lab/grade/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { leaveOut } from "../support/left_out.ts";
import { TempFolder } from "../support/temp_folder.ts";

const step = STEPS.peer.find(({ id }) => id === "P5")!;

/** Whether another program's readers can be asked. */
const HAS_PYTHON = await new Deno.Command("python3", { args: ["-V"], stdout: "null" }).output()
  .then(({ success }) => success, () => leaveOut("needs python3"));

/** What a Python program prints of a file. */
async function python(program: string, path: string): Promise<string> {
  const { stdout } = await new Deno.Command("python3", { args: ["-c", program, path] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** One outcome of each verdict. */
const OUTCOMES: readonly Outcome[] = [
  { step, probe: step.probes[0]!, verdict: "passed", score: 6, took: 1200, remarks: [] },
  {
    step,
    probe: step.probes[1]!,
    verdict: "failed",
    score: 0,
    took: 300,
    remarks: ["does not end"],
    finding: {
      expected: "request: length 3616",
      seen: 'request: length 16384 <&"\u0007',
      why: "BEP 3",
      at: 412,
      connection: 1,
      message: 21,
      marked: { bytes: Uint8Array.of(0, 0, 0x40, 0), wrong: [2, 4] },
    },
    program: { command: ["python3", "peer.py"], status: 0, lastLines: ["]]> \u001b[2J"] },
  },
  {
    step,
    probe: step.probes[2]!,
    verdict: "flaky",
    score: 1 / 3,
    took: 10,
    remarks: [],
    reason: "it passed in 1 of 3 runs",
    finding: { expected: "a", seen: "b", why: "c" },
  },
  {
    step,
    probe: step.probes[3]!,
    verdict: "not reached",
    score: 0,
    took: 0,
    remarks: [],
    reason: "it needs P3",
  },
];

const again = () => "vtorrent grade peer --only P5.2 -- python3 peer.py";

Deno.test("JUnit's XML is well-formed whatever a program printed", () => {
  const xml = junitReport(OUTCOMES, again);
  assertStringIncludes(xml, 'tests="4" failures="2" errors="0" skipped="1" time="1.510"');
  assertStringIncludes(xml, "&lt;&amp;&quot;\ufffd");
  assertStringIncludes(xml, '<skipped message="not reached: it needs P3"/>');
  assert(![..."\0\b\x1b"].some((character) => xml.includes(character)));
});

Deno.test({ name: "an XML reader takes it", ignore: !HAS_PYTHON }, async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("junit.xml", junitReport(OUTCOMES, again));
  const read = "import sys,xml.dom.minidom as m\n" +
    "print(len(m.parse(sys.argv[1]).getElementsByTagName('testcase')))";
  assertEquals(await python(read, path), "4");
});

Deno.test("Gradescope gets the fields that it knows, and scores that add up", () => {
  const results = JSON.parse(gradescopeReport(OUTCOMES, again));
  const known = [
    ...["score", "execution_time", "output", "output_format", "visibility", "stdout_visibility"],
    "tests",
  ];
  assertEquals(Object.keys(results).sort(), known.sort());
  assertEquals(results.score, 6.33);
  const [passed, failed, flaky, missed] = results.tests;
  assertEquals([passed.status, failed.status, flaky.status, missed.status], [
    ...["passed", "failed", "failed", "failed"],
  ]);
  assertEquals([passed.score, passed.max_score, passed.number], [6, 6, "P5.1"]);
  assertStringIncludes(failed.output, "expected  request: length 3616");
  assertStringIncludes(failed.output, "0.412 s, connection 1, your message 21");
  assertStringIncludes(failed.output, "remark: does not end");
  assertStringIncludes(missed.output, "not reached: it needs P3");
});

Deno.test("the JSON report has the bytes and which of them are wrong", () => {
  const report = JSON.parse(
    jsonReport(OUTCOMES, {
      subject: "peer",
      rubric: "steps",
      command: ["python3", "peer.py"],
      seed: 41,
      version: "1",
    }),
  );
  assertEquals([report.score, report.seed, report.probes.length], [6.33, 41, 4]);
  assertEquals(report.probes[1].finding.bytes, "00004000");
  assertEquals(report.probes[1].finding.wrong, [2, 4]);
});

Deno.test("the handout names every probe and the commands that a program needs", () => {
  const text = handout(STEPS.peer);
  for (const { id, title } of STEPS.peer.flatMap((step) => step.probes)) {
    assertStringIncludes(text, `| ${id} | ${title}`);
  }
  assertStringIncludes(text, "your-program download_piece -o {output} {torrent} {piece}");
});

const unpacks = "an autograder is a ZIP that unpacks to programs that may be started";
Deno.test({ name: unpacks, ignore: !HAS_PYTHON }, async () => {
  const bytes = autograderZip("peer", new TextEncoder().encode("the program"), "{}");
  await using folder = await TempFolder.make();
  const path = await folder.write("autograder.zip", bytes);
  const list = "import sys,zipfile as z\nf=z.ZipFile(sys.argv[1])\nassert f.testzip() is None\n" +
    "for i in f.infolist(): print(i.filename,oct(i.external_attr>>16),i.file_size)";
  const text = await python(list, path);
  assertMatch(text, /^setup\.sh 0o100755/m);
  assertMatch(text, /^run_autograder 0o100755/m);
  assertMatch(text, /^rubric\.jsonc 0o100644 2$/m);
  assertMatch(text, /^vtorrent 0o100755 11$/m);
});

Deno.test("Gradescope's leaderboard has the points, and the seconds of probes that passed", () => {
  const board = (timed?: string[]) =>
    JSON.parse(gradescopeReport(OUTCOMES, again, timed)).leaderboard;
  assertEquals(board(), undefined);
  assertEquals(board(["P5.1", "P5.2"]), [
    { name: "Points", value: 6.33 },
    { name: "Seconds of P5.1", value: 1.2, order: "asc" },
  ]);
});
