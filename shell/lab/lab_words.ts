/**
 * What a run of the lab says in a terminal: the question, a line a check, the verdict.
 *
 * @module
 */
import { join } from "@std/path";
import { type Judgement, verdictOf } from "../../lab/checks/judge.ts";
import { limitWords, subjectOf, valueWords } from "../../lab/checks/wording.ts";
import type { Experiment } from "../../lab/experiment/experiment.ts";
import { verdictSentence } from "../../lab/report/page.ts";
import { runName } from "../../lab/run/run_record.ts";
import { formatCount } from "../base/format.ts";
import type { Screen } from "../terminal/screen.ts";
import type { LabCall } from "./lab_call.ts";

const SIGNS = { passed: ["✓", "ok"], failed: ["✗", "FAILED"], "cannot tell": ["?", "?"] } as const;

/** Says what will be run. */
export function greet(call: LabCall, screen: Screen): void {
  const { scenario, seeds, variants, leftOut } = call;
  const count = variants?.length ?? scenario.variants.size;
  const runs = seeds.length * count;
  screen.say(`${scenario.name}: ${scenario.question}`);
  screen.say(`  ${scenario.hypothesis}`);
  const which = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
  screen.say(`  ${formatCount(runs, "run")}, ${formatCount(count, "variant")}, ${which}`);
  for (const [why, those] of Map.groupBy(leftOut, ([, why]) => why)) {
    const names = those.map(([variant]) => `"${variant}"`).join(", ");
    screen.note(`Left out, since it cannot be real: ${names}. ${why}`);
  }
  const played = [...scenario.variants].filter(([name]) => variants?.includes(name) !== false);
  const isOwn = played.some(([, { world, groups }]) =>
    world === "real" && groups.some(({ command }) => command !== undefined)
  );
  if (isOwn) {
    screen.note(
      "The scenario's own program runs with your rights: start programs of others in a container",
    );
  }
}

/** Says what came out. */
export function tell(experiment: Experiment, screen: Screen): void {
  const { scenario, judgements, results } = experiment;
  for (const one of judgements) {
    screen.event({ event: "judged", ...factsOf(scenario.name, one) }, undefined);
    screen.say(checkLine(one, screen.look().unicode));
    if (one.verdict !== "passed") {
      screen.say(`    ${one.because ?? one.check.why}`);
    }
  }
  for (const remark of new Set(results.flatMap(({ remarks }) => remarks))) screen.note(remark);
  const courses = new Map<string, string>();
  for (const { variant, seed, course } of results) {
    if (course !== undefined && seed === experiment.seeds[0]) courses.set(variant, course);
  }
  screen.event({
    event: "experiment",
    ...{ scenario: scenario.name, verdict: verdictOf(judgements), runs: results.length },
    ...{ seeds: experiment.seeds, courses: Object.fromEntries(courses) },
  }, undefined);
  screen.say(`  ${verdictSentence(judgements)}`);
  if (courses.size > 0) {
    const all = [...courses].map(([variant, course]) =>
      variant === "" ? course : `${course} (${variant})`
    );
    screen.say(`  Course of events, seed ${experiment.seeds[0]}: ${all.join(", ")}`);
  }
}

/** Says where the words of real runs are. @param folder that of the report */
export function tellTexts({ results }: Experiment, folder: string, screen: Screen): void {
  const real = results.filter(({ world }) => world === "real");
  if (real.length === 0) return;
  const which = real.length === 1 ? runName(real[0]!) : "*";
  const each = real.length === 1 ? "" : ", a text for each run";
  screen.say(`  What they said, a line each: ${join(folder, "wire", `${which}.txt`)}${each}`);
}

function checkLine(one: Judgement, unicode: boolean): string {
  const sign = SIGNS[one.verdict][unicode ? 0 : 1];
  const where = one.variant === "" ? "" : ` in "${one.variant}"`;
  return `  ${sign} ${subjectOf(one.check)}${where}: ${valueWords(one)}; ${limitWords(one)}`;
}

function factsOf(scenario: string, one: Judgement): Record<string, unknown> {
  const finite = (value: number | undefined) =>
    value === undefined || !Number.isFinite(value) ? undefined : value;
  return {
    scenario,
    ...{ variant: one.variant, measure: one.check.measure, verdict: one.verdict },
    ...{ value: finite(one.value), limit: finite(one.limit), why: one.check.why },
    because: one.because,
  };
}
