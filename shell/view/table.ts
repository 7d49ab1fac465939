/**
 * Tables and lists of facts that fit a screen's width.
 *
 * @module
 */
import { cellText } from "./cell.ts";
import { displayWidth, pad, shorten, wrap } from "../base/format.ts";
import { pieceBar } from "./piece_bar.ts";
import type { Cell, Column, Row, TerminalStyle, View } from "./view.ts";

const GAP = "  ";
const NARROWEST = 8;
/** A name of so many columns can still be told from others: before it gets shorter, columns go. */
const READABLE = 24;
const BAR_WIDTH = 20;
const RIGHT: ReadonlySet<string | undefined> = new Set([
  "count",
  "bytes",
  "rate",
  "seconds",
  "share",
]);

const HUES = { green: 32, yellow: 33, cyan: 36 } as const;

/** Colours, or nothing where there are none. */
export function paint(look: Pick<TerminalStyle, "colour">): {
  bold: (text: string) => string;
  dim: (text: string) => string;
  red: (text: string) => string;
  hue: (name: keyof typeof HUES, text: string) => string;
} {
  const code = (on: number, off: number) => (text: string) =>
    look.colour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    hue: (name, text) => code(HUES[name], 39)(text),
  };
}

/** A table with a heading line; columns are dropped and shortened until it fits. */
export function renderTable(view: View & { view: "table" }, look: TerminalStyle): string {
  if (view.prose) return renderProse(view, look);
  const columns = fitColumns(view.columns.filter((column) => !column.hidden), view.rows, look);
  const ellipsis = look.unicode ? "…" : "~";
  const { bold, dim } = paint(look);
  // Cut where even the narrowest columns are too wide.
  const line = (texts: string[]): string =>
    shorten(texts.join(GAP).trimEnd(), look.columns, ellipsis) + "\n";
  const heading = line(
    columns.map(({ column, width }) =>
      pad(shorten(titleOf(column), width, ellipsis), width, sideOf(column))
    ),
  );
  const body = view.rows.map((row) =>
    line(columns.map(({ column, width }) => {
      const text = drawCell(row[column.key], column, width, look);
      return column.unit === "pieces"
        ? pad(text, width)
        : pad(shorten(text, width, ellipsis), width, sideOf(column));
    }))
  );
  const title = view.heading === undefined ? "" : bold(view.heading) + "\n";
  return title + dim(heading.trimEnd()) + "\n" + body.join("");
}

/** Columns of room that words beside a name want at least; with less they stand below it. */
const LEAST_WORDS = 28;

/** Names with words about them, which are never cut: they go on in the next line. */
function renderProse({ columns, rows }: View & { view: "table" }, look: TerminalStyle): string {
  const [name, words] = columns as [Column, Column];
  const texts = [{ [name.key]: titleOf(name), [words.key]: titleOf(words) }, ...rows].map((row) =>
    [cellText(row[name.key], name), cellText(row[words.key], words)] as const
  );
  const margin = Math.max(...texts.map(([text]) => displayWidth(text))) + GAP.length;
  const isBeside = look.columns - margin >= LEAST_WORDS;
  const { dim } = paint(look);
  const lines = texts.map(([text, about]) =>
    isBeside
      ? wrap(pad(text, margin) + about, look.columns, margin)
      : `${text}\n${wrap(`    ${about}`, look.columns, 4)}`
  );
  const heading = isBeside ? [dim(lines[0]!)] : [];
  return [...heading, ...lines.slice(1)].join("\n") + "\n";
}

/** Facts one below the other, names at the left. */
export function renderFacts(columns: readonly Column[], row: Row, look: TerminalStyle): string {
  const known = columns.filter((column) => row[column.key] !== undefined && !column.hidden);
  const margin = Math.max(0, ...known.map((column) => displayWidth(titleOf(column)))) + GAP.length;
  const { dim } = paint(look);
  return known.map((column) => {
    const width = Math.max(NARROWEST, look.columns - margin);
    const text = column.unit === "pieces"
      ? drawCell(row[column.key], column, Math.min(64, width), look)
      : cellText(row[column.key], column);
    return wrap(dim(pad(titleOf(column), margin)) + text, look.columns, margin) + "\n";
  }).join("");
}

function drawCell(cell: Cell, column: Column, width: number, look: TerminalStyle): string {
  return typeof cell === "object" ? pieceBar(cell, width, look) : cellText(cell, column);
}

/** A column's heading. */
export function titleOf(column: Column): string {
  return column.title ?? column.key.replaceAll("_", " ");
}

function sideOf(column: Column): "left" | "right" {
  return RIGHT.has(column.unit) ? "left" : "right";
}

interface Placed {
  readonly column: Column;
  width: number;
}

/** Which columns are shown, and how wide: first the flexible ones give way, then the dull ones go. */
function fitColumns(
  columns: readonly Column[],
  rows: readonly Row[],
  look: TerminalStyle,
): Placed[] {
  let placed = columns.map((column): Placed => ({ column, width: naturalWidth(column, rows) }));
  while (true) {
    const excess = totalWidth(placed) - look.columns;
    if (excess <= 0) {
      grow(placed, -excess);
      return placed;
    }
    const flexible = placed.filter(({ column }) => column.flexible);
    const dullest = placed.reduce<Placed | undefined>(
      (found, one) => (one.column.drop ?? 0) > (found?.column.drop ?? 0) ? one : found,
      undefined,
    );
    const give = sum(flexible.map(({ width }) => width - least(width, dullest !== undefined)));
    if (dullest === undefined || give >= excess) {
      narrow(flexible, Math.min(give, excess));
      return placed;
    }
    placed = placed.filter((one) => one !== dullest);
  }
}

/** How narrow a column may become, while others could be left out in its place or not. */
function least(width: number, others: boolean): number {
  const narrowest = Math.min(width, NARROWEST);
  // Short names lose half of what they could.
  return others ? Math.min(Math.ceil((width + narrowest) / 2), READABLE) : narrowest;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Gives what room is left to the bars that want it. */
function grow(placed: Placed[], room: number): void {
  for (const one of placed) {
    const more = Math.min(room, Math.max(0, (one.column.grow ?? 0) - one.width));
    one.width += more;
    room -= more;
  }
}

/** Takes `excess` columns away from the widest, one by one. */
function narrow(flexible: Placed[], excess: number): void {
  for (let left = excess; left > 0; left--) {
    const widest = flexible.reduce((a, b) => (b.width > a.width ? b : a));
    widest.width--;
  }
}

function naturalWidth(column: Column, rows: readonly Row[]): number {
  const cells = rows.map((row) => {
    const cell = row[column.key];
    if (typeof cell === "object") return BAR_WIDTH;
    return displayWidth(cellText(cell, column));
  });
  return Math.max(displayWidth(titleOf(column)), ...cells);
}

function totalWidth(placed: readonly Placed[]): number {
  return sum(placed.map(({ width }) => width)) + GAP.length * (placed.length - 1);
}
