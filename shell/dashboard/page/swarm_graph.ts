/**
 * Peers in a ring and what moves between them, drawn on a canvas.
 *
 * @module
 */
/// <reference lib="dom" />
import { colour, fitCanvas, make, onLookChange } from "./dom.ts";
import { bytes, count, share } from "./words.ts";

/** One peer. */
export interface GraphNode {
  readonly name: string;
  /** 0 to 1. */
  readonly progress: number;
  /** Whether it tells what it does. */
  readonly reports: boolean;
}

/** What goes from one peer to another. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Bytes per second. */
  readonly rate: number;
  /** By its optimistic turn. */
  readonly optimistic: boolean;
  /** It is choked and wants something. */
  readonly waits: boolean;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

const LEGEND = [
  ["have", "has everything"],
  ["down", "has part of it"],
  ["available", "moves"],
  ["active", "moves by an optimistic turn"],
  ["missing", "choked, waits"],
] as const;
/** Pixels a second that dots move along an arrow. */
const SPEED = 60;
const DOT_GAP = 26;

/** The ring. It moves while something is transferred and nobody asked for less motion. */
export class SwarmGraph {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #nodes: ReadonlyMap<string, GraphNode> = new Map();
  #arrows: readonly Arrow[] = [];
  #frame: number | undefined;

  constructor() {
    this.#canvas = make("canvas", { class: "graph", role: "img", "aria-label": "Swarm" });
    const legend = make(
      "p",
      { class: "legend" },
      ...LEGEND.map(([name, words]) =>
        make("span", {}, make("i", { class: `swatch ${name}` }), words)
      ),
    );
    this.element = make("div", {}, this.#canvas, legend);
    onLookChange(() => this.#draw());
  }

  show(nodes: ReadonlyMap<string, GraphNode>, arrows: readonly Arrow[]): void {
    this.#nodes = nodes;
    this.#arrows = arrows;
    const moving = arrows.filter(({ rate }) => rate > 0);
    const whole = moving.reduce((sum, { rate }) => sum + rate, 0);
    const done = [...nodes.values()].filter(({ progress }) => progress >= 1).length;
    this.#canvas.setAttribute(
      "aria-label",
      `Swarm of ${count(nodes.size, "peer")}, ${done} with everything; ` +
        `${count(moving.length, "transfer")} at ${bytes(whole)}/s. The table below has them all`,
    );
    if (this.#frame === undefined) this.#draw();
  }

  #draw(): void {
    this.#frame = undefined;
    if (this.#canvas.clientWidth === 0) return;
    const { context, width, height } = fitCanvas(this.#canvas);
    const places = this.#places(width, height);
    const isCrowded = this.#nodes.size > (width < 600 ? 6 : 12);
    const radius = this.#nodes.size > 24 ? 12 : isCrowded ? 20 : 28;
    const seconds = performance.now() / 1000;
    for (const arrow of this.#arrows) {
      const from = places.get(arrow.from);
      const to = places.get(arrow.to);
      if (from !== undefined && to !== undefined) {
        drawArrow(context, from, to, { arrow, radius, seconds, calm: this.#calm.matches });
      }
    }
    for (const [id, node] of this.#nodes) drawNode(context, places.get(id)!, node, radius);
    const moves = this.#arrows.some(({ rate }) => rate > 0);
    if (moves && !this.#calm.matches) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #places(width: number, height: number): Map<string, Place> {
    const places = new Map<string, Place>();
    const [rx, ry] = [width / 2 - Math.min(110, width / 7), height / 2 - 62];
    let at = 0;
    for (const id of this.#nodes.keys()) {
      const angle = 2 * Math.PI * at++ / this.#nodes.size - Math.PI / 2;
      places.set(id, { x: width / 2 + rx * Math.cos(angle), y: height / 2 + ry * Math.sin(angle) });
    }
    return places;
  }
}

function drawNode(
  context: CanvasRenderingContext2D,
  { x, y }: Place,
  { name, progress, reports }: GraphNode,
  radius: number,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour("card");
  context.fill();
  context.lineWidth = 2;
  context.setLineDash(reports ? [] : [4, 4]);
  context.strokeStyle = colour("muted");
  context.stroke();
  context.setLineDash([]);
  if (progress > 0) {
    context.beginPath();
    context.arc(x, y, radius - 4, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * progress);
    context.strokeStyle = colour(progress >= 1 ? "have" : "down");
    context.lineWidth = 7;
    context.stroke();
  }
  context.fillStyle = colour("ink");
  context.textAlign = "center";
  const size = radius > 20 ? 20 : 15;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const shown = name.length > 14 ? `${name.slice(0, 13)}…` : name;
  // Readable on top of arrows.
  context.strokeStyle = colour("paper");
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeText(shown, x, y + radius + size);
  context.fillText(shown, x, y + radius + size);
  if (radius >= 20) {
    context.font = "600 13px system-ui, sans-serif";
    context.fillText(share(progress).replace(/\.\d/, ""), x, y + 5);
  }
}

function drawArrow(
  context: CanvasRenderingContext2D,
  from: Place,
  to: Place,
  { arrow, radius, seconds, calm }: {
    arrow: Arrow;
    radius: number;
    seconds: number;
    calm: boolean;
  },
): void {
  if (arrow.rate === 0 && !arrow.waits) return;
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 2 * radius) return;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  // Both directions side by side.
  const [ox, oy] = [-dy * 5, dx * 5];
  const at = (way: number): Place => ({ x: from.x + dx * way + ox, y: from.y + dy * way + oy });
  const [start, end] = [at(radius + 4), at(length - radius - 6)];
  context.beginPath();
  context.moveTo(start.x, start.y);
  context.lineTo(end.x, end.y);
  if (arrow.rate === 0) {
    context.strokeStyle = colour("missing");
    context.lineWidth = 1;
    context.setLineDash([2, 7]);
    context.stroke();
    context.setLineDash([]);
    return;
  }
  const strength = Math.min(5, Math.max(1.5, Math.log2(arrow.rate / 16_384)));
  const ink = colour(arrow.optimistic ? "active" : "available");
  context.strokeStyle = ink;
  context.lineWidth = strength;
  context.stroke();
  context.beginPath();
  const size = 7 + strength;
  context.moveTo(end.x, end.y);
  context.lineTo(end.x - dx * size - dy * size / 2, end.y - dy * size + dx * size / 2);
  context.lineTo(end.x - dx * size + dy * size / 2, end.y - dy * size - dx * size / 2);
  context.fillStyle = ink;
  context.fill();
  if (calm) return;
  context.fillStyle = colour("ink");
  for (let way = radius + 4 + (seconds * SPEED) % DOT_GAP; way < length - radius; way += DOT_GAP) {
    const { x, y } = at(way);
    context.beginPath();
    context.arc(x, y, 2, 0, 2 * Math.PI);
    context.fill();
  }
}
