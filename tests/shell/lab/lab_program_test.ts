/**
 * `vtorrent lab` as a whole, in virtual time: what is printed, written and left as exit status.
 *
 * @module
 */
import { dirname } from "@std/path";
import { createHash } from "node:crypto";
import { readDrawing } from "../../../lab/report/read_drawing.ts";
import { FIGURES, MEASURES } from "../../../lab/scenario/measure_names.ts";
import { BUILT_IN } from "../../../lab/scenario/built_in/mod.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import { schemaProblem } from "../../../shell/help/event_schema.ts";
import { readLabCalls } from "../../../shell/lab/lab_call.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";
import { runLab as run, small } from "./run_lab.ts";

Deno.test("a run says what came out, writes a report, and leaves 0 or 1", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const passed = await run(folder, ["run", "small.jsonc", "--out", "report"]);
  assertEquals(passed.status, 0, passed.out + passed.err);
  assertStringIncludes(passed.out, 'ok complete in "one": yes (median of 2 runs); yes');
  assertStringIncludes(passed.out, "So it is: all 4 checks passed.");
  assert(/Course of events, seed 1: [0-9a-f]{8} \(one\), [0-9a-f]{8} \(slow, 2\)/.test(passed.out));

  await folder.write("tight.jsonc", small("10ms"));
  const failed = await run(folder, ["run", "tight.jsonc", "--seed", "1"]);
  assertEquals(failed.status, 1, failed.out + failed.err);
  assertStringIncludes(failed.out, "FAILED makespan");
  assertStringIncludes(failed.out, "it is small & near");

  const page = await Deno.readTextFile(folder.at("report/report.html"));
  const style = /<style>([^]*?)<\/style>/.exec(page)![1]!;
  const hash = createHash("sha256").update(style).digest("base64");
  assertStringIncludes(page, `content="default-src 'none'; style-src 'sha256-${hash}'"`);
  assert(
    !/<script|<link|<img|@import|url\(| style=| on\w+=/.test(page),
    "something is loaded or run",
  );
  assertStringIncludes(page, "Is it &lt;quick&gt;?");
  assert(
    !/NaN|undefined|Infinity/.test(page),
    /.{80}(NaN|undefined|Infinity).{80}/.exec(page)?.[0],
  );

  const files = (await Array.fromAsync(Deno.readDir(folder.at("report/figures"))))
    .map(({ name }) => name);
  const drawings = files.filter((name) => name.endsWith(".svg"));
  // 14 asked for, of some one for each variant or moment, and one for each thing that is checked.
  assert(drawings.length >= 16 && files.length === 2 * drawings.length, String(files));
  for (const name of drawings) {
    const drawing = readDrawing(await Deno.readTextFile(folder.at(`report/figures/${name}`)));
    assert(drawing !== undefined && page.includes(drawing), `${name} is no drawing of the page`);
  }
  const summary = JSON.parse(await Deno.readTextFile(folder.at("report/summary.json")));
  assertEquals([summary.verdict, summary.runs.length, summary.checks.length], ["passed", 4, 4]);
  const events = (await Deno.readTextFile(folder.at("report/events.jsonl"))).trim().split("\n");
  const completed = events.map((line) => JSON.parse(line)).filter(({ what }) =>
    what === "completed"
  );
  assertEquals(completed.filter(({ variant }) => variant === "one").length, 3);

  // The report has the scenario, which runs again to the same bytes.
  const again = await run(folder, ["run", "report/scenario.jsonc", "--out", "again"]);
  assertEquals(again.out, passed.out);
  assertEquals(
    await Deno.readTextFile(folder.at("again/report.html")).then(withoutCommand),
    withoutCommand(page),
  );

  const compared = await run(folder, ["compare", "report", "again", "--out", "both"]);
  assertEquals(compared.status, 0, compared.err);
  assert(/one: makespan +[\d.]+ s +[\d.]+ s\n/.test(compared.out), compared.out);
  const both = await Deno.readTextFile(folder.at("both/compare.html"));
  assert((both.match(/<svg /g) ?? []).length === 2 * drawings.length);
});

function withoutCommand(page: string): string {
  return page.replace(/vtorrent lab run \S+/, "");
}

Deno.test("each line of --json is documented, and no line says more than JSON can", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const { status, out } = await run(folder, ["run", "small.jsonc", "--seed", "3", "--json"]);
  assertEquals(status, 0);
  const lines = (out + (await run(folder, ["list", "--json"])).out).trim().split("\n")
    .map((line) => JSON.parse(line));
  for (const line of lines) assertEquals(schemaProblem(line), undefined, JSON.stringify(line));
  const [experiment] = lines.filter(({ event }) => event === "experiment");
  assertEquals([experiment.verdict, experiment.runs, experiment.seeds], ["passed", 2, [3]]);
});

Deno.test("--predict asks first and puts the guess beside what came out", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const args = ["run", "small.jsonc", "--seed", "1", "--only", "one", "--predict"];
  const { out } = await run(folder, args, ["about 7 s"]);
  assert(out.indexOf("How long?") < out.indexOf("complete"), out);
  assert(/Your guess: about 7 s\. It came to [\d.]+ s\./.test(out), out);
});

Deno.test("--open shows the report and the comparison in the browser, with a folder and without", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const one = ["run", "small.jsonc", "--seed", "1", "--only", "one", "--open"];
  const kept = await run(folder, [...one, "--out", "kept"]);
  assertEquals(kept.browsed, [folder.at("kept/report.html")], kept.err);
  const compared = await run(folder, ["compare", "kept", "kept", "--out", "both", "--open"]);
  assertEquals(compared.browsed, [folder.at("both/compare.html")], compared.err);
  const { browsed: [page], err } = await run(folder, one);
  assert(page !== undefined, err);
  assertStringIncludes(await Deno.readTextFile(page), "Is it &lt;quick&gt;?");
  await Deno.remove(dirname(page), { recursive: true });
});

Deno.test("--set, --peers and --only change the run; what cannot be is refused with a word", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const base = ["run", "small.jsonc", "--seed", "1"];
  const few = await run(folder, [...base, "--only", "one", "--json", "--peers", "1"]);
  assertEquals(few.status, 0, few.out + few.err);
  const open = await run(folder, [...base, "--only", "slow, 2"]);
  // What it is compared with was left out: that is no pass.
  assertEquals([open.status, open.out.includes('"one" was not run')], [5, true], open.out);
  const cases: [args: string[], says: string][] = [
    [[...base, "--set", "peers.leech.upp=1"], 'Did you mean "up"?'],
    [[...base, "--set", "up=200k"], '"up" is no setting: write peers.GROUP.KEY'],
    [[...base, "--only", "on"], 'Did you mean "one"?'],
    [[...base, "--only", "both"], 'no variant "both". There is "one", "slow, 2"'],
    [[...base, "--peers", "0"], "nobody would want the file"],
    [[...base, "--seeds", "1-3"], "Either --seed or --seeds"],
    [["run", "small.jsonc", "--seeds", "3-1"], "say a range of numbers"],
    [["run", "scaling", "--peers", "20"], "says its own number: leave out --peers"],
    [["run", "scalling"], 'Did you mean "scaling"?'],
    [["runn", "scaling"], 'Did you mean "run"?'],
    [["run", "mine.jsonc"], "no file mine.jsonc. vtorrent lab show NAME > mine.jsonc begins one"],
    [["show", "scalin"], 'Did you mean "scaling"?'],
    [
      ["list", "measure"],
      'lab list names scenarios, or takes measures or figures, not "measure". Did',
    ],
    [["show", "nosuch"], "vtorrent lab list names those that there are"],
    [["compare", "report"], "needs two folders"],
    [["compare", "a", "b"], "has no summary.json"],
    [[...base, "--with", "python3 peer.py"], "there is none: with-my-client has one"],
  ];
  for (const [args, says] of cases) {
    const { status, err } = await run(folder, args);
    assertEquals(status, 28, err);
    assertStringIncludes(err, says);
  }
});

Deno.test("--real plays the variants that real programs can, and says why not the others", async () => {
  await using folder = await TempFolder.make();
  const file = (variants: string) =>
    folder.write(
      "parts.jsonc",
      `{ "lab": 1, "name": "parts", "question": "?", "hypothesis": "!",
        "content": { "size": "64 KiB", "piece_length": "16 KiB" },
        "peers": [{ "as": "seed", "have": 1 }, { "as": "leech", "count": 2 }],
        "variants": { ${variants} },
        "check": [{ "measure": "complete", "is": true, "why": "the seed stays" }] }`,
    );
  const riders = '"riders": { "peers.leech.strategy": "free rider" }';
  await file(`"two": {}, ${riders}, "many": { "peers.leech.count": 100 }`);
  const all = await run(folder, ["run", "parts.jsonc", "--real", "--out", "report"]);
  assertEquals(all.status, 0, all.out + all.err);
  assertEquals(all.out.match(/complete in "[^"]*"/g), ['complete in "two"']);
  assertStringIncludes(all.err, '"riders". leech 1 is a free rider: strategies are played with');
  assertStringIncludes(all.err, '"many". 101 members, of which 32 can be real');
  // What the report says to type plays the same.
  const report = await Deno.readTextFile(folder.at("report/report.html"));
  assertStringIncludes(report, "--set world=real --only two");
  const again = ["run", "parts.jsonc", "--set", "world=real", "--only", "two"];
  assertEquals((await run(folder, again)).status, 0);
  const asked = await run(folder, ["run", "parts.jsonc", "--real", "--only", "many"]);
  assertEquals([asked.status, asked.out], [28, ""]);
  assertStringIncludes(asked.err, "parts, many: not with real programs. 101 members");
  await file(riders);
  const none = await run(folder, ["run", "parts.jsonc", "--real"]);
  assertEquals(none.status, 28, none.err);
  assertStringIncludes(none.err, "parts, riders: not with real programs. leech 1 is a free rider");
});

Deno.test("lab run all is every scenario but one that takes minutes, which the list says", async () => {
  await using folder = await TempFolder.make();
  const calls = await readLabCalls("all", new TestWorld({ args: [], cwd: folder.path }), {});
  const names = calls.map(({ scenario }) => scenario.name);
  assertEquals([...BUILT_IN.keys()].filter((name) => !names.includes(name)), ["scaling-1000"]);
  const { out } = await run(folder, ["list"]);
  assertStringIncludes(out, "lab run all every one but scaling-1000, which takes minutes");
});

Deno.test("that a program of one's own has one's rights is said before it starts", async () => {
  await using folder = await TempFolder.make();
  const { err } = await run(folder, [
    ...["run", "with-my-client", "--with", "true", "--set", "limit=1s"],
  ]);
  assertStringIncludes(err, "runs with your rights: start programs of others in a container");
  const other = await run(folder, ["run", "tracker-dies", "--seed", "1"]);
  assert(!other.err.includes("your rights"), other.err);
});

Deno.test("what one's own scenario may measure and draw is listed, in words and as lines of JSON", async () => {
  await using folder = await TempFolder.make();
  for (const [what, table] of [["measures", MEASURES], ["figures", FIGURES]] as const) {
    const { status, out } = await run(folder, ["list", what]);
    assertEquals(status, 0);
    assertEquals(out.trim().split("\n").map((line) => line.split(":")[0]), Object.keys(table));
    const lines = (await run(folder, ["list", what, "--json"])).out.trim().split("\n");
    assertEquals(lines.map((line) => JSON.parse(line).name), Object.keys(table));
  }
});

Deno.test("an error about a word names a few of a long list, and where all are", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s").replace('"measure": "', '"measure": "x'));
  const { status, err } = await run(folder, ["run", "small.jsonc"]);
  assertEquals(status, 28);
  assert(err.length < 160, err);
  assertStringIncludes(err, "(vtorrent lab list measures names all ");
});

Deno.test("every scenario is listed, shown as its file, and reads back under its name", async () => {
  await using folder = await TempFolder.make();
  const list = await run(folder, ["list"]);
  for (const [name, text] of BUILT_IN) {
    assert(new RegExp(`^${name} +(virtual|real|both) `, "m").test(list.out), name);
    assertEquals((await run(folder, ["show", name])).out, text);
    const scenario = readScenario(text, name, { didYouMean: () => "" });
    assertEquals(scenario.name, name);
    assert(
      scenario.checks.length > 0 && scenario.draws.length > 0,
      `${name} checks or draws nothing`,
    );
  }
});

Deno.test("a drawing that somebody changed is not taken into another page", () => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">%</svg>';
  const read = (body: string) => readDrawing(drawing.replace("%", body));
  assert(read('<path class="l0" d="M0 0L1 1"/><text x="1" y="1">&lt;b&gt;</text>') !== undefined);
  for (
    const body of [
      "<script>alert(1)</script>",
      '<a href="javascript:alert(1)"><text>x</text></a>',
      '<image href="http://192.0.2.1/x"/>',
      '<path d="M0 0" onload="alert(1)"/>',
      "<path d='M0 0' onload='alert(1)'/>",
      '<path d="M0 0" style="fill:red"/>',
      "<foreignObject><p>x</p></foreignObject>",
      '<path\nd="M0 0"\nonclick=alert(1)/>',
      "<style>a{}</style><style>b{}</style>",
    ]
  ) assertEquals(read(body), undefined, body);
});
