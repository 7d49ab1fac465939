/**
 * Peers in a ring and what moves between them. Whoever points at a peer or an arrow, walks there by
 * arrow keys or taps it is told what happens there and why.
 *
 * @module
 */
/// <reference lib="dom" />
import { aboutPeer, aboutTransfer } from "./board_words.ts";
import { fitCanvas, make, onLookChange, setAttribute, setText } from "../dom.ts";
import { drawArrow, drawNode } from "./graph_drawing.ts";
import {
  alongBend,
  type Arrow,
  arrowAt,
  arrowWidths,
  bendOf,
  type GraphNode,
  type Place,
  ringPlaces,
  ringSize,
} from "./graph_layout.ts";
import { type Anchor, hideTip, showTip } from "../tips.ts";
import { bytes, count, share } from "../words.ts";

const LEGEND = [
  ["have", "seeder"],
  ["down", "leecher"],
  ["available", "transfer, wider is faster"],
  ["active", "optimistic unchoke"],
  ["missing", "choked, waits"],
] as const;
/** CSS px from an arrow at which it is meant. */
const REACH = 12;
/** ms between two frames: as smooth as a projector shows, at half the work. */
const FRAME_MS = 30;
/** What the next picture waits, in times of what the last one took: a slow machine has time for more. */
const PAINT_SHARE = 1.75;
/** Arrows that move beyond which nothing moves along them. */
const MAX_MOVING = 150;
/** Arrows that wait beyond which they are no longer dotted. */
const MAX_DOTTED = 60;

/** What is pointed at. */
type Target = { readonly node: string } | { readonly from: string; readonly to: string };

/** The ring. It moves while something is transferred and nobody asked for less motion. */
export class SwarmGraph {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #box: HTMLElement;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  /** The same words for screen readers. */
  readonly #said = make("p", { id: "graph-said", hidden: true });
  readonly #aloud = make("p", { class: "unseen", "aria-live": "polite" });
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #nodes: ReadonlyMap<string, GraphNode> = new Map();
  #arrows: readonly Arrow[] = [];
  #widths: ReadonlyMap<Arrow, number> = new Map();
  #places: ReadonlyMap<string, Place> = new Map();
  #radius = 28;
  #font = 18;
  #lines = 3;
  /** How fast dots move: 0 while it is paused. */
  #pace = 1;
  /** Seconds that they have moved. */
  #moved = 0;
  #target: Target | undefined;
  #frame: number | undefined;
  #drawn = 0;
  /** ms from one picture to the next. */
  #wait: number | undefined;
  #isVisible = true;

  constructor() {
    this.#canvas = make("canvas", { class: "graph", role: "img", "aria-label": "Swarm" });
    this.#box = make("div", {
      class: "graph-box",
      role: "group",
      "aria-label":
        "Peers: left and right move between peers, up and down between a peer's transfers",
      onpointermove: (event) => this.#point(event as PointerEvent),
      onpointerdown: (event) => this.#point(event as PointerEvent),
      onpointerleave: () => this.#look(this.#focused()),
      onkeydown: (event) => this.#key(event as KeyboardEvent),
    }, this.#canvas);
    const legend = make(
      "p",
      { class: "legend" },
      ...LEGEND.map(([name, words]) =>
        make("span", {}, make("i", { class: `swatch ${name}` }), words)
      ),
    );
    this.element = make("div", { class: "graph-part" }, this.#box, legend, this.#said, this.#aloud);
    onLookChange(() => this.#layOut());
    new IntersectionObserver((entries) => {
      this.#isVisible = entries.at(-1)!.isIntersecting;
      if (this.#isVisible) this.#layOut();
    }).observe(this.#canvas);
  }

  show(nodes: ReadonlyMap<string, GraphNode>, arrows: readonly Arrow[]): void {
    const isSame = nodes.size === this.#nodes.size &&
      [...nodes.keys()].every((id) => this.#nodes.has(id));
    this.#nodes = nodes;
    this.#arrows = arrows;
    this.#widths = arrowWidths(arrows);
    const moving = arrows.filter(({ rate }) => rate > 0);
    const whole = moving.reduce((sum, { rate }) => sum + rate, 0);
    const done = [...nodes.values()].filter(({ progress }) => progress >= 1).length;
    setAttribute(
      this.#canvas,
      "aria-label",
      `Swarm of ${count(nodes.size, "peer")}, ${done} with everything; ` +
        `${count(moving.length, "transfer")} at ${bytes(whole)}/s. A table lists them all`,
    );
    if (!isSame) this.#setButtons();
    for (const [id, button] of this.#buttons) {
      const { name, progress } = nodes.get(id)!;
      setAttribute(button, "aria-label", `${name}, ${share(progress)}`);
    }
    if (!isSame) this.#layOut();
    else if (this.#frame === undefined) this.#draw();
    this.#tell();
  }

  /** 1 as it happens, 0.5 at half speed, 0 for a still picture. */
  setPace(pace: number): void {
    if (pace === this.#pace) return;
    this.#pace = pace;
    if (this.#frame === undefined) this.#draw();
  }

  /** Its box has another size. */
  resize(): void {
    this.#layOut();
  }

  /** Peers are buttons on top of the picture, one of them in the order of Tab. */
  #setButtons(): void {
    for (const [id, button] of this.#buttons) {
      if (this.#nodes.has(id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
    for (const id of this.#nodes.keys()) {
      if (this.#buttons.has(id)) continue;
      const look = () => this.#look({ node: id });
      const button = make("button", {
        type: "button",
        class: "node",
        tabindex: -1,
        "aria-describedby": "graph-said",
        onfocus: look,
        onclick: look,
        onblur: () => this.#look(undefined),
      });
      this.#buttons.set(id, button);
    }
    // Tab order and reading order are the order of the ring.
    const buttons = [...this.#nodes.keys()].map((id) => this.#buttons.get(id)!);
    for (const [at, button] of buttons.entries()) {
      // Behind the canvas. A button that is moved loses the focus, so only those out of place are.
      const there = this.#box.children[at + 1] ?? null;
      if (there !== button) this.#box.insertBefore(button, there);
    }
    if (!buttons.some(({ tabIndex }) => tabIndex === 0) && buttons.length > 0) {
      buttons[0]!.tabIndex = 0;
    }
  }

  #layOut(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0) return;
    const size = ringSize(this.#nodes.size, width, height);
    this.#radius = size.radius;
    this.#font = size.font;
    this.#lines = size.lines;
    this.#places = ringPlaces([...this.#nodes.keys()], size);
    for (const [id, button] of this.#buttons) {
      const { x, y } = this.#places.get(id)!;
      const side = 2 * this.#radius;
      Object.assign(button.style, {
        left: `${x - this.#radius}px`,
        top: `${y - this.#radius}px`,
        width: `${side}px`,
        height: `${side}px`,
      });
    }
    this.#draw();
  }

  #draw(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#wait = undefined;
    if (this.#canvas.clientWidth === 0) return;
    const now = performance.now();
    // After a while without frames dots go on from where they were.
    this.#moved += this.#pace * Math.min(100, now - this.#drawn) / 1000;
    this.#drawn = now;
    const { context } = fitCanvas(this.#canvas);
    const target = this.#target;
    const moving = this.#arrows.filter(({ rate }) => rate > 0).length;
    const moves = !this.#calm.matches && moving <= MAX_MOVING;
    const isCrowd = this.#arrows.filter(({ waits }) => waits).length > MAX_DOTTED;
    const seconds = moves ? this.#moved : undefined;
    const isMeant = ({ from, to }: Arrow) =>
      target !== undefined &&
      ("node" in target
        ? from === target.node || to === target.node
        : from === target.from && to === target.to);
    for (const arrow of this.#arrows) {
      if (arrow.rate === 0 && !arrow.waits) continue;
      const [from, to] = [this.#places.get(arrow.from), this.#places.get(arrow.to)];
      const bend = from && to && bendOf(from, to, this.#radius);
      if (!bend) continue;
      const isLit = isMeant(arrow);
      const width = this.#widths.get(arrow) ?? 1;
      const isDim = target !== undefined && !isLit;
      drawArrow(context, bend, arrow, { seconds, width, isLit, isDim, isCrowd });
    }
    for (const [id, node] of this.#nodes) {
      const isLit = target !== undefined &&
        ("node" in target ? target.node === id : target.from === id || target.to === id);
      const [radius, font, lines] = [this.#radius, this.#font, this.#lines];
      drawNode(context, this.#places.get(id)!, node, { radius, font, lines, isLit });
    }
    if (!moves || this.#pace === 0 || !this.#isVisible) return;
    if (moving > 0) this.#next();
  }

  #next(): void {
    this.#frame = requestAnimationFrame(() => {
      const passed = performance.now() - this.#drawn;
      // The first frame after a picture comes once that is painted.
      this.#wait ??= Math.max(FRAME_MS, PAINT_SHARE * passed);
      if (passed >= this.#wait) this.#draw();
      else this.#next();
    });
  }

  #focused(): Target | undefined {
    for (const [node, button] of this.#buttons) {
      if (button === document.activeElement) return { node };
    }
    return undefined;
  }

  #point(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const point = { x: event.clientX - box.left, y: event.clientY - box.top };
    for (const [node, { x, y }] of this.#places) {
      if (Math.hypot(x - point.x, y - point.y) <= this.#radius + 4) return this.#look({ node });
    }
    const options = { radius: this.#radius, reach: REACH };
    this.#look(arrowAt(point, this.#arrows, this.#places, options) ?? this.#focused());
  }

  #key(event: KeyboardEvent): void {
    const focused = this.#focused();
    if (focused === undefined || !("node" in focused)) return;
    const around = ({ ArrowLeft: -1, ArrowRight: 1 } as Record<string, number>)[event.key];
    const through = ({ ArrowUp: -1, ArrowDown: 1 } as Record<string, number>)[event.key];
    if (around === undefined && through === undefined) return;
    event.preventDefault();
    if (around !== undefined) {
      const ids = [...this.#nodes.keys()];
      const next = ids[(ids.indexOf(focused.node) + around + ids.length) % ids.length]!;
      this.#buttons.get(focused.node)!.tabIndex = -1;
      this.#buttons.get(next)!.tabIndex = 0;
      this.#buttons.get(next)!.focus();
      return;
    }
    const own = this.#arrows.filter(({ from, to, rate, waits }) =>
      (from === focused.node || to === focused.node) && (rate > 0 || waits)
    );
    if (own.length === 0) return;
    const at = own.findIndex((arrow) => arrow === this.#arrow());
    const from = at < 0 && through! < 0 ? 0 : at;
    this.#look(own[(from + through! + own.length) % own.length]);
    setText(this.#aloud, this.#words().join(" "));
  }

  /** From now on this is pointed at. */
  #look(target: Target | undefined): void {
    if (target === undefined && this.#target === undefined) return;
    this.#target = target;
    if (this.#frame === undefined) this.#draw();
    this.#tell();
  }

  #arrow(): Arrow | undefined {
    const target = this.#target;
    if (target === undefined || "node" in target) return undefined;
    return this.#arrows.find(({ from, to }) => from === target.from && to === target.to);
  }

  #words(): string[] {
    const names = (id: string) => this.#nodes.get(id)?.name ?? "somebody";
    const target = this.#target;
    const arrow = this.#arrow();
    if (arrow !== undefined) return aboutTransfer(arrow, names);
    const node = target !== undefined && "node" in target
      ? this.#nodes.get(target.node)
      : undefined;
    if (node === undefined) return [];
    return aboutPeer((target as { node: string }).node, node, this.#arrows, names);
  }

  /** Says what is pointed at, beside it. */
  #tell(): void {
    const lines = this.#words();
    setText(this.#said, lines.join(" "));
    const at = lines.length === 0 ? undefined : this.#anchor();
    if (at === undefined) hideTip(this);
    else showTip(this, () => this.#anchor() ?? at, lines);
  }

  #anchor(): Anchor | undefined {
    const target = this.#target;
    if (target === undefined) return undefined;
    const place = (id: string) => this.#places.get(id);
    const [from, to] = "node" in target ? [] : [place(target.from), place(target.to)];
    const bend = from && to && bendOf(from, to, this.#radius);
    const at = "node" in target ? place(target.node) : bend && alongBend(bend, 0.5);
    if (at === undefined) return undefined;
    const box = this.#canvas.getBoundingClientRect();
    const [x, y] = [box.left + at.x, box.top + at.y];
    const room = "node" in target ? this.#radius : 10;
    // Below the name.
    const words = "node" in target ? 1.3 * this.#font * this.#lines : 0;
    return { left: x, right: x, top: y - room, bottom: y + room + words };
  }
}
