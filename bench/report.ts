/**
 * Tables of medians, ranges and ratios.
 *
 * @module
 */
import type { Figures } from "./run_folder.ts";
import type { Suite, Target } from "./suites.ts";
import { MIB } from "./workload.ts";

/** One run, as it goes into the JSON file. */
export interface Outcome {
  suite: string;
  program: string;
  /** Runs of one round are compared with each other. */
  round: number;
  figures?: Figures;
  /** Why there are no figures. */
  error?: string;
}

/** The suite's table as Markdown, then its targets where vtorrent was measured. */
export function report(suite: Suite, outcomes: readonly Outcome[], bytes: number): string {
  const programs = [...new Set(outcomes.map((outcome) => outcome.program))];
  const header = [
    "program",
    "wall s",
    "min–max",
    `× ${suite.reference}`,
    "MiB/s",
    "first byte s",
    "CPU s",
    `CPU × ${suite.reference}`,
    "other side's CPU s",
    `both sides' CPU × ${suite.reference}`,
    "peak RSS MiB",
    "runs",
  ];
  const rows = programs.map((program) => {
    const own = figuresOf(outcomes, program);
    const failed = outcomes.filter((o) => o.program === program && o.error !== undefined).length;
    const walls = own.map((figures) => figures.wall);
    const wall = median(walls);
    return [
      program,
      fixed(wall, 2),
      own.length === 0 ? "–" : `${Math.min(...walls).toFixed(2)}–${Math.max(...walls).toFixed(2)}`,
      fixed(median(ratios(outcomes, program, suite.reference, "wall")), 2),
      fixed(wall && bytes / MIB / wall, 0),
      fixed(median(own.map((figures) => figures.firstByte)), 2),
      fixed(median(own.map((figures) => figures.cpu)), 2),
      fixed(median(ratios(outcomes, program, suite.reference, "cpu")), 2),
      fixed(median(own.map((figures) => figures.otherCpu)), 2),
      fixed(median(ratios(outcomes, program, suite.reference, "bothCpu")), 2),
      fixed(median(own.map((figures) => figures.memory / MIB)), 0),
      failed === 0 ? String(own.length) : `${own.length}, ${failed} failed`,
    ];
  });
  const size = `${Math.round(bytes / MIB)} MiB`;
  const lines = [`## ${suite.title} (${size})`, "", ...table(header, rows)];
  const targets = suite.targets.flatMap((target) => targetLine(target, outcomes));
  if (targets.length > 0) lines.push("", ...targets);
  return lines.join("\n") + "\n";
}

function targetLine(target: Target, outcomes: readonly Outcome[]): string[] {
  const { figure, against, atMost } = target;
  const value = against === undefined
    ? median(figuresOf(outcomes, "vtorrent").map((figures) => valueOf(figures, figure)))
    : median(ratios(outcomes, "vtorrent", against, figure));
  if (value === undefined) return [];
  const { name, unit, scale, digits } = FIGURES[figure];
  const shown = (number: number) =>
    against === undefined ? `${(number / scale).toFixed(digits)} ${unit}` : number.toFixed(2);
  const verdict = value <= atMost ? "reached" : "missed";
  const of = against === undefined ? "" : ` to ${against}'s`;
  return [`* vtorrent's ${name}${of}: ${shown(value)}, target ≤ ${shown(atMost)}: ${verdict}`];
}

const FIGURES: Record<
  Target["figure"],
  { name: string; unit: string; scale: number; digits: number }
> = {
  wall: { name: "wall time", unit: "s", scale: 1, digits: 2 },
  cpu: { name: "CPU time", unit: "s", scale: 1, digits: 2 },
  bothCpu: { name: "and the other side's CPU time", unit: "s", scale: 1, digits: 2 },
  firstByte: { name: "first byte", unit: "s", scale: 1, digits: 2 },
  memory: { name: "peak memory", unit: "MB", scale: 1e6, digits: 0 },
};

/** Both sides' CPU time is known only where one of them was measured apart from the other. */
function valueOf(figures: Figures, figure: Target["figure"]): number | undefined {
  if (figure !== "bothCpu") return figures[figure];
  return figures.otherCpu === undefined ? undefined : figures.cpu + figures.otherCpu;
}

/** A program's figure to another's in the same round, for all rounds that have both. */
function ratios(
  outcomes: readonly Outcome[],
  program: string,
  reference: string,
  figure: Target["figure"],
): number[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.program !== program || outcome.figures === undefined) return [];
    const other = outcomes.find((o) => o.program === reference && o.round === outcome.round);
    const divisor = other?.figures && valueOf(other.figures, figure);
    const dividend = valueOf(outcome.figures, figure);
    return dividend === undefined || !divisor ? [] : [dividend / divisor];
  });
}

function figuresOf(outcomes: readonly Outcome[], program: string): Figures[] {
  return outcomes.flatMap(({ program: name, figures }) =>
    name === program && figures !== undefined ? [figures] : []
  );
}

/** The middle one, or the mean of the two in the middle; undefined where there is none. */
function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? "–" : value.toFixed(digits);
}

/** Markdown whose columns also line up in a terminal: the first to the left, others to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
        .join(" | ")
    } |`;
  const rule = `| ${
    widths.map((width, i) => i === 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":").join(" | ")
  } |`;
  return [line(header), rule, ...rows.map(line)];
}
