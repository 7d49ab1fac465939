import { join } from "@std/path";
import { type Outcome, programOf, runSteps, STEPS } from "../../lab/grade/mod.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { pythonPath } from "../support/python.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { isChosen, judgeEach, WHOLE } from "./planted_mistakes.ts";
import { TRACKER_MISTAKES, type TrackerMistake } from "./tracker_mistakes.ts";

const isWindows = Deno.build.os === "windows";
const HERE = import.meta.dirname!;
const TYPESCRIPT = [
  ...[Deno.execPath(), "run", "--allow-net", "--no-check", "--quiet"],
  join(HERE, "right_tracker.ts"),
];
const PYTHON = await pythonPath();
const PYTHON_COMMAND = [PYTHON ?? "python3", "-S", join(HERE, "right_tracker.py")];

/** The gate's mistakes. */
const SELECTION = ["one-read", "little-endian-port", "text-info-hash", "udp-transaction"];
/** ms that a tracker may stay silent: a busy machine takes seconds to start one. */
const PATIENCE = 12_000;
const PLAIN = STEPS.tracker.flatMap(({ probes }) =>
  probes.filter(({ plain }) => plain).map(({ id }) => id)
);

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

const stepOf = (probe: string) => probe.split(".")[0]!;
const chosen = TRACKER_MISTAKES.filter(({ name, probe }) =>
  isChosen(name, stepOf(probe), SELECTION.includes(name))
);
const LANGUAGES = [
  { language: "TypeScript", command: TYPESCRIPT, mistakes: chosen },
  {
    language: "Python",
    command: PYTHON_COMMAND,
    mistakes: chosen.filter(({ inPython }) => inPython).slice(0, WHOLE ? Infinity : 1),
  },
];

for (const { language, command, mistakes } of LANGUAGES) {
  for (const { id: step, title } of STEPS.tracker) {
    const own = mistakes.filter(({ probe }) => stepOf(probe) === step);
    if (own.length === 0) continue;
    const names = own.map(({ name }) => name).join(", ");
    Deno.test({
      name: `${step} ${title} (${language}): each mistake is found, and told: ${names}`,
      ignore: isWindows || (language === "Python" && PYTHON === undefined),
      fn: () =>
        judgeEach(own, async (mistake) => {
          const { name, probe, slow = false } = mistake;
          // The plain cases of all steps, and the whole of its own.
          const only = WHOLE ? [...PLAIN, ...(slow ? [] : [step]), probe] : [probe];
          judge(mistake, await grade([...command, "--bug", name], { only }));
        }),
    });
  }
}

Deno.test({
  name: "the right tracker in TypeScript passes everything",
  ignore: isWindows || !WHOLE,
  fn: async () => {
    const outcomes = await grade(TYPESCRIPT, { slow: true });
    assertEquals(outcomes.filter(({ verdict }) => verdict !== "passed").map(idOf), []);
  },
});

Deno.test({
  name: "a small right tracker passes; UDP and IPv6, which it lacks, are left out and said to be",
  ignore: isWindows || PYTHON === undefined,
  fn: async () => {
    const only = WHOLE ? [] : ["T1.1", "T1.5", "T2.1", "T2.7", "T3.2", "T4.1", "T5.2", "T6"];
    const outcomes = await grade(PYTHON_COMMAND, { only, slow: WHOLE });
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
