/**
 * Arrow chart: members side by side, and beneath them an arrow for each thing that one said to another.
 *
 * @module
 */
import { shortened, WIDTH } from "./chart.ts";
import { at, escaped } from "./figure.ts";

/** One line of the chart. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** when, in words */
  readonly at: string;
  readonly words: string;
  /** its first bytes in hexadecimal */
  readonly code: string;
}

const STEP = 44;
const TOP = 48;
/** Where the first member stands, right of the times. */
const LEFT = 120;
/** Where the last member stands: beside two members there is room for the bytes. */
const RIGHT = { beside: 680, alone: WIDTH - 90 };
/** Bytes of a message that fit beside it: those of a whole request. */
const MOST_BYTES = 17;

/** The chart; names stand above and below where it is long. */
export function arrowChart(
  names: readonly string[],
  arrows: readonly Arrow[],
): { body: string; height: number } {
  const hasCode = names.length < 3;
  const right = hasCode ? RIGHT.beside : RIGHT.alone;
  const xOf = (name: string) =>
    LEFT + (right - LEFT) * names.indexOf(name) / Math.max(1, names.length - 1);
  const bottom = TOP + STEP * arrows.length + 16;
  const lines = names.map((name) =>
    `<text class="mid" x="${at(xOf(name))}" y="26">${escaped(shortened(name, 16))}</text>` +
    `<path class="axis" d="M${at(xOf(name))} ${TOP - 10}V${bottom}"/>`
  );
  const drawn = arrows.map((arrow, index) => {
    const [x, to] = [xOf(arrow.from), xOf(arrow.to)];
    const y = TOP + STEP * (index + 0.72);
    const back = to > x ? -14 : 14;
    const series = names.indexOf(arrow.from);
    const code = arrow.code.split(" ").slice(0, MOST_BYTES).join(" ");
    return `<text class="end small" x="${LEFT - 20}" y="${at(y + 2)}">${escaped(arrow.at)}</text>` +
      `<text class="mid small" x="${at((x + to) / 2)}" y="${at(y - 7)}">${
        escaped(arrow.words)
      }</text><path class="line l${series}" d="M${at(x)} ${at(y)}H${at(to + back)}"/>` +
      `<path class="f${series}" d="M${at(to)} ${at(y)}l${back} -7v14z"/>` +
      (hasCode
        ? `<text class="code" x="${right + 24}" y="${at(y + 4)}">${escaped(code)}</text>`
        : "");
  });
  return { body: [...lines, ...drawn].join("\n"), height: bottom + 10 };
}
