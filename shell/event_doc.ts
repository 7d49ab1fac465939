/**
 * What is said of one kind of `--json` line.
 *
 * @module
 */

/** What a field holds; `?` behind it: it may be left out or null. */
export type FieldType = `${"text" | "number" | "flag" | "list" | "object"}${"" | "?"}`;

/** One kind of line. */
export interface EventDoc {
  readonly says: string;
  /** Beside `event`. */
  readonly fields: Readonly<Record<string, FieldType>>;
}
