/**
 * Values over time as lines, drawn on a canvas.
 *
 * @module
 */
/// <reference lib="dom" />
import { colour, fitCanvas, make, onLookChange, setAttribute } from "./dom.ts";

/** One line: what it is called, its colour in the style sheet, and its dashes. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly dash?: readonly number[];
}

/** Samples that are kept, one a second: ten minutes. */
const KEPT = 600;
/** Samples that a chart is wide at least. */
const LEAST = 60;
/** Room below for the time, CSS px. */
const AXIS = 20;

/** A chart of the last minutes. It gets longer, up to ten, as there is more to see. */
export class LineChart {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #series: readonly Series[];
  readonly #words: (value: number) => string;
  readonly #label: string;
  #samples: (readonly number[])[] = [];

  constructor(label: string, series: readonly Series[], words: (value: number) => string) {
    this.#label = label;
    this.#series = series;
    this.#words = words;
    this.#canvas = make("canvas", { class: "chart", role: "img", "aria-label": label });
    const legend = make(
      "p",
      { class: "legend" },
      ...series.map(({ name, colour }) =>
        make("span", {}, make("i", { class: `swatch ${colour}` }), name)
      ),
    );
    this.element = make("div", {}, this.#canvas, legend);
    onLookChange(() => this.draw());
  }

  clear(): void {
    this.fill([]);
  }

  /** What there was before the page was opened, or while it could not see: a sample a second. */
  fill(samples: readonly (readonly number[])[]): void {
    this.#samples = samples.slice(-KEPT);
    this.draw();
  }

  /** One more value of each series. */
  add(values: readonly number[]): void {
    this.note(values);
    this.draw();
  }

  /** The same while nobody sees it. */
  note(values: readonly number[]): void {
    this.#samples.push(values);
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Again, where its box was not seen before. */
  draw(): void {
    const last = this.#samples.at(-1);
    const now = this.#series.map(({ name }, at) => `${name} ${this.#words(last?.[at] ?? 0)}`);
    setAttribute(this.#canvas, "aria-label", `${this.#label}: ${now.join(", ")}`);
    if (this.#canvas.clientWidth === 0) return;
    const { context, width, height } = fitCanvas(this.#canvas);
    const floor = height - AXIS;
    const largest = Math.max(0, ...this.#samples.flat());
    const top = niceTop(largest);
    // Where nothing moves there is no scale to tell of.
    this.#drawGrid(context, { width, floor, top: largest === 0 ? 0 : top });
    const seconds = Math.max(LEAST, this.#samples.length);
    const step = width / (seconds - 1);
    const start = width - step * (this.#samples.length - 1);
    this.#drawTimes(context, { width, height, seconds });
    for (const [at, series] of this.#series.entries()) {
      if (this.#samples.length === 0) break;
      context.beginPath();
      for (const [index, sample] of this.#samples.entries()) {
        context.lineTo(start + index * step, floor - (sample[at]! / top) * (floor - 4));
      }
      context.strokeStyle = colour(series.colour);
      context.lineWidth = 2.5;
      context.lineJoin = "round";
      context.setLineDash([...series.dash ?? []]);
      context.stroke();
      context.setLineDash([]);
      context.lineTo(width, floor);
      context.lineTo(start, floor);
      context.globalAlpha = 0.12;
      context.fillStyle = colour(series.colour);
      context.fill();
      context.globalAlpha = 1;
    }
  }

  #drawGrid(
    context: CanvasRenderingContext2D,
    { width, floor, top }: { width: number; floor: number; top: number },
  ): void {
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = colour("muted");
    context.strokeStyle = colour("line");
    context.lineWidth = 1;
    for (const part of [0, 0.5, 1]) {
      const y = Math.round(floor - part * (floor - 4)) + 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
      if (part > 0 && top > 0) {
        context.fillText(this.#words(top * part), 8, y + (part === 1 ? 15 : -5));
      }
    }
  }

  #drawTimes(
    context: CanvasRenderingContext2D,
    { width, height, seconds }: { width: number; height: number; seconds: number },
  ): void {
    const every = seconds <= 120 ? 30 : seconds <= 300 ? 60 : 120;
    context.fillStyle = colour("muted");
    context.textAlign = "right";
    context.fillText("now", width - 6, height - 5);
    context.textAlign = "center";
    for (let ago = every; ago < seconds - every / 4; ago += every) {
      const x = width - ago / (seconds - 1) * width;
      const words = ago % 60 === 0 ? `${ago / 60} min` : `${ago} s`;
      if (x > 30) context.fillText(`−${words}`, x, height - 5);
    }
    context.textAlign = "left";
  }
}

/** A round number of which the largest value takes most of the height. */
function niceTop(largest: number): number {
  if (largest <= 0) return 1;
  // Rates are read in binary units, so steps are as well.
  const power = 2 ** Math.floor(Math.log2(largest));
  return [1, 1.25, 1.5, 1.75, 2].map((part) => part * power).find((top) => top >= largest) ??
    largest;
}
