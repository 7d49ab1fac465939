/**
 * A table whose rows stay the same elements while their cells change: focus and selection hold.
 *
 * @module
 */
/// <reference lib="dom" />
import { make, setText } from "./dom.ts";
import { explained } from "./tips.ts";

/** One column. */
export interface Column<T> {
  readonly title: string;
  /** Numbers line up on the right. */
  readonly isNumber?: boolean;
  /** Its text, or for a cell with elements in it: makes them. */
  readonly text?: (row: T) => string;
  readonly fill?: (row: T, cell: HTMLElement) => void;
  /** The cell that names the row. */
  readonly isHeader?: boolean;
  /** What the column means, for pointer, keyboard and touch. */
  readonly help?: string;
}

/** A table in a box that scrolls by itself where it is too wide. */
export class KeyedTable<T> {
  readonly element: HTMLElement;
  readonly #columns: readonly Column<T>[];
  readonly #key: (row: T) => string;
  readonly #body: HTMLTableSectionElement;
  readonly #empty: HTMLElement;
  readonly #table: HTMLTableElement;
  readonly #rows = new Map<string, HTMLTableRowElement>();

  /** @param label what it shows; @param empty what is said where there are no rows */
  constructor(
    options: {
      label: string;
      empty: string;
      columns: readonly Column<T>[];
      key: (row: T) => string;
    },
  ) {
    this.#columns = options.columns;
    this.#key = options.key;
    this.#body = make("tbody");
    this.#empty = make("p", { class: "empty" }, options.empty);
    const heads = options.columns.map(({ title, isNumber, help }) =>
      make(
        "th",
        { scope: "col", class: isNumber ? "number" : "" },
        help === undefined ? title : explained(title, help, "head"),
      )
    );
    this.#table = make(
      "table",
      { "aria-label": options.label },
      make("thead", {}, make("tr", {}, ...heads)),
      this.#body,
    );
    const box = { class: "scroll", tabindex: 0, role: "region", "aria-label": options.label };
    this.element = make("div", {}, make("div", box, this.#table), this.#empty);
    this.show([]);
  }

  /** The row of a key. */
  row(key: string): HTMLTableRowElement | undefined {
    return this.#rows.get(key);
  }

  /** Shows these rows, in their order. */
  show(rows: readonly T[]): void {
    this.#empty.hidden = rows.length > 0;
    this.#table.parentElement!.hidden = rows.length === 0;
    const keys = new Set(rows.map(this.#key));
    for (const [key, element] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    for (const [index, row] of rows.entries()) {
      const element = this.#rowOf(row);
      if (this.#body.children[index] !== element) {
        this.#body.insertBefore(element, this.#body.children[index] ?? null);
      }
      for (const [at, column] of this.#columns.entries()) {
        const cell = element.children[at] as HTMLElement;
        if (column.text !== undefined) setText(cell, column.text(row));
        else column.fill?.(row, cell);
      }
    }
  }

  #rowOf(row: T): HTMLTableRowElement {
    const key = this.#key(row);
    let element = this.#rows.get(key);
    if (element === undefined) {
      element = make(
        "tr",
        {},
        ...this.#columns.map(({ isNumber, isHeader, title }) =>
          isHeader
            ? make("th", { scope: "row", dir: "auto", "data-title": title })
            : make("td", { class: isNumber ? "number" : "", dir: "auto", "data-title": title })
        ),
      );
      this.#rows.set(key, element);
    }
    return element;
  }
}
