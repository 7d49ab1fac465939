/**
 * Clients and trackers of other makes by the rubrics of docs/grading/: each gets all marks but those
 * that its rubric gives a reason for. The gate runs a selection, `GRADE_ALL=1` everything, and then the
 * table in docs/grading.md is compared, too.
 */
import { join } from "@std/path";
import { parseRubric, STEPS, stepsOf, type Subject } from "../../lab/grade/mod.ts";
import { runProgram } from "../../shell/program.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { leaveOut } from "../support/left_out.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import { isInstalled } from "../support/other_clients.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TestWorld } from "../support/test_world.ts";
import { VTORRENT } from "../support/vtorrent.ts";

const DOCS = join(import.meta.dirname!, "..", "..", "docs");
const all = Deno.env.get("GRADE_ALL") !== undefined;
const SEED = "7";

interface Make {
  readonly rubric: string;
  readonly subject: Subject;
  readonly isHere: () => Promise<boolean>;
  /** What the gate runs; left out where it takes long. */
  readonly only?: readonly string[];
  /** In place of the rubric's. */
  readonly command?: readonly string[];
}

const always = () => Promise.resolve(true);

const MAKES: readonly Make[] = [
  {
    rubric: "aria2",
    subject: "peer",
    isHere: () => isInstalled("aria2c", "aria2"),
    only: ["P2.1", "P2.4", "P5.1", "P5.9", "P6.1", "P7.9"],
  },
  {
    rubric: "libtorrent",
    subject: "peer",
    isHere: () => Libtorrent.isInstalled(),
    only: ["P1.1", "P2.1", "P3.1", "P4.1", "P4.6", "P5.1", "P7.1"],
  },
  {
    rubric: "transmission",
    subject: "peer",
    isHere: () => isInstalled("transmission-cli", "transmission-cli"),
  },
  {
    rubric: "opentracker",
    subject: "tracker",
    isHere: () => hasProgram("opentracker", "opentracker"),
    only: ["T1.1", "T2.1", "T2.3", "T4.4", "T6.2"],
  },
  {
    rubric: "npm-tracker",
    subject: "tracker",
    isHere: always,
    only: ["T1.1", "T2.1", "T2.8", "T4.3"],
    command: [
      ...[Deno.execPath(), "run", "--allow-all", "--quiet"],
      join(DOCS, "grading", "npm_tracker.mjs"),
    ],
  },
  {
    rubric: "vtorrent-tracker",
    subject: "tracker",
    isHere: always,
    only: ["T1.1", "T2.3", "T4.4", "T5.2", "T6.2"],
    command: [VTORRENT, "tracker", "--host", "::", "--no-discovery", "--no-db", "--port"],
  },
];

/** Whether a program is there that may not be started to ask it. */
async function hasProgram(command: string, debianPackage: string): Promise<boolean> {
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'command -v -- "$1" >/dev/null', "sh", command],
  }).output();
  return success ||
    leaveOut(`needs ${command}; install it with apt-get install ${debianPackage}`);
}

async function rubricOf(name: string) {
  const path = join(DOCS, "grading", `${name}.jsonc`);
  return parseRubric(await Deno.readTextFile(path), path, STEPS, () => "");
}

/** The rows of the table in docs/grading.md: rubric → cells. */
async function tableRows(): Promise<Map<string, string[]>> {
  const text = await Deno.readTextFile(join(DOCS, "grading.md"));
  return new Map(
    [...text.matchAll(/^\| \[.*\]\(grading\/(.*)\.jsonc\) *\|(.*)\|$/gm)]
      .map(([, name, rest]) => [name!, rest!.split("|").map((cell) => cell.trim())]),
  );
}

interface ProbeReport {
  readonly id: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly finding?: { readonly seen: string };
}

for (const { rubric, subject, isHere, only, command } of MAKES) {
  const which = all ? "all" : only?.join(", ") ?? "only with GRADE_ALL=1";
  const name = `${rubric} gets all marks but those that its rubric gives a reason for (${which})`;
  const ignore = Deno.build.os === "windows" || (!all && only === undefined);
  Deno.test({ name, ignore }, async () => {
    if (!await isHere()) return;
    await using folder = await TempFolder.make();
    const args = [
      ...["grade", subject, "--all", "--rubric", join(DOCS, "grading", `${rubric}.jsonc`)],
      ...["--seed", SEED, "--out", "kept", ...(all ? ["--slow"] : ["--only", only!.join()])],
      ...(command === undefined ? [] : ["--", ...command]),
    ];
    const world = new TestWorld({ args, cwd: folder.path });
    const status = await runProgram(world);
    const report = JSON.parse(await Deno.readTextFile(folder.at("kept/report.json")));
    const probes: readonly ProbeReport[] = report.probes;
    const failed = probes.filter(({ verdict }) => verdict !== "passed" && verdict !== "left out");
    const { known = {} } = await rubricOf(rubric);
    const expected = Object.keys(known).filter((id) => all || only!.includes(id));
    assertEquals(
      failed.map(({ id, verdict, finding }) => [id, verdict, finding?.seen]),
      expected.map((id) => [id, "failed", failed.find((one) => one.id === id)?.finding?.seen]),
      world.stderr.text,
    );
    assertEquals(status, 0);
    if (all) {
      assertEquals((await tableRows()).get(rubric)![0], `${report.score} of ${report.points}`);
    }
  });
}

Deno.test("the table of other makes names what each of their rubrics knows to fail", async () => {
  const rows = await tableRows();
  assertEquals(
    [...rows.keys()].sort(),
    [...MAKES.map(({ rubric }) => rubric), "vtorrent-peer"].sort(),
  );
  for (const [name, [marks, failed]] of rows) {
    const { known = {} } = await rubricOf(name);
    assertEquals(failed, Object.keys(known).join(", "), name);
    assertMatch(marks!, /^\d+ of \d+$/, name);
  }
});

Deno.test("the rubrics of other makes leave out and know single things, each with its reason", async () => {
  for (const { rubric, subject } of MAKES) {
    const read = await rubricOf(rubric);
    const probes = stepsOf(STEPS[subject], read).flatMap((step) => step.probes);
    const ids = new Set(probes.map(({ id }) => id));
    // Every probe of the table is there: nothing is left out in silence.
    assertEquals(
      STEPS[subject].flatMap((step) => step.probes).filter(({ id }) => !ids.has(id)),
      [],
    );
    for (const { id, leftOut, known } of probes) {
      assert(leftOut === undefined || known === undefined, `${rubric}: ${id}`);
    }
  }
});
