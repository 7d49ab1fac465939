/**
 * Figures of variants against each other: scaling, and bars of a measure.
 *
 * @module
 */
import { askOf, askOfLimit, keyOf } from "../../checks/asks.ts";
import type { Judgement } from "../../checks/judge.ts";
import { amount, limitWords, measureWords, rounded, subjectOf } from "../../checks/wording.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import { median } from "../../measures/statistics.ts";
import { isLeecher } from "../../measures/tally.ts";
import { type MeasureName, MEASURES } from "../../scenario/measure_names.ts";
import type { Draw } from "../../scenario/scenario.ts";
import { type Axis, barChart, HEIGHT, lineChart, type Series, WIDTH } from "../chart.ts";
import { type Figure, fileName } from "../figure.ts";

/** The values of one ask in each run of a variant. */
function valuesOf(experiment: Experiment, variant: string, key: string): number[] {
  return experiment.results.filter((one) => one.variant === variant)
    .flatMap(({ values }) => values.get(key) ?? []);
}

/** What a line of the scaling figure is called: the variant up to its comma. */
function lineOf(variant: string): string {
  return variant.split(",")[0]!.trim();
}

export function scalingFigure(draw: Draw, experiment: Experiment): Figure[] {
  const lines = new Map<string, [number, number][]>();
  const bounds = new Map<string, [number, number][]>();
  const rows: (string | number)[][] = [];
  const keys = Object.fromEntries(
    (["makespan", "bound_p2p", "bound_client_server"] as const)
      .map((measure) => [measure, keyOf({ measure })]),
  );
  for (const [variant, record] of experiment.shown) {
    if (draw.variants !== undefined && !draw.variants.includes(variant)) continue;
    const count = record.members.filter(isLeecher).length;
    const valueOf = (name: string) => median(valuesOf(experiment, variant, keys[name]!));
    const took = valueOf("makespan");
    const isServer = record.members.filter(isLeecher)
      .every(({ strategy }) => strategy === "free rider");
    const bound = valueOf(isServer ? "bound_client_server" : "bound_p2p");
    const name = lineOf(variant);
    if (took !== undefined) lines.set(name, [...lines.get(name) ?? [], [count, took]]);
    if (bound !== undefined) bounds.set(name, [...bounds.get(name) ?? [], [count, bound]]);
    rows.push([
      ...[name, count, took === undefined ? "" : amount(took, "ms")],
      bound === undefined ? "" : amount(bound, "ms"),
      took === undefined || bound === undefined ? "" : rounded(took / bound, 3),
    ]);
  }
  const sorted = (points: [number, number][]) => points.sort(([a], [b]) => a - b);
  const series: Series[] = [
    ...[...lines].map(([name, points]) => ({ name, points: sorted(points), hasDots: true })),
    ...[...bounds].map(([name, points]) => ({
      name: `bound: ${name}`,
      points: sorted(points),
      isBound: true,
    })),
  ];
  const x: Axis = { label: "leechers", words: (count) => rounded(count, 0), isLog: true };
  const y: Axis = { label: "seconds", words: (ms) => rounded(ms / 1000, 1), isLog: true };
  return [{
    id: "scaling",
    title: draw.title ?? "Time until everybody has it",
    says: "Both axes are logarithmic. Dashed: the least time that the rates allow.",
    ...{ width: WIDTH, height: HEIGHT, body: lineChart(x, y, series) },
    table: { head: ["line", "leechers", "took", "bound", "took ÷ bound"], rows },
  }];
}

export function barsFigure(draw: Draw, experiment: Experiment): Figure[] {
  const { measure = "makespan", of } = draw;
  const ask = { measure, ...(of === undefined ? {} : { of }) };
  const title = draw.title ??
    measureWords(measure) + (of === undefined ? "" : ` of ${of.join(", ")}`);
  return [bars(title, measure, keyOf(ask), experiment, [], draw.variants)];
}

/** A figure for each thing that is checked, with the limits of its checks. */
export function checkFigures(experiment: Experiment): Figure[] {
  const groups = Map.groupBy(experiment.judgements, ({ check }) => keyOf(askOf(check)));
  return [...groups].map(([key, judgements]) => {
    const { check } = judgements[0]!;
    const subject = subjectOf(check);
    const title = subject[0]!.toUpperCase() + subject.slice(1);
    // One with another variant is beside it anyway: its own bar is the limit.
    const variants = new Set(judgements.flatMap(({ check, variant }) => [
      variant,
      askOfLimit(check)?.variant ?? variant,
    ]));
    return bars(title, check.measure, key, experiment, limitsOf(judgements), [...variants]);
  });
}

function limitsOf(judgements: readonly Judgement[]): { name: string; at: number }[] {
  const limits = judgements.flatMap((one): { name: string; at: number }[] => {
    const { comparison } = one.check;
    const { unit } = MEASURES[one.check.measure];
    if (comparison.by === "between") {
      return [comparison.from, comparison.to].map((at) => ({ name: amount(at, unit), at }));
    }
    if (!("limit" in comparison) || typeof comparison.limit !== "number") return [];
    return [{ name: limitWords(one), at: comparison.limit }];
  });
  return [...new Map(limits.map((limit) => [limit.at, limit])).values()];
}

function bars(
  title: string,
  measure: MeasureName,
  key: string,
  experiment: Experiment,
  limits: readonly { name: string; at: number }[],
  chosen: readonly string[] | undefined,
): Figure {
  const { unit, says } = MEASURES[measure];
  const variants = [...experiment.shown.keys()].filter((one) => chosen?.includes(one) ?? true);
  const lines = variants.map((variant) => {
    const values = valuesOf(experiment, variant, key);
    return {
      name: variant === "" ? experiment.scenario.name : variant,
      values,
      middle: median(values),
    };
  });
  const most = Math.max(...lines.flatMap(({ values }) => values), ...limits.map(({ at }) => at));
  const x: Axis = {
    label: measureWords(measure),
    words: (value) => amount(value, unit),
    from: 0,
    // Shares are seen against the whole.
    ...(unit === "share" && most <= 1 && most > 0.1 ? { to: 1 } : {}),
    ...(most === 0 ? { to: 1 } : {}),
    isCount: unit === "count",
  };
  const drawn = lines.flatMap(({ name, values, middle }) =>
    middle === undefined ? [] : [{ name, values, middle }]
  );
  const { body, height } = barChart(x, drawn, limits);
  return {
    id: fileName(`bars ${title}`),
    title,
    says: `${says[0]!.toUpperCase()}${says.slice(1)}.` +
      (experiment.seeds.length > 1 ? " The bar is the median, each dot a run." : ""),
    ...{ width: WIDTH, height, body },
    table: {
      head: ["variant", "median", "runs"],
      rows: lines.map(({ name, values, middle }) => [
        ...[name, middle === undefined ? "not measured" : amount(middle, unit)],
        values.map((value) => amount(value, unit)).join(" · "),
      ]),
    },
  };
}
