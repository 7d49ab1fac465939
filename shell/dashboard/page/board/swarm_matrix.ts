/**
 * Pieces of each peer: a row for each peer, filling up, with how far it is and how long it still
 * takes. Of a peer that does not report only the share is known.
 *
 * @module
 */
/// <reference lib="dom" />
import type { BoardSeat } from "../api_types.ts";
import type { BoardPeer } from "./board_moment.ts";
import { colour, fitCanvas, make, onLookChange, setAttribute, setText } from "../dom.ts";
import { type MatrixSize, matrixSize } from "./matrix_layout.ts";
import { count, share } from "../words.ts";

/** A row read out of a report, or of an announce: no pieces then. */
interface Row {
  readonly name: string;
  readonly progress: number;
  readonly eta: number | null;
  readonly have: Uint8Array | undefined;
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
  #size: MatrixSize = matrixSize(0, 0, undefined);
  /** Height that it has to fit into, CSS px; undefined where the page grows with it. */
  #room: (() => number) | undefined;

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
      { class: "matrix-part" },
      make("h3", {}, "Pieces of each peer"),
      make("div", { class: "matrix-box" }, this.#canvas),
      this.#said,
    );
    onLookChange(() => this.#draw());
  }

  /** A row for each of `peers`; `seats` are those that report. */
  show(seats: readonly BoardSeat[], peers: ReadonlyMap<string, BoardPeer>): void {
    const pieces = seats[0]?.pieces ?? 0;
    const same = new Map(
      seats.filter((seat) => seat.pieces === pieces).map((seat) => [seat.peer_id, seat]),
    );
    this.#pieces = pieces;
    this.#cells = Math.ceil(pieces / Math.max(1, Math.ceil(pieces / 1024)));
    this.#rows = [...peers.values()].map(({ id, name, progress, eta }): Row => {
      const seat = same.get(id);
      const have = seat && Uint8Array.from(atob(seat.have), (byte) => byte.charCodeAt(0));
      return { name, progress, eta, have, active: new Set(seat?.active) };
    });
    const words = this.#rows.map(({ name, progress }) => `${name} ${share(progress)}`);
    setAttribute(
      this.#canvas,
      "aria-label",
      `Pieces by peer: ${words.join(", ")}. Arrow keys move between the pieces`,
    );
    this.#draw();
    this.#say();
  }

  /** Fits into a height from now on, or, with undefined, grows with its rows. */
  fit(room: (() => number) | undefined): void {
    this.#room = room;
    this.#draw();
  }

  #draw(): void {
    const room = this.#room?.();
    const size = this.#size = matrixSize(this.#canvas.clientWidth, this.#rows.length, room);
    const height = `${size.height}px`;
    if (this.#canvas.style.height !== height) this.#canvas.style.height = height;
    if (this.#canvas.clientWidth === 0) return;
    const { context } = fitCanvas(this.#canvas);
    context.font = `600 ${size.font}px system-ui, sans-serif`;
    for (const [at, row] of this.#rows.slice(0, size.rows).entries()) {
      this.#drawRow(context, row, at * size.row);
    }
    const more = this.#rows.length - size.rows;
    const y = size.rows * size.row;
    const words = [more > 0 ? `+${more} more` : "", this.#cells > 0 ? "copies" : ""];
    this.#drawWords(context, words.filter((word) => word !== "").join(", "), y);
    if (this.#cells > 0) this.#drawCopies(context, y);
    if (this.#cursor !== undefined) {
      const cell = size.cells / this.#cells;
      context.strokeStyle = colour("ink");
      context.lineWidth = 2;
      context.strokeRect(size.names + this.#cursor * cell, 1, Math.max(3, cell), y + size.row - 2);
    }
  }

  #drawRow(context: CanvasRenderingContext2D, row: Row, y: number): void {
    const { names, cells: width, row: height, facts } = this.#size;
    this.#drawWords(context, row.name, y);
    const thick = height - 5;
    context.fillStyle = colour("card");
    context.fillRect(names, y + 2, width, thick);
    if (row.have === undefined) {
      context.globalAlpha = 0.55;
      context.fillStyle = colour(row.progress >= 1 ? "have" : "down");
      context.fillRect(names, y + 2 + thick / 4, width * row.progress, thick / 2);
      context.globalAlpha = 1;
    }
    const cell = width / Math.max(1, this.#cells);
    const gap = cell >= 5 ? 1 : 0;
    const [have, active] = [colour("have"), colour("active")];
    const inkOf = (piece: number) =>
      row.active.has(piece) ? active : has(row, piece) ? have : undefined;
    for (let piece = 0; piece < this.#cells && row.have !== undefined;) {
      const ink = inkOf(piece);
      // Where nothing is between the cells, neighbours of one colour are one rectangle.
      let end = piece + 1;
      while (gap === 0 && end < this.#cells && inkOf(end) === ink) end++;
      if (ink !== undefined) {
        context.fillStyle = ink;
        const wide = Math.max(1, (end - piece) * cell - gap);
        context.fillRect(names + piece * cell, y + 2, wide, thick);
      }
      piece = end;
    }
    if (facts === 0) return;
    const eta = row.eta === null || row.progress >= 1 ? "" : soon(row.eta);
    context.fillStyle = colour("ink");
    const percent = share(row.progress).replace(/\.\d+ %$/, " %");
    context.textAlign = "right";
    const middle = y + height / 2 + this.#size.font * 0.35 - 1;
    context.fillText(percent, names + width + facts * 0.5, middle);
    context.fillStyle = colour("muted");
    context.fillText(eta, names + width + facts, middle, facts * 0.48);
    context.textAlign = "left";
  }

  #drawWords(context: CanvasRenderingContext2D, words: string, y: number): void {
    const { names, row, font } = this.#size;
    context.fillStyle = colour("ink");
    context.fillText([...words].slice(0, 15).join(""), 0, y + row / 2 + font * 0.35 - 1, names - 8);
  }

  #drawCopies(context: CanvasRenderingContext2D, y: number): void {
    const { names, cells: width, row } = this.#size;
    const cell = width / this.#cells;
    const gap = cell >= 5 ? 1 : 0;
    const copies = this.#copies();
    const rarest = Math.min(...copies);
    const most = Math.max(1, this.#rows.length);
    const isUneven = rarest < Math.max(...copies);
    for (const [piece, count] of copies.entries()) {
      context.fillStyle = isUneven && count === rarest ? colour("rare") : colour("available");
      const height = Math.max(2, (row - 5) * count / most);
      context.fillRect(
        names + piece * cell,
        y + row - 3 - height,
        Math.max(1, cell - gap),
        height,
      );
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
      const part = this.#rows.every(({ progress }) => progress >= 1)
        ? "Every peer has everything."
        : rarest === Math.max(...copies)
        ? `Each piece is here ${rarest === 1 ? "once" : `${rarest} times`}.`
        : `Purple: the rarest, ${count(rarest, "copy", "copies")} ` +
          `(${many} of ${count(copies.length, "piece")}); fetched first.`;
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
    const cell = this.#size.cells / Math.max(1, this.#cells);
    const piece = Math.floor((event.offsetX - this.#size.names) / cell);
    this.#move(piece >= 0 && piece < this.#cells ? piece : undefined);
  }

  #key(event: KeyboardEvent): void {
    const step = ({ ArrowLeft: -1, ArrowRight: 1 } as Record<string, number>)[event.key];
    if (event.key === "Escape") this.#move(undefined);
    if (step === undefined) return;
    event.preventDefault();
    if (this.#cells === 0) return;
    this.#move(Math.max(0, Math.min(this.#cells - 1, (this.#cursor ?? -step) + step)));
  }

  #move(piece: number | undefined): void {
    if (piece === this.#cursor) return;
    this.#cursor = piece;
    this.#draw();
    this.#say();
  }
}

/** `42 s`, `2 min`: as exact as it is read from the back row. */
function soon(seconds: number): string {
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function has({ have }: Row, piece: number): boolean {
  return ((have?.[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}
