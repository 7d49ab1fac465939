/**
 * Row window: which rows of a long list are in sight, so that no others are made.
 *
 * @module
 */

/** A list as it is scrolled; heights in CSS px. */
export interface ScrolledRows {
  /** How far its first row has gone out of sight. */
  readonly top: number;
  /** Height of the part in which rows are seen. */
  readonly height: number;
  /** Height of one row. */
  readonly rowHeight: number;
  readonly count: number;
}

/** Rows from `first` up to, not including, `end`. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/** The rows in sight, and `spare` more at either end for the next frames of scrolling. */
export function rowWindow(rows: ScrolledRows, spare: number): RowWindow {
  const { top, height, rowHeight, count } = rows;
  const first = Math.floor(Math.max(0, top) / rowHeight) - spare;
  const end = Math.ceil((Math.max(0, top) + Math.max(0, height)) / rowHeight) + spare;
  return {
    first: Math.min(count, Math.max(0, first)),
    end: Math.max(0, Math.min(count, end)),
  };
}

/** Where to scroll to so that a row is in sight as a whole; undefined where it is. */
export function scrollTo(row: number, rows: ScrolledRows): number | undefined {
  const { top, height, rowHeight } = rows;
  const from = row * rowHeight;
  if (from < top) return from;
  // A view lower than a row shows the row's head.
  if (from + rowHeight > top + height) return Math.min(from, from + rowHeight - height);
  return undefined;
}
