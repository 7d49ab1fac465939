/**
 * Pieces of each peer: a row for each peer, filling up.
 *
 * @module
 */
/// <reference lib="dom" />
import type { BoardSeat } from "./api_types.ts";
import { colour, fitCanvas, make, onLookChange, setText } from "./dom.ts";
import { count, share } from "./words.ts";

/** Room for names, CSS px. */
const NAMES = 130;
const ROW = 26;

/** A row read out of a report. */
interface Row {
  readonly name: string;
  readonly progress: number;
  readonly have: Uint8Array;
  readonly active: ReadonlySet<number>;
}

/** The matrix, with a last row for the copies of each piece. */
export class SwarmMatrix {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #said: HTMLElement;
  #rows: readonly Row[] = [];
  #cells = 0;
  #pieces = 0;
  #cursor: number | undefined;

  constructor() {
    this.#canvas = make("canvas", {
      class: "matrix",
      role: "img",
      tabindex: 0,
      "aria-label": "Pieces by peer",
      onpointermove: (event) => this.#point(event as PointerEvent),
      onpointerleave: () => this.#move(undefined),
      onblur: () => this.#move(undefined),
      onkeydown: (event) => this.#key(event as KeyboardEvent),
    });
    this.#said = make("p", { class: "said", "aria-live": "polite" });
    this.element = make(
      "div",
      {},
      make("h3", {}, "Pieces of each peer"),
      this.#canvas,
      this.#said,
    );
    onLookChange(() => this.#draw());
  }

  show(seats: readonly BoardSeat[]): void {
    const pieces = seats[0]?.pieces ?? 0;
    const same = seats.filter((seat) => seat.pieces === pieces);
    this.#pieces = pieces;
    this.#cells = Math.ceil(pieces / Math.max(1, Math.ceil(pieces / 1024)));
    this.#rows = same.map((seat) => ({
      name: seat.name,
      progress: seat.progress,
      have: Uint8Array.from(atob(seat.have), (byte) => byte.charCodeAt(0)),
      active: new Set(seat.active),
    }));
    const words = this.#rows.map(({ name, progress }) => `${name} ${share(progress)}`);
    this.#canvas.setAttribute(
      "aria-label",
      `Pieces by peer: ${words.join(", ")}. Arrow keys move between the pieces`,
    );
    this.#draw();
    this.#say();
  }

  #draw(): void {
    this.#canvas.style.height = `${(this.#rows.length + 1) * ROW}px`;
    if (this.#canvas.clientWidth === 0 || this.#cells === 0) return;
    const { context, width } = fitCanvas(this.#canvas);
    const cell = (width - NAMES) / this.#cells;
    const gap = cell >= 5 ? 1 : 0;
    const inks = { have: colour("have"), active: colour("active"), card: colour("card") };
    context.font = "600 15px system-ui, sans-serif";
    for (const [at, row] of this.#rows.entries()) {
      const y = at * ROW;
      context.fillStyle = colour("ink");
      context.fillText(row.name.slice(0, 15), 0, y + 18, NAMES - 8);
      context.fillStyle = inks.card;
      context.fillRect(NAMES, y + 2, width - NAMES, ROW - 5);
      for (let piece = 0; piece < this.#cells; piece++) {
        const active = row.active.has(piece);
        if (!active && !has(row, piece)) continue;
        context.fillStyle = active ? inks.active : inks.have;
        context.fillRect(NAMES + piece * cell, y + 2, Math.max(1, cell - gap), ROW - 5);
      }
    }
    const y = this.#rows.length * ROW;
    context.fillStyle = colour("ink");
    context.fillText("copies", 0, y + 18);
    const copies = this.#copies();
    const rarest = Math.min(...copies);
    const most = Math.max(1, this.#rows.length);
    const isUneven = rarest < Math.max(...copies);
    for (const [piece, count] of copies.entries()) {
      context.fillStyle = isUneven && count === rarest ? colour("rare") : colour("available");
      const height = Math.max(2, (ROW - 5) * count / most);
      context.fillRect(
        NAMES + piece * cell,
        y + ROW - 3 - height,
        Math.max(1, cell - gap),
        height,
      );
    }
    if (this.#cursor !== undefined) {
      context.strokeStyle = colour("ink");
      context.lineWidth = 2;
      context.strokeRect(NAMES + this.#cursor * cell, 1, Math.max(3, cell), y + ROW - 2);
    }
  }

  #copies(): number[] {
    return Array.from(
      { length: this.#cells },
      (_, piece) => this.#rows.filter((row) => has(row, piece)).length,
    );
  }

  #say(): void {
    const copies = this.#copies();
    if (copies.length === 0) return setText(this.#said, "");
    const rarest = Math.min(...copies);
    if (this.#cursor === undefined) {
      const many = copies.filter((count) => count === rarest).length;
      const words = `${count(rarest, "copy", "copies")} of the rarest pieces`;
      const part = rarest === this.#rows.length
        ? "Every peer has everything."
        : `Purple: ${words} (${many} of ${copies.length}); they are fetched first.`;
      return setText(this.#said, part);
    }
    const piece = this.#cursor;
    const who = this.#rows.filter((row) => has(row, piece)).map(({ name }) => name);
    const coming = this.#rows.filter((row) => row.active.has(piece)).map(({ name }) => name);
    const label = this.#cells === this.#pieces ? `Piece ${piece}` : `Pieces around cell ${piece}`;
    setText(
      this.#said,
      `${label}: ${who.length === 0 ? "no reporting peer has it" : `${who.join(", ")} have it`}` +
        (coming.length === 0 ? "" : `; being sent to ${coming.join(", ")}`) +
        (copies[piece] === rarest
          ? "; it is among the rarest, so it is fetched first and is not lost when a peer leaves"
          : ""),
    );
  }

  #point(event: PointerEvent): void {
    const cell = (this.#canvas.clientWidth - NAMES) / Math.max(1, this.#cells);
    const piece = Math.floor((event.offsetX - NAMES) / cell);
    this.#move(piece >= 0 && piece < this.#cells ? piece : undefined);
  }

  #key(event: KeyboardEvent): void {
    const step = ({ ArrowLeft: -1, ArrowRight: 1 } as Record<string, number>)[event.key];
    if (event.key === "Escape") this.#move(undefined);
    if (step === undefined) return;
    event.preventDefault();
    this.#move(Math.max(0, Math.min(this.#cells - 1, (this.#cursor ?? -step) + step)));
  }

  #move(piece: number | undefined): void {
    if (piece === this.#cursor) return;
    this.#cursor = piece;
    this.#draw();
    this.#say();
  }
}

function has({ have }: Row, piece: number): boolean {
  return ((have[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}
