/**
 * One value of a view as text.
 *
 * @module
 */
import { formatBytes, formatDuration, formatRate, formatShare, visible } from "../base/format.ts";
import { pieceBar } from "./piece_bar.ts";
import type { Cell, Column } from "./view.ts";

/** A value on a screen; one that is not known is a dash. Pieces are drawn by the table. */
export function cellText(cell: Cell, column: Column): string {
  if (cell === undefined || cell === "") return "-";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "number") return numberText(cell, column);
  return typeof cell === "string" ? visible(cell) : "";
}

/** A value in a record: the same, in ASCII, with a piece map of at most 64 signs. */
export function cellRecord(cell: Cell, column: Column): string {
  if (typeof cell === "object") {
    return pieceBar(cell, Math.min(64, cell.length), { unicode: false });
  }
  return cellText(cell, column);
}

function numberText(value: number, column: Column): string {
  switch (column.unit) {
    case "bytes":
      return value < 0 ? `-${formatBytes(-value)}` : formatBytes(value);
    case "rate":
      return formatRate(value);
    case "seconds":
      return formatDuration(value);
    case "share":
      return formatShare(value);
    default:
      return String(value);
  }
}
