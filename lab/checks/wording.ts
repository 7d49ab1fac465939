/**
 * Words for what was measured and judged.
 *
 * @module
 */
import { type MeasureName, MEASURES, type Unit } from "../scenario/measure_names.ts";
import type { Check } from "../scenario/scenario.ts";
import { askOfLimit } from "./asks.ts";
import type { Judgement } from "./judge.ts";

/** A number with its unit, e.g. `12.3 s`, `1.4 MB`, `95 %`. */
export function amount(value: number, unit: Unit): string {
  if (value === Infinity) return unit === "ms" ? "never" : "without end";
  switch (unit) {
    case "ms":
      return seconds(value);
    case "bytes":
      return bytes(value);
    case "share":
    case "yes or no":
      return `${rounded(100 * value, 1)} %`;
    case "times":
      return rounded(value, 3);
    case "count":
      return rounded(value, 1);
  }
}

/** At most so many digits behind the point, and no zeros at the end. */
export function rounded(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function seconds(ms: number): string {
  if (ms < 100_000) return `${rounded(ms / 1000, 1)} s`;
  return `${Math.round(ms / 1000).toString().replace(/\B(?=(\d{3})+$)/g, ",")} s`;
}

function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${rounded(value, value < 10 ? 2 : 1)} ${units[at]}`;
}

/** A measure's name in prose. */
export function measureWords(name: MeasureName): string {
  return name.replaceAll("_", " ").replace("p2p", "P2P");
}

/** e.g. `given copies of seed`. */
export function subjectOf({ measure, of, against }: Check): string {
  const whom = of === undefined ? "" : ` of ${of.join(", ")}`;
  return `${measureWords(measure)}${whom}${
    against === undefined ? "" : ` against ${against.join(", ")}`
  }`;
}

const WORDS: Readonly<Record<string, string>> = {
  "at_least": "at least",
  "at_most": "at most",
  above: "more than",
  below: "less than",
};

/** e.g. `at most 2`, `less than in rarest (100 %)`. */
export function limitWords({ check, limit }: Judgement): string {
  const { comparison } = check;
  const { unit } = MEASURES[check.measure];
  if (comparison.by === "is") return comparison.is ? "yes" : "no";
  if (comparison.by === "between") {
    return `between ${amount(comparison.from, unit)} and ${amount(comparison.to, unit)}`;
  }
  const reference = askOfLimit(check);
  // A number in the file is known even where nothing was measured.
  const known = limit ?? (typeof comparison.limit === "number" ? comparison.limit : undefined);
  const number = known === undefined ? "" : amount(known, unit);
  if (reference === undefined) return `${WORDS[comparison.by]} ${number}`;
  const times = reference.times === 1 ? "" : `${rounded(reference.times, 2)} × `;
  const what = reference.measure === check.measure ? "" : measureWords(reference.measure);
  const of = reference.of === undefined || reference.of === check.of
    ? ""
    : ` of ${reference.of.join(", ")}`;
  const where = reference.variant === undefined ? "" : ` in "${reference.variant}"`;
  const named = `${times}${what}${of}${where}`.replaceAll("  ", " ").trim();
  return `${WORDS[comparison.by]} ${named}${number === "" ? "" : ` (${number})`}`;
}

/** e.g. `1.41`, `100 %`; where each seed counts by itself, how many passed. */
export function valueWords({ check, value, values, passing }: Judgement): string {
  if (value === undefined) return "not measured";
  const { unit } = MEASURES[check.measure];
  const isYesOrNo = check.comparison.by === "is" && (value === 0 || value === 1);
  const number = isYesOrNo ? value === 1 ? "yes" : "no" : amount(value, unit);
  if (values.length === 1) return number;
  if (check.over === "every" || check.over === "three of four") {
    return `${number}, right in ${passing} of ${values.length} runs`;
  }
  return `${number} (${check.over === "mean" ? "mean" : "median"} of ${values.length} runs)`;
}
