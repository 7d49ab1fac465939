/**
 * View: a command's answer as plain data, without its looks.
 *
 * @module
 */
import type { PieceStatus } from "../../peer/mod.ts";
import type { LongPieces } from "./long_pieces.ts";

/** How a value is to be read. */
export type Unit =
  | "text"
  | "count"
  | "bytes"
  | "rate"
  | "seconds"
  /** 0 to 1. */
  | "share"
  | "pieces"
  | "yes-no";

/** A value; undefined is not known (and left out of records). */
export type Cell = string | number | boolean | readonly PieceStatus[] | LongPieces | undefined;

/** One column of a table, or one fact of a list. */
export interface Column {
  /** Its name in records and JSON. */
  readonly key: string;
  /** Its heading on a screen. Default: the key, with spaces. */
  readonly title?: string;
  /** Default "text". */
  readonly unit?: Unit;
  /** May become narrower. */
  readonly flexible?: boolean;
  /** A piece bar takes what room is left, up to so many cells. */
  readonly grow?: number;
  /** Left out on a narrow screen: the highest number first. Default: never. */
  readonly drop?: number;
  /** For JSON and records only: too wide or too dull for a table. */
  readonly hidden?: boolean;
}

export type Row = Readonly<Record<string, Cell>>;

/** A command's answer. `event` names each of its JSON lines. */
export type View =
  /** A sentence in one line, and lines below it. `facts` go into its JSON line. */
  | {
    readonly view: "sentence";
    readonly event: string;
    readonly text: string;
    readonly below?: readonly string[];
    readonly facts?: Row;
  }
  /** Something that went wrong beside what was answered: `error: …`, and exit status 1. */
  | { readonly view: "problem"; readonly text: string }
  /** One thing and what is known of it. `more` is for JSON only: what no line can say. */
  | {
    readonly view: "facts";
    readonly event: string;
    readonly columns: readonly Column[];
    readonly row: Row;
    readonly more?: Readonly<Record<string, unknown>>;
  }
  /** Several things of a kind. */
  | {
    readonly view: "table";
    readonly event: string;
    /** What its rows are called in JSON: all of them are one line. */
    readonly items: string;
    readonly heading?: string;
    readonly columns: readonly Column[];
    readonly rows: readonly Row[];
    /** What to say where there are no rows. */
    readonly empty: string;
    /** Laid out as a table also where nobody looks: words to read, no records. */
    readonly prose?: boolean;
  }
  | { readonly view: "several"; readonly views: readonly View[] };

/** Where text is going to be read. */
export interface TerminalStyle {
  /**
   * `"screen"`: laid out for a width. `"records"`: one thing a line, `key: value, key: value`.
   * `"pairs"`: titles and values between tabs; of one thing a pair a line, of several a thing a line.
   * `"json"`: one object a line.
   */
  readonly form: "screen" | "records" | "pairs" | "json";
  readonly columns: number;
  /** Lines of the window, where there is one. */
  readonly rows?: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}
