/**
 * A figure: a drawing and the numbers it shows.
 *
 * @module
 */

/** The numbers of a figure, a column each. */
export interface DataTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Rows that the page shows, where that is fewer: its file has all. */
  readonly onPage?: number;
  /** What is not among the rows, and where that is, in a sentence. */
  readonly beyond?: string;
}

/** One figure. */
export interface Figure {
  /** the name of its files, e.g. `completion` */
  readonly id: string;
  readonly title: string;
  /** what one sees, in a sentence */
  readonly says: string;
  readonly width: number;
  readonly height: number;
  /** the SVG's contents: elements with the classes of style.ts, no style of their own */
  readonly body: string;
  readonly table: DataTable;
}

/** Text as it stands in HTML and SVG, also in an attribute. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** A number and its unit. */
const NUMBER = /(\d) (?=(?:%|[kMG]?B|s)(?!\w))/g;
/** A flag, with its value where that is a setting. */
const FLAG = /(^|[\s(])(--[a-z]+(?: [\w.]+=[^\s.?;]+(?:\.[^\s.?;]+)*)?)/g;

/** Prose as HTML: no number stands on another line than its unit, no flag than its value. */
export function prose(text: string): string {
  return escaped(text.replace(NUMBER, "$1\u00a0")).replace(FLAG, '$1<span class="whole">$2</span>');
}

/** A name that files and anchors can have. */
export function fileName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

/** A coordinate: one digit, so that the same run makes the same bytes everywhere. */
export function at(value: number): string {
  return String(Number(value.toFixed(1)));
}
