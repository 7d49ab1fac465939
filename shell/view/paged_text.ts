/**
 * Paged text: a text longer than the terminal, which page of it is shown, and what is searched for
 * in it, by the keys of `less`. Pure.
 *
 * @module
 */
import { displayWidth, formatNumber, rowsOf, shorten, withoutPaint } from "../base/format.ts";

/** A key as a terminal tells it: `space`, `n`, `N`, `up`, `C-c`. */
export type Key = string;

const KEYS = [
  "space, Page Down     a page on          b, Page Up       a page back",
  "Enter, Down, j       a line on          Up, k            a line back",
  "d                    half a page on     u                half a page back",
  "g, Home              to the start       G, End           to the end",
  "/text Enter          searches           n, N             on to the next, or the one before",
  "q                    leaves",
];
const HINT = "space on, b back, / search, q leave, h keys";

/** Whether a text has more rows than a terminal has room for above its prompt. */
export function isLong(text: string, columns: number, rows: number): boolean {
  let count = 1;
  for (const line of text.trimEnd().split("\n")) {
    count += Math.max(1, Math.ceil(displayWidth(line) / columns));
    if (count > rows) return true;
  }
  return false;
}

/** See the module's text. */
export class PagedText {
  readonly #render: (columns: number) => string;
  #rows: readonly string[] = [];
  #columns = 0;
  #height = 0;
  #top = 0;
  /** What is searched for; empty for nothing. */
  #sought = "";
  /** What is being typed behind the slash. */
  #typed: string | undefined;
  #note: string | undefined;
  #showsKeys = false;

  /** @param render the text for so many columns, lines ended */
  constructor(render: (columns: number) => string) {
    this.#render = render;
  }

  /** The window has this size now; the first row in view stays about where it was. */
  resize(columns: number, rows: number): void {
    const share = this.#rows.length === 0 ? 0 : this.#top / this.#rows.length;
    if (columns !== this.#columns) {
      this.#rows = this.#render(columns).trimEnd().split("\n").flatMap((line) =>
        rowsOf(line, columns)
      );
    }
    this.#columns = columns;
    this.#height = Math.max(1, rows - 1);
    this.#goTo(Math.round(share * this.#rows.length));
  }

  /** The rows in view. */
  get page(): readonly string[] {
    return this.#rows.slice(this.#top, this.#top + this.#height);
  }

  /** All rows of the window; the last one says where this is. */
  frame(): string[] {
    const shown = this.#showsKeys ? KEYS.map((line) => shorten(line, this.#columns)) : this.page;
    const body = shown.map((row) => this.#showsKeys ? row : this.#marked(row));
    const empty = Array.from({ length: this.#height - body.length }, () => "");
    return [...body, ...empty, this.#lastRow()];
  }

  /** Whether to go on. */
  press(key: Key): boolean {
    if (this.#typed !== undefined) return this.#type(key);
    this.#note = undefined;
    if (this.#showsKeys) {
      this.#showsKeys = false;
      return true;
    }
    const half = Math.max(1, Math.floor(this.#height / 2));
    // Two rows of the page before stay in view, so that the eye finds where it was.
    const page = Math.max(1, this.#height - 2);
    const by = {
      "space": page,
      "f": page,
      "pagedown": page,
      "b": -page,
      "pageup": -page,
      "d": half,
      "u": -half,
      "down": 1,
      "j": 1,
      "return": 1,
      "enter": 1,
      "up": -1,
      "k": -1,
      "g": -Infinity,
      "home": -Infinity,
      "G": Infinity,
      "end": Infinity,
    }[key];
    if (by !== undefined) this.#goTo(this.#top + by);
    else if (key === "/") this.#typed = "";
    else if (key === "n" || key === "N") this.#search(key === "n" ? 1 : -1);
    else if (key === "h" || key === "?") this.#showsKeys = true;
    return !["q", "Q", "escape", "C-c", "C-d"].includes(key);
  }

  #type(key: Key): boolean {
    const typed = this.#typed!;
    if (key === "return" || key === "enter") {
      this.#typed = undefined;
      if (typed !== "") this.#sought = typed;
      this.#search(0);
    } else if (key === "escape" || key === "C-c") this.#typed = undefined;
    else if (key === "backspace") this.#typed = typed === "" ? undefined : typed.slice(0, -1);
    else if (key === "space") this.#typed = `${typed} `;
    else if ([...key].length === 1) this.#typed = typed + key;
    return true;
  }

  /** Goes to a row with the text: from this one on (0), the next (1) or the one before (-1). */
  #search(step: -1 | 0 | 1): void {
    if (this.#sought === "") {
      return void (this.#note = "Nothing is searched for: type / and a text");
    }
    const way = step === -1 ? -1 : 1;
    const from = this.#top + step;
    for (let at = from; at >= 0 && at < this.#rows.length; at += way) {
      if (this.#findIn(withoutPaint(this.#rows[at]!)) < 0) continue;
      return this.#goTo(at);
    }
    const where = step === -1 ? "above" : "below";
    this.#note = `"${this.#sought}" is not ${where}`;
  }

  /** Capitals count only where some were typed. */
  #findIn(row: string): number {
    const sought = this.#sought;
    return sought === sought.toLowerCase()
      ? row.toLowerCase().indexOf(sought)
      : row.indexOf(sought);
  }

  #marked(row: string): string {
    if (this.#sought === "") return row;
    const text = withoutPaint(row);
    const at = this.#findIn(text);
    if (at < 0) return row;
    const end = at + this.#sought.length;
    return `${text.slice(0, at)}\x1b[7m${text.slice(at, end)}\x1b[27m${text.slice(end)}`;
  }

  #goTo(top: number): void {
    this.#top = Math.max(0, Math.min(top, this.#rows.length - this.#height));
  }

  #lastRow(): string {
    if (this.#typed !== undefined) return shorten(`/${this.#typed}`, this.#columns - 1);
    const last = Math.min(this.#rows.length, this.#top + this.#height);
    const isEnd = last === this.#rows.length;
    const [first, end, all] = [this.#top + 1, last, this.#rows.length].map(formatNumber);
    const where = `${first} to ${end} of ${all}${isEnd ? " (end)" : ""}`;
    const text = this.#note ?? (this.#showsKeys ? "any key goes back" : `${where}: ${HINT}`);
    return `\x1b[7m${shorten(text, this.#columns - 1)}\x1b[27m`;
  }
}
