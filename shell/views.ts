/**
 * Views as text: tables for a screen, `key: value, key: value` records for a pipe, JSON Lines.
 *
 * @module
 */
import { visible, visibleJson, wrap } from "./format.ts";
import { renderFacts, renderTable } from "./table.ts";
import { cellRecord } from "./cell.ts";
import type { Column, Look, Row, View } from "./view.ts";

export type { Look } from "./view.ts";

/** The text of a view, each line ended; problems are left to {@linkcode problemsOf}. */
export function renderView(view: View, look: Look): string {
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
      return look.form === "records"
        ? recordLine(view.columns, view.row)
        : renderFacts(view.columns, view.row, look);
    case "table":
      if (look.form === "json") return jsonLine(view.event, { [view.items]: view.rows });
      if (view.rows.length === 0) return view.empty === "" ? "" : visible(view.empty) + "\n";
      return look.form === "records" && !view.prose
        ? view.rows.map((row) => recordLine(view.columns, row)).join("")
        : renderTable(view, look);
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
