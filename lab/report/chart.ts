/**
 * Charts: axes, lines, dots and cells as SVG.
 *
 * @module
 */
import { max, min } from "d3-array";
import { scaleLinear, scaleLog } from "d3-scale";
import { curveLinear, curveStepAfter, line } from "d3-shape";
import { at, escaped } from "./figure.ts";
import { COLOURS } from "./style.ts";

export const WIDTH = 1200;
export const HEIGHT = 540;
const MARGIN = { top: 44, right: 250, bottom: 72, left: 110 };
/** Pixels that labels keep from each other. */
const LABEL_GAP = 25;

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** It holds each value until the next. */
  readonly isStep?: boolean;
  /** A bound or a limit: dashed, in the colour of text. */
  readonly isBound?: boolean;
  /** Dots at its points. */
  readonly hasDots?: boolean;
}

/** One axis. */
export interface Axis {
  readonly label: string;
  readonly words: (value: number) => string;
  readonly isLog?: boolean;
  /** It counts: nothing lies between two ticks. */
  readonly isCount?: boolean;
  readonly from?: number;
  readonly to?: number;
}

/** A scale and its ticks. */
interface Scaled {
  (value: number): number;
  ticks: number[];
}

function scaled(
  axis: Axis,
  values: readonly number[],
  range: readonly [number, number],
  count: number,
): Scaled {
  const finite = values.filter((one) => Number.isFinite(one));
  const low = axis.from ?? (axis.isLog ? min(finite) ?? 1 : Math.min(0, min(finite) ?? 0));
  const high = axis.to ?? Math.max(max(finite) ?? 1, low + (low === 0 ? 1e-9 : 0));
  const domain = [low, high > low ? high : low + 1];
  if (axis.isLog) {
    const scale = scaleLog().domain(domain).range([...range]);
    const ticks = scale.ticks(count).filter((tick) => /^[125]e/.test(tick.toExponential(0)));
    return Object.assign((value: number) => scale(value), { ticks });
  }
  const scale = scaleLinear().domain(domain).range([...range]).nice(count);
  const ticks = scale.ticks(count).filter((tick) => !axis.isCount || Number.isInteger(tick));
  return Object.assign((value: number) => scale(value), { ticks });
}

/** The colour of a series: `l` for strokes, `f` for areas. */
export function colour(kind: "l" | "f", index: number): string {
  return `${kind}${index % COLOURS}`;
}

/** A chart of lines, their names at their ends. */
export function lineChart(x: Axis, y: Axis, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const toX = scaled(x, points.map(([value]) => value), [MARGIN.left, right], 8);
  const toY = scaled(y, points.map(([, value]) => value), [bottom, MARGIN.top], 6);
  let colours = 0;
  const labels: { name: string; y: number; mark: string }[] = [];
  const drawn = series.map((one) => {
    const finite = one.points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
    if (finite.length === 0) return "";
    const path = line<readonly [number, number]>().x(([value]) => toX(value))
      .y(([, value]) => toY(value)).curve(one.isStep ? curveStepAfter : curveLinear)
      .digits(1)(finite)!;
    const kind = one.isBound ? "bound" : `line ${colour("l", colours)}`;
    const dots = one.hasDots
      ? finite.map(([a, b]) => dot(toX(a), toY(b), colours, 6)).join("")
      : "";
    if (!one.isBound) colours++;
    labels.push({ name: one.name, y: toY(finite.at(-1)![1]), mark: kind });
    return `<path class="${kind}" d="${path}"/>${dots}`;
  });
  return axes(x, y, toX, toY, right, bottom) + drawn.join("\n") + endLabels(labels, right);
}

/** Names at the right, apart from each other, each with a piece of its line. */
function endLabels(
  labels: readonly { name: string; y: number; mark: string }[],
  right: number,
): string {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const places: number[] = [];
  for (const { y } of sorted) {
    places.push(Math.max(y, (places.at(-1) ?? -Infinity) + LABEL_GAP));
  }
  // What was pushed below the chart moves up again, and the others before it.
  let below = HEIGHT - MARGIN.bottom + 4;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index]!, below);
    below = places[index]! - LABEL_GAP;
  }
  return sorted.map(({ name, mark }, index) => {
    const y = places[index]!;
    return `<path class="${mark}" d="M${right + 10} ${at(y)}h26"/>` +
      `<text x="${right + 44}" y="${at(y + 7)}">${escaped(shortened(name, 20))}</text>`;
  }).join("\n");
}

/** At most so many characters. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function axes(
  x: Axis,
  y: Axis,
  toX: Scaled,
  toY: Scaled,
  right: number,
  bottom: number,
): string {
  const { left, top } = MARGIN;
  const vertical = toY.ticks.map((tick) =>
    `<path class="grid" d="M${left} ${at(toY(tick))}H${right}"/>` +
    `<text class="end" x="${left - 12}" y="${at(toY(tick) + 7)}">${escaped(y.words(tick))}</text>`
  );
  const horizontal = toX.ticks.map((tick) =>
    `<path class="axis" d="M${at(toX(tick))} ${bottom}v7"/>` +
    `<text class="mid" x="${at(toX(tick))}" y="${bottom + 29}">${escaped(x.words(tick))}</text>`
  );
  return `${vertical.join("")}${horizontal.join("")}
<path class="axis" d="M${left} ${top}V${bottom}H${right}" fill="none"/>
<text class="end" x="${right}" y="${HEIGHT - 10}">${escaped(x.label)}</text>
<text x="0" y="16" class="small">${escaped(y.label)}</text>
`;
}

/** A dot of a series. */
export function dot(x: number, y: number, series: number, radius: number): string {
  return `<circle class="dot ${colour("f", series)}" cx="${at(x)}" cy="${at(y)}" r="${radius}"/>`;
}

/** A named group of dots. */
export interface Dots {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A chart of dots, with a line where both are equal. */
export function dotChart(x: Axis, y: Axis, groups: readonly Dots[], hasDiagonal: boolean): string {
  const points = groups.flatMap((one) => one.points);
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const toX = scaled(x, points.map(([value]) => value), [MARGIN.left, right], 8);
  const toY = scaled(y, points.map(([, value]) => value), [bottom, MARGIN.top], 6);
  const most = Math.min(max(points, ([value]) => value) ?? 0, max(points, ([, b]) => b) ?? 0);
  const diagonal = hasDiagonal
    ? `<path class="bound" d="M${at(toX(0))} ${at(toY(0))}L${at(toX(most))} ${at(toY(most))}"/>`
    : "";
  const dots = groups.map(({ points }, index) =>
    points.map(([a, b]) => dot(toX(a), toY(b), index, 8)).join("")
  );
  const legend = groups.map(({ name }, index) =>
    dot(right + 24, MARGIN.top + 20 + 30 * index, index, 8) +
    `<text x="${right + 44}" y="${MARGIN.top + 27 + 30 * index}">${
      escaped(shortened(name, 20))
    }</text>`
  );
  return axes(x, y, toX, toY, right, bottom) + diagonal + dots.join("\n") + legend.join("\n");
}

/** One line of a chart of bars: a value for each seed, and what they come to. */
export interface Bar {
  readonly name: string;
  readonly values: readonly number[];
  readonly middle: number;
}

/** Horizontal bars, a dot for each run, limits as dashed lines. */
export function barChart(
  x: Axis,
  bars: readonly Bar[],
  limits: readonly { readonly name: string; readonly at: number }[],
): { body: string; height: number } {
  const step = 46;
  const shown = limits.filter((limit) => Number.isFinite(limit.at)).sort((a, b) => a.at - b.at);
  // Names of limits that are near stand above each other.
  const top = 40 + 22 * Math.max(0, shown.length - 1);
  const left = 300;
  const right = WIDTH - 60;
  const bottom = top + step * bars.length;
  const all = [...bars.flatMap((bar) => [bar.middle, ...bar.values]), ...limits.map((l) => l.at)];
  const toX = scaled(x, all, [left, right], 8);
  const ticks = toX.ticks.map((tick) =>
    `<path class="grid" d="M${at(toX(tick))} ${top}V${bottom}"/>` +
    `<text class="mid" x="${at(toX(tick))}" y="${bottom + 26}">${escaped(x.words(tick))}</text>`
  );
  const lines = bars.map(({ name, values, middle }, index) => {
    const y = top + step * (index + 0.5);
    const end = Number.isFinite(middle) ? toX(middle) : right;
    const dots = values.length < 2 ? "" : values.filter((one) => Number.isFinite(one))
      .map((value) => dot(toX(value), y, 6, 5)).join("");
    return `<text class="end" x="${left - 12}" y="${at(y + 7)}">${escaped(shortened(name, 26))}` +
      `</text><path class="${colour("f", index)}" d="M${left} ${at(y - 13)}H${
        at(end)
      }v26H${left}z"` +
      `/>${dots}`;
  });
  const marks = shown.map((limit, index) => {
    const y = top - 6 - 22 * index;
    return `<path class="bound" d="M${at(toX(limit.at))} ${y}V${bottom}"/>` +
      `<text class="mid small" x="${at(toX(limit.at))}" y="${y - 6}">${escaped(limit.name)}</text>`;
  });
  const body = `${ticks.join("")}${lines.join("\n")}${marks.join("\n")}
<path class="axis" d="M${left} ${top}V${bottom}"/>
<text class="end" x="${right}" y="${bottom + 56}">${escaped(x.label)}</text>`;
  return { body, height: bottom + 70 };
}

/** Cells whose strength is a share of the most, rows and columns by name. */
export function heatMap(
  rows: readonly string[],
  columns: readonly string[],
  share: (row: number, column: number) => number,
  words: { readonly row: string; readonly column: string },
): { body: string; height: number; width: number } {
  const left = 190;
  const top = 60;
  const side = Math.max(6, Math.min(44, Math.floor((WIDTH - left - 60) / columns.length)));
  const tall = Math.max(6, Math.min(44, Math.max(side, Math.floor(600 / rows.length))));
  const everyRow = Math.ceil(20 / tall);
  const everyColumn = Math.ceil(90 / side);
  const cells: string[] = [];
  for (let row = 0; row < rows.length; row++) {
    const y = top + row * tall;
    if (row % everyRow === 0) {
      cells.push(
        `<text class="end small" x="${left - 10}" y="${at(y + tall / 2 + 6)}">${
          escaped(shortened(rows[row]!, 16))
        }</text>`,
      );
    }
    for (let column = 0; column < columns.length; column++) {
      const strength = Math.max(0, Math.min(1, share(row, column)));
      if (strength < 0.005) continue;
      const x = left + column * side;
      cells.push(
        `<rect class="heat" x="${x}" y="${y}" width="${side}" height="${tall}" opacity="${
          strength.toFixed(2)
        }"/>`,
      );
    }
  }
  const names = columns.map((name, column) =>
    column % everyColumn === 0
      ? `<text class="small" x="${left + column * side}" y="${top - 12}">${
        escaped(shortened(name, 10))
      }</text>`
      : ""
  );
  const width = columns.length * side;
  const height = rows.length * tall;
  return {
    body: `<rect class="cell" x="${left}" y="${top}" width="${width}" height="${height}"/>
${cells.join("")}${names.join("")}
<text class="small" x="0" y="20">${escaped(words.row)} ↓   ${escaped(words.column)} →</text>`,
    height: top + height + 20,
    width: WIDTH,
  };
}

/** A line of a chart of spans. */
export interface Lane {
  readonly name: string;
  readonly spans: readonly {
    readonly from: number;
    readonly to: number;
    readonly series: number;
  }[];
  /** Marks, e.g. where it was complete. */
  readonly marks: readonly number[];
}

/** Spans of time, a lane each; `legend` names the series. */
export function laneChart(
  x: Axis,
  lanes: readonly Lane[],
  legend: readonly string[],
): { body: string; height: number } {
  const left = 190;
  const right = WIDTH - 40;
  const step = Math.max(8, Math.min(36, Math.floor(900 / Math.max(1, lanes.length))));
  const top = legend.length === 0 ? 16 : 52;
  const bottom = top + step * lanes.length;
  const times = lanes.flatMap(({ spans, marks }) => [...spans.map(({ to }) => to), ...marks]);
  const toX = scaled(x, times, [left, right], 8);
  const every = Math.ceil(20 / step);
  const thick = Math.max(4, step - 8);
  const drawn = lanes.map(({ name, spans, marks }, index) => {
    const y = top + step * index + (step - thick) / 2;
    const label = index % every === 0
      ? `<text class="end small" x="${left - 10}" y="${at(y + thick / 2 + 6)}">${
        escaped(shortened(name, 16))
      }</text>`
      : "";
    return label + spans.map(({ from, to, series }) =>
      `<rect class="${colour("f", series)}" x="${at(toX(from))}" y="${at(y)}" width="${
        at(Math.max(1, toX(to) - toX(from)))
      }" height="${at(thick)}"/>`
    ).join("") +
      marks.map((t) =>
        `<path class="axis" d="M${at(toX(t))} ${at(y - 2)}v${at(thick + 4)}"/>`
      )
        .join("");
  });
  const ticks = toX.ticks.map((tick) =>
    `<path class="grid" d="M${at(toX(tick))} ${top}V${bottom}"/>` +
    `<text class="mid" x="${at(toX(tick))}" y="${bottom + 26}">${escaped(x.words(tick))}</text>`
  );
  const names = legend.map((name, index) =>
    `<rect class="${colour("f", index)}" x="${
      left + 230 * index
    }" y="14" width="22" height="16"/>` +
    `<text x="${left + 30 + 230 * index}" y="29">${escaped(name)}</text>`
  );
  return {
    body: `${ticks.join("")}${names.join("")}${drawn.join("\n")}
<text class="end" x="${right}" y="${bottom + 56}">${escaped(x.label)}</text>`,
    height: bottom + 70,
  };
}
