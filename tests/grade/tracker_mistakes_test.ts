import { join } from "@std/path";
import { type Outcome, programOf, runSteps, STEPS } from "../../lab/grade/mod.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { leaveOut } from "../support/left_out.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TRACKER_MISTAKES, type TrackerMistake } from "./tracker_mistakes.ts";

const isWindows = Deno.build.os === "windows";
const HERE = import.meta.dirname!;
const TYPESCRIPT = [
  ...[Deno.execPath(), "run", "--allow-net", "--no-check", "--quiet"],
  join(HERE, "right_tracker.ts"),
];
const PYTHON = ["python3", join(HERE, "right_tracker.py")];
const HAS_PYTHON = await new Deno.Command("python3", { args: ["-V"], stdout: "null" }).output()
  .then(({ success }) => success, () => leaveOut("needs python3"));

/** All mistakes in all probes with `GRADE_ALL=1`; without it, some mistakes in their own probe. */
const all = Deno.env.get("GRADE_ALL") !== undefined;
const SELECTION = ["one-read", "little-endian-port", "text-info-hash", "udp-transaction"];
/** Mistakes that are looked at together: the probes wait more than they compute. */
const TOGETHER = 4;
/** ms that a tracker may stay silent. */
const PATIENCE = 6000;

async function grade(
  command: readonly string[],
  options: { readonly only?: readonly string[]; readonly slow?: boolean } = {},
): Promise<Outcome[]> {
  await using folder = await TempFolder.make();
  return await runSteps(STEPS.tracker, {
    program: { ...programOf(command), patience: PATIENCE },
    seed: 7,
    folder: folder.path,
    only: options.only ?? [],
    slow: options.slow ?? false,
    all: false,
    stop: new AbortController().signal,
  });
}

/** Printable ASCII as it is, `<0a>` for other bytes. */
function shown(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) =>
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `<${byte.toString(16).padStart(2, "0")}>`,
  ).join("");
}

/** Judges what came of a tracker with one mistake. */
function judge(mistake: TrackerMistake, outcomes: readonly Outcome[]): void {
  const { name, probe, marked, seen } = mistake;
  const failed = outcomes.filter(({ verdict, probe }) =>
    (verdict === "failed" || verdict === "flaky") && !mistake.also?.includes(probe.id)
  );
  const [first] = failed;
  const told = failed.map(({ probe, finding }) => `${probe.id}: ${finding?.seen}`).join("\n");
  assertEquals(first?.probe.id, probe, `${name}: ${told}`);
  const [step] = probe.split(".");
  assertEquals([...new Set(failed.map(({ step }) => step.id))], [step], `${name}: ${told}`);
  const { finding } = first!;
  if (seen !== undefined) assertMatch(finding!.seen, seen, name);
  if (marked === undefined) return;
  const { bytes, wrong } = finding!.marked!;
  assert(wrong !== undefined, `${name}: nothing is marked`);
  assertMatch(shown(bytes.subarray(...wrong)), marked, name);
}

/** Looks at each mistake, several at a time. */
async function judgeAll(
  mistakes: readonly TrackerMistake[],
  command: readonly string[],
): Promise<void> {
  const left = [...mistakes];
  const faults: unknown[] = [];
  await Promise.all(Array.from({ length: TOGETHER }, async () => {
    for (let mistake = left.shift(); mistake !== undefined; mistake = left.shift()) {
      const { name, probe, slow = false } = mistake;
      const only = all && !slow ? {} : { only: [probe] };
      try {
        judge(mistake, await grade([...command, "--bug", name], { ...only, slow }));
      } catch (fault) {
        faults.push(fault);
      }
    }
  }));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("\n\n"));
}

const chosen = TRACKER_MISTAKES.filter(({ name }) => all || SELECTION.includes(name));
const which = all ? "all of them" : SELECTION.join(", ");

Deno.test({
  name: `a mistake in a right tracker fails its step, with the right bytes marked (${which})`,
  ignore: isWindows,
  fn: async () => {
    await judgeAll(chosen, TYPESCRIPT);
    if (!all) return;
    const outcomes = await grade(TYPESCRIPT, { slow: true });
    assertEquals(outcomes.filter(({ verdict }) => verdict !== "passed").map(idOf), []);
  },
});

Deno.test({
  name: `so it is in Python (${all ? "all of them" : "one-read"})`,
  ignore: isWindows || !HAS_PYTHON,
  fn: async () => {
    const mistakes = chosen.filter(({ inPython }) => inPython);
    await judgeAll(all ? mistakes : mistakes.slice(0, 1), PYTHON);
  },
});

Deno.test({
  name: "a small right tracker passes; UDP and IPv6, which it lacks, are left out and said to be",
  ignore: isWindows || !HAS_PYTHON,
  fn: async () => {
    const only = all ? [] : ["T1.1", "T1.5", "T2.1", "T2.7", "T3.2", "T4.1", "T5.2", "T6"];
    const outcomes = await grade(PYTHON, { only, slow: all });
    const left = outcomes.filter(({ verdict }) => verdict === "left out");
    assertEquals(
      outcomes.filter(({ verdict }) => verdict !== "left out" && verdict !== "passed").map(idOf),
      [],
    );
    assertEquals(left.filter(({ step }) => step.id === "T6").length, 6);
    assertMatch(left.find(({ step }) => step.id === "T6")!.reason!, /no UDP at port \d+/);
    assertEquals(left.filter(({ probe }) => probe.points > 0), []);
  },
});

Deno.test("every probe of trackers but the last has a mistake that it tells of", () => {
  const told = new Set(TRACKER_MISTAKES.map(({ probe }) => probe));
  // A list or a string alone is allowed; the others are sums of what comes before.
  const without = new Set(["T2.2", "T2.4", "T4.6", "T5.3", "T7.1", "T7.3"]);
  const ids = STEPS.tracker.flatMap(({ probes }) => probes.map(({ id }) => id));
  assertEquals(ids.filter((id) => !told.has(id) && !without.has(id)), []);
  assertEquals(new Set(TRACKER_MISTAKES.map(({ name }) => name)).size, TRACKER_MISTAKES.length);
});

function idOf({ probe, verdict, finding, reason }: Outcome): string {
  return `${probe.id} ${verdict}: ${finding?.seen ?? reason ?? ""}`;
}
