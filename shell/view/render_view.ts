/**
 * Views as text: tables for a screen, records or pairs for a pipe, JSON Lines.
 *
 * @module
 */
import { visible, visibleJson, wrap } from "../base/format.ts";
import { renderFacts, renderTable, titleOf } from "./table.ts";
import { cellRecord } from "./cell.ts";
import type { Column, Row, TerminalStyle, View } from "./view.ts";

export type { TerminalStyle } from "./view.ts";

/** The text of a view, each line ended; problems are left to {@linkcode problemsOf}. */
export function renderView(view: View, look: TerminalStyle): string {
  switch (view.view) {
    case "problem":
      return "";
    case "several":
      return view.views.map((part) => renderView(part, look)).filter((text) => text !== "")
        .join(look.form === "screen" ? "\n" : "");
    case "sentence": {
      const lines = [view.text, ...view.below ?? []];
      if (look.form === "json") {
        return jsonLine(view.event, view.facts ?? {}, { text: lines.join("\n") });
      }
      // A name with a line end in it begins no line.
      const text = lines.map(visible).join("\n");
      return (look.form === "screen" ? wrap(text, look.columns) : text) + "\n";
    }
    case "facts":
      if (look.form === "json") return jsonLine(view.event, view.row, view.more);
      if (look.form === "screen") return renderFacts(view.columns, view.row, look);
      return look.form === "records"
        ? recordLine(view.columns, view.row)
        : pairs(view.columns, view.row).map((pair) => `${pair}\n`).join("");
    case "table":
      if (look.form === "json") return jsonLine(view.event, { [view.items]: view.rows });
      if (view.rows.length === 0) return view.empty === "" ? "" : visible(view.empty) + "\n";
      if (look.form === "screen" || view.prose) return renderTable(view, look);
      return view.rows.map((row) =>
        look.form === "records"
          ? recordLine(view.columns, row)
          : `${pairs(view.columns, row).join("\t")}\n`
      ).join("");
  }
}

/** The sentences of a view's problems, in order. */
export function problemsOf(view: View): string[] {
  if (view.view === "problem") return [view.text];
  return view.view === "several" ? view.views.flatMap(problemsOf) : [];
}

function recordLine(columns: readonly Column[], row: Row): string {
  const parts: string[] = [];
  for (const column of columns) {
    const cell = row[column.key];
    if (cell === undefined) continue;
    parts.push(`${column.key}: ${quoteRecord(cellRecord(cell, column))}`);
  }
  return parts.join(", ") + "\n";
}

/** Titles and values. No tab is in either: a value's own is made visible. */
function pairs(columns: readonly Column[], row: Row): string[] {
  return columns.flatMap((column) => {
    const cell = row[column.key];
    return cell === undefined ? [] : [`${titleOf(column)}\t${cellRecord(cell, column)}`];
  });
}

/** A value that could be taken for two is quoted. */
function quoteRecord(text: string): string {
  return /, |^"|"$|^\s|\s$/.test(text) ? JSON.stringify(text) : text;
}

/** One JSON line. Keys that are not known are left out. */
export function jsonLine(
  event: string,
  row: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return visibleJson({ event, ...row, ...more }) + "\n";
}
