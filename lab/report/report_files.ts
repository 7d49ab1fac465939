/**
 * Files of a report beside its page: drawings, tables, a summary.
 *
 * @module
 */
import { verdictOf } from "../checks/judge.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { type DataTable, escaped, type Figure } from "./figure.ts";
import { SVG_STYLE } from "./style.ts";

/** A table as CSV (RFC 4180). */
export function csv({ head, rows }: DataTable): string {
  return [head, ...rows].map((row) => row.map(field).join(",") + "\r\n").join("");
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A drawing as a file of its own. */
export function svgFile(figure: Figure): string {
  return svg(figure, `<style>${SVG_STYLE}</style>`);
}

/** A drawing; `style` is left out where the page has it. */
export function svg({ title, width, height, body }: Figure, style = ""): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${Math.ceil(height)}" ` +
    `role="img" aria-label="${escaped(title)}">${style}${body}</svg>`;
}

/** What came out, for programs. */
export function summary({ scenario, seeds, results, judgements }: Experiment): unknown {
  return {
    scenario: scenario.name,
    settings: scenario.settings,
    seeds,
    verdict: verdictOf(judgements),
    checks: judgements.map(({ check, variant, verdict, value, limit, values, because }) => ({
      measure: check.measure,
      of: check.of,
      variant,
      verdict,
      value: finite(value),
      limit: finite(limit),
      values: values.map(finite),
      why: check.why,
      because,
    })),
    runs: results.map(({ variant, seed, world, endedAt, course, machine, remarks, values }) => ({
      ...{ variant, seed, world, endedAt, course, machine, remarks },
      measures: Object.fromEntries(
        [...values].map(([key, value]) => [nameOf(key), finite(value)]),
      ),
    })),
  };
}

/** JSON has no infinity: what never came about is null, as what was not measured. */
function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** e.g. `penalty of rider` */
function nameOf(key: string): string {
  const [measure, of, against] = JSON.parse(key) as [string, string[], string[]];
  return measure + (of.length === 0 ? "" : ` of ${of.join(", ")}`) +
    (against.length === 0 ? "" : ` against ${against.join(", ")}`);
}
