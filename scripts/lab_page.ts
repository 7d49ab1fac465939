/**
 * The parts of docs/lab.md that follow from tables: scenarios, measures, figures, keys.
 *
 * @module
 */
import { formName, type Keys } from "../lab/jsonc/form.ts";
import { BUILT_IN } from "../lab/scenario/built_in/mod.ts";
import {
  CHECK_KEYS,
  EVENT_KEYS,
  GROUP_KEYS,
  NET_KEYS,
  SCENARIO_KEYS,
} from "../lab/scenario/keys.ts";
import { FIGURES, MEASURES, measureWords } from "../lab/scenario/measure_names.ts";
import { WIRE_RULES, type WireRule } from "../lab/real/wire_rules.ts";
import { MUTANTS } from "../tests/lab/mutants/engine_mutants.ts";
import { readScenario } from "../lab/scenario/read_scenario.ts";

/** Mark → text. */
export function labParts(): Record<string, string> {
  return {
    scenarios: list(
      [...BUILT_IN].map(([name, text]) => [
        name,
        readScenario(text, name, { didYouMean: () => "" }).question,
      ]),
    ),
    measures: list(
      Object.entries(MEASURES).map(([name, measure]) => [name, measureWords(measure)]),
    ),
    figures: list(Object.entries(FIGURES)),
    rules: Object.entries(WIRE_RULES).map(([name, rule]: [string, WireRule]) => {
      const star = rule.isRemark ? " \\*" : "";
      const tolerance = rule.tolerance === undefined ? "" : ` ${rule.tolerance}`;
      return item(`${name}${star} (BEP ${rule.bep}): ${rule.sentence}${tolerance}`);
    }).join("\n"),
    faults: MUTANTS.map(({ fault, found }) =>
      item(`${fault}: found by ${found.map((check) => `_${check}_`).join(", ")}`)
    ).join("\n"),
    keys: keyList(SCENARIO_KEYS),
    "peer-keys": keyList(GROUP_KEYS),
    "net-keys": keyList(NET_KEYS),
    "event-keys": keyList(EVENT_KEYS),
    "check-keys": keyList(CHECK_KEYS),
  };
}

function keyList(keys: Keys): string {
  return list(
    Object.entries(keys).filter(([name]) => name !== "$schema").map(([name, { form, says }]) => {
      const isLong = form.is === "text" && form.listed !== undefined;
      const what = isLong || form.is === "text" && form.words === undefined
        ? ""
        : ` (${formName(form).replaceAll("|", "\\|")})`;
      return [name, says + what];
    }),
  );
}

function list(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([name, says]) => item(`\`${name}\`: ${says}`)).join("\n");
}

/** A list item in lines of at most 100 characters, as the formatter wants it. */
function item(text: string): string {
  const lines: string[] = [];
  let line = "-";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > 100) {
      lines.push(line);
      line = ` ${word}`;
    } else line += ` ${word}`;
  }
  return [...lines, line].map((one) => one.replace(/^ (?=\S)/, "  ")).join("\n");
}
