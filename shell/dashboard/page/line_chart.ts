/**
 * Values over time as lines, drawn on a canvas.
 *
 * @module
 */
/// <reference lib="dom" />
import { colour, fitCanvas, make, onLookChange } from "./dom.ts";

/** One line: what it is called, its colour in the style sheet, and its dashes. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly dash?: readonly number[];
}

/** Samples that are kept: four minutes at 2 Hz. */
const KEPT = 480;

/** A chart of what was added since the page was opened. */
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
    onLookChange(() => this.#draw());
  }

  clear(): void {
    this.#samples = [];
    this.#draw();
  }

  /** One more value of each series. */
  add(values: readonly number[]): void {
    this.#samples.push(values);
    if (this.#samples.length > KEPT) this.#samples.shift();
    this.#draw();
  }

  #draw(): void {
    const last = this.#samples.at(-1);
    const now = this.#series.map(({ name }, at) => `${name} ${this.#words(last?.[at] ?? 0)}`);
    this.#canvas.setAttribute("aria-label", `${this.#label}: ${now.join(", ")}`);
    if (this.#canvas.clientWidth === 0) return;
    const { context, width, height } = fitCanvas(this.#canvas);
    const top = Math.max(1, ...this.#samples.flat()) * 1.1;
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = colour("muted");
    context.strokeStyle = colour("line");
    context.lineWidth = 1;
    for (const part of [0.25, 0.5, 0.75]) {
      const y = Math.round(height * part) + 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
      context.fillText(this.#words(top * (1 - part)), 4, y - 4);
    }
    const step = width / (KEPT - 1);
    const start = width - step * (this.#samples.length - 1);
    for (const [at, series] of this.#series.entries()) {
      context.strokeStyle = colour(series.colour);
      context.lineWidth = 2;
      context.setLineDash([...series.dash ?? []]);
      context.beginPath();
      for (const [index, sample] of this.#samples.entries()) {
        context.lineTo(start + index * step, height - 1 - (sample[at]! / top) * (height - 2));
      }
      context.stroke();
    }
    context.setLineDash([]);
  }
}
