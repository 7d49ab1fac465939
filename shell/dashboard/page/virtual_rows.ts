/**
 * Virtual rows: of a list of any length only what is in sight has elements.
 *
 * @module
 */
/// <reference lib="dom" />
import { make, setAttribute } from "./dom.ts";
import { rowWindow, type ScrolledRows, scrollTo } from "./row_window.ts";

/** Rows that are made beyond either end of what is seen. */
const SPARE = 6;

/** What the rows are made of. */
export interface RowOptions<T> {
  /** The box that scrolls. Its property `--row` is the height of a row in px. */
  readonly scroller: HTMLElement;
  /** Height of what stays at the top of the box, px. */
  readonly head: () => number;
  readonly key: (row: T) => string;
  /** A new element for a row, still empty of facts. */
  readonly make: (row: T) => HTMLElement;
  /** Puts the facts in; called where the row is another object than before, or on `refresh`. */
  readonly fill: (element: HTMLElement, row: T, index: number) => void;
  /** Called when other rows may have elements than before. */
  readonly drawn?: () => void;
}

/** The rows of one scrolling box. They keep their elements while they are in sight. */
export class VirtualRows<T> {
  readonly element: HTMLElement = make("div", { class: "rows", role: "rowgroup" });
  readonly #options: RowOptions<T>;
  readonly #shown = new Map<string, { element: HTMLElement; row: T; index: number }>();
  #rows: readonly T[] = [];
  #rowHeight = 0;
  #frame = 0;

  constructor(options: RowOptions<T>) {
    this.#options = options;
    const { scroller } = options;
    scroller.addEventListener("scroll", () => {
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw(false);
      });
    }, { passive: true });
    new ResizeObserver(() => this.#resize()).observe(scroller);
  }

  /** Shows these rows, in their order. */
  show(rows: readonly T[]): void {
    this.#rows = rows;
    this.#draw(false);
  }

  /** Fills what is in sight again: something beside the rows is another. */
  refresh(): void {
    this.#draw(true);
  }

  /** Scrolls as little as needed to have a row in sight. */
  reveal(index: number): void {
    const to = scrollTo(index, this.#scrolled());
    if (to !== undefined) this.#options.scroller.scrollTop = to;
    this.#draw(false);
  }

  /** Whether the row of a key has an element. */
  has(key: string): boolean {
    return this.#shown.has(key);
  }

  /** Rows that fit into the box. */
  get perPage(): number {
    const { height, rowHeight } = this.#scrolled();
    return Math.max(1, Math.floor(height / rowHeight) - 1);
  }

  #resize(): void {
    const height = this.#measured();
    if (height !== this.#rowHeight) { for (const one of this.#shown.values()) one.index = -1; }
    this.#rowHeight = height;
    this.#draw(false);
  }

  #measured(): number {
    const text = getComputedStyle(this.#options.scroller).getPropertyValue("--row");
    return Number.parseFloat(text) || 40;
  }

  #scrolled(): ScrolledRows {
    const { scroller, head } = this.#options;
    this.#rowHeight ||= this.#measured();
    return {
      top: scroller.scrollTop,
      height: scroller.clientHeight - head(),
      rowHeight: this.#rowHeight,
      count: this.#rows.length,
    };
  }

  #draw(isAnew: boolean): void {
    const scrolled = this.#scrolled();
    const { rowHeight, count } = scrolled;
    const height = `${count * rowHeight}px`;
    if (this.element.style.height !== height) this.element.style.height = height;
    const { first, end } = rowWindow(scrolled, SPARE);
    const { key, make, fill } = this.#options;
    const wanted = new Set<string>();
    for (let index = first; index < end; index++) wanted.add(key(this.#rows[index]!));
    for (const [name, { element }] of this.#shown) {
      if (wanted.has(name)) continue;
      element.remove();
      this.#shown.delete(name);
    }
    for (let index = first; index < end; index++) {
      const row = this.#rows[index]!;
      const name = key(row);
      let one = this.#shown.get(name);
      const isNew = one === undefined;
      if (one === undefined) {
        one = { element: make(row), row, index: -1 };
        this.#shown.set(name, one);
        this.element.append(one.element);
      }
      if (isNew || isAnew || one.row !== row) fill(one.element, row, index);
      if (one.index !== index) {
        one.element.style.transform = `translateY(${index * rowHeight}px)`;
        setAttribute(one.element, "aria-rowindex", String(index + 2));
      }
      one.row = row;
      one.index = index;
    }
    this.#options.drawn?.();
  }
}
