/**
 * Piece map: all pieces of a torrent as a picture: complete, requested, rare or missing.
 *
 * @module
 */
/// <reference lib="dom" />
import type { PieceFacts, PieceMap } from "../api_types.ts";
import { get } from "../api_client.ts";
import { colour, fitCanvas, make, onLookChange, setText } from "../dom.ts";
import { count } from "../words.ts";

/** Height (CSS px) that the map may take before its cells get smaller. */
const MAX_HEIGHT = 240;
const LARGEST_CELL = 18;
const SMALLEST_CELL = 4;
/** ms that a pointer rests on a piece before the peer is asked who has it. */
const REST_MS = 150;

const WORDS: Readonly<Record<string, string>> = {
  h: "here",
  a: "requested",
  v: "available from a peer",
  m: "no connected peer has it",
};

/** The legend: class of the swatch and what it means. */
const LEGEND = [
  ["have", "here"],
  ["active", "requested"],
  ["rare", "rarest"],
  ["available", "a peer has it"],
  ["missing", "no peer has it"],
] as const;

interface Grid {
  readonly cell: number;
  readonly perRow: number;
  /** Pieces that share a cell. */
  readonly perCell: number;
}

/** The map of one torrent at a time. */
export class PieceMapView {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #said: HTMLElement;
  #infoHash = "";
  #map: PieceMap = { status: "", copies: [] };
  #copies = new Uint16Array();
  #cursor: number | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#canvas = make("canvas", {
      class: "pieces",
      tabindex: 0,
      role: "img",
      "aria-label": "Pieces",
      "aria-describedby": "piece-said",
      onpointermove: (event) => this.#point(event as PointerEvent),
      onpointerleave: () => this.#move(undefined),
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onblur: () => this.#move(undefined),
    });
    this.#said = make("p", { id: "piece-said", class: "said", "aria-live": "polite" });
    const legend = make(
      "p",
      { class: "legend" },
      ...LEGEND.map(([name, words]) =>
        make("span", {}, make("i", { class: `swatch ${name}` }), words)
      ),
    );
    this.element = make("div", {}, this.#canvas, legend, this.#said);
    onLookChange(() => this.draw());
  }

  /** Shows the map of a torrent. */
  show(infoHash: string, map: PieceMap): void {
    if (infoHash !== this.#infoHash) this.#cursor = undefined;
    const before = this.#words();
    this.#infoHash = infoHash;
    this.#map = map;
    this.#copies = unpacked(map.copies, map.status.length);
    const have = map.status.split("h").length - 1;
    const active = map.status.split("a").length - 1;
    const label = `Pieces: ${have} of ${map.status.length} here, ${active} requested. ` +
      "Arrow keys move between them";
    if (this.#canvas.getAttribute("aria-label") !== label) {
      this.#canvas.setAttribute("aria-label", label);
    }
    this.draw();
    if (this.#cursor === undefined) this.#sayRarest();
    else if (this.#words() !== before) this.#say(this.#cursor);
  }

  draw(): void {
    const pieces = this.#map.status.length;
    if (this.#canvas.clientWidth === 0) return;
    const { cell, perRow, perCell } = this.#grid();
    const cells = Math.ceil(pieces / perCell);
    this.#canvas.style.height = `${Math.max(cell, Math.ceil(cells / perRow) * cell)}px`;
    const { context } = fitCanvas(this.#canvas);
    const rarest = this.#rarest();
    const inks = {
      h: colour("have"),
      a: colour("active"),
      r: colour("rare"),
      v: colour("available"),
      m: colour("missing"),
    };
    const side = Math.max(1, cell - 1);
    // Kind by kind: to change the ink for each of 10,000 cells takes longer than to draw them.
    const byKind: Record<keyof typeof inks, number[]> = { h: [], a: [], r: [], v: [], m: [] };
    for (let at = 0; at < cells; at++) {
      byKind[this.#kindOf(at * perCell, Math.min(pieces, (at + 1) * perCell), rarest)].push(at);
    }
    for (const kind of ["h", "a", "r", "v", "m"] as const) {
      context.fillStyle = inks[kind];
      for (const at of byKind[kind]) {
        const x = (at % perRow) * cell;
        const y = Math.floor(at / perRow) * cell;
        if (kind === "m" && cell >= 6) {
          context.fillRect(x, y, side, 1);
          context.fillRect(x, y + side - 1, side, 1);
          context.fillRect(x, y + 1, 1, side - 2);
          context.fillRect(x + side - 1, y + 1, 1, side - 2);
        } else context.fillRect(x, y, side, side);
      }
    }
    if (cell >= 8) {
      for (const at of byKind.a) {
        const [x, y] = [(at % perRow) * cell, Math.floor(at / perRow) * cell];
        context.clearRect(x + side / 3, y + side / 3, side / 3, side / 3);
      }
    }
    if (this.#cursor !== undefined) {
      const at = Math.floor(this.#cursor / perCell);
      context.strokeStyle = colour("ink");
      context.lineWidth = 2;
      context.strokeRect((at % perRow) * cell, Math.floor(at / perRow) * cell, side, side);
    }
  }

  #grid(): Grid {
    const width = Math.max(SMALLEST_CELL, this.#canvas.clientWidth);
    const pieces = Math.max(1, this.#map.status.length);
    for (let cell = LARGEST_CELL; cell >= SMALLEST_CELL; cell--) {
      const perRow = Math.max(1, Math.floor(width / cell));
      if (Math.ceil(pieces / perRow) * cell <= MAX_HEIGHT) return { cell, perRow, perCell: 1 };
    }
    const perRow = Math.max(1, Math.floor(width / SMALLEST_CELL));
    const room = perRow * Math.floor(MAX_HEIGHT / SMALLEST_CELL);
    return { cell: SMALLEST_CELL, perRow, perCell: Math.ceil(pieces / room) };
  }

  /** What a cell shows: of several pieces the one that matters most. */
  #kindOf(from: number, to: number, rarest: number): "h" | "a" | "r" | "v" | "m" {
    let kind = "h" as "h" | "v" | "r" | "m";
    for (let piece = from; piece < to; piece++) {
      const status = this.#map.status[piece];
      if (status === "a") return "a";
      if (status === "m") kind = "m";
      else if (status === "v" && kind !== "m") {
        kind = this.#copies[piece] === rarest || kind === "r" ? "r" : "v";
      }
    }
    return kind;
  }

  /** Copies of the rarest piece that is not here but somewhere, where others have more. */
  #rarest(): number {
    let least = Infinity;
    let most = 0;
    for (let piece = 0; piece < this.#copies.length; piece++) {
      if (this.#map.status[piece] !== "v") continue;
      least = Math.min(least, this.#copies[piece]!);
      most = Math.max(most, this.#copies[piece]!);
    }
    return least < most ? least : -1;
  }

  #sayRarest(): void {
    const rarest = this.#rarest();
    setText(
      this.#said,
      rarest < 0 ? "" : "The rarest pieces are requested first: each has at most " +
        `${count(rarest, "copy", "copies")} among the connected peers.`,
    );
  }

  #point(event: PointerEvent): void {
    const { cell, perRow, perCell } = this.#grid();
    const column = Math.floor(event.offsetX / cell);
    const piece = (Math.floor(event.offsetY / cell) * perRow + column) * perCell;
    this.#move(column < perRow && piece < this.#map.status.length ? piece : undefined);
  }

  #key(event: KeyboardEvent): void {
    const { perRow, perCell } = this.#grid();
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -perCell,
      ArrowRight: perCell,
      ArrowUp: -perRow * perCell,
      ArrowDown: perRow * perCell,
    };
    const step = steps[event.key];
    if (event.key === "Escape") this.#move(undefined);
    if (step === undefined) return;
    event.preventDefault();
    const last = this.#map.status.length - 1;
    if (last >= 0) this.#move(Math.min(last, Math.max(0, (this.#cursor ?? -step) + step)));
  }

  #move(piece: number | undefined): void {
    if (piece === this.#cursor) return;
    this.#cursor = piece;
    this.draw();
    clearTimeout(this.#resting);
    if (piece === undefined) this.#sayRarest();
    else this.#say(piece);
  }

  /** What is said of the piece that the cursor is on. */
  #words(): string {
    if (this.#cursor === undefined) return "";
    const status = WORDS[this.#map.status[this.#cursor] ?? "m"];
    const copies = count(this.#copies[this.#cursor] ?? 0, "copy", "copies");
    return `Piece ${this.#cursor}: ${status}, ${copies} among peers`;
  }

  #say(piece: number): void {
    clearTimeout(this.#resting);
    setText(this.#said, this.#words());
    this.#resting = setTimeout(() => void this.#sayWho(piece), REST_MS);
  }

  async #sayWho(piece: number): Promise<void> {
    const path = `/torrents/${this.#infoHash}/pieces/${piece}`;
    const facts = await get<PieceFacts>(path).catch(() => undefined);
    if (facts === undefined || this.#cursor !== piece || facts.peers.length === 0) return;
    setText(this.#said, `${this.#said.textContent}: ${facts.peers.join(", ")}`);
  }
}

/** Runs of equal counts, one count a piece. */
function unpacked(runs: readonly number[], length: number): Uint16Array<ArrayBuffer> {
  const copies = new Uint16Array(length);
  let piece = 0;
  for (let at = 0; at + 1 < runs.length; at += 2) {
    copies.fill(runs[at]!, piece, piece + runs[at + 1]!);
    piece += runs[at + 1]!;
  }
  return copies;
}
