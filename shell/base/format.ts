/**
 * Numbers and names as people read them. Pure: the same text for the same value everywhere.
 *
 * @module
 */
import stringWidth from "fast-string-width";
import { formatBytes } from "../dashboard/page/byte_units.ts";

export { formatBytes };

/** Bytes per second. */
export function formatRate(bytesPerSecond: number): string {
  return Number.isFinite(bytesPerSecond)
    ? `${formatBytes(Math.round(bytesPerSecond))}/s`
    : "at once";
}

/** Seconds in at most two units: `0s`, `45s`, `3m 20s`, `2h 05m`, `3d 4h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "∞";
  const total = Math.max(0, Math.round(seconds));
  const [days, hours] = [Math.floor(total / 86400), Math.floor(total / 3600) % 24];
  const [minutes, rest] = [Math.floor(total / 60) % 60, total % 60];
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${String(minutes).padStart(2, "0")}m`;
  if (minutes > 0) return `${minutes}m ${String(rest).padStart(2, "0")}s`;
  return `${rest}s`;
}

/** How long something took: tenths where they matter. */
export function formatElapsed(seconds: number): string {
  return seconds < 9.95 ? `${seconds.toFixed(1)}s` : formatDuration(seconds);
}

/** A share of 1 in percent, rounded down: `100%` means all of it. */
export function formatShare(share: number): string {
  const tenths = Math.floor(Math.min(1, Math.max(0, share)) * 1000 + 1e-9);
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)}%`;
}

let grouped: Intl.NumberFormat | undefined;

/** `1,204`. */
export function formatNumber(count: number): string {
  grouped ??= new Intl.NumberFormat("en-US");
  return grouped.format(count);
}

/** `1 piece`, `2 pieces`, `1,204 pieces`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** Control characters (C0, DEL, C1), and what reverses text or is not seen. */
const HIDDEN =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * A name from elsewhere, fit for a terminal: control characters and those that reverse or hide text
 * are written as escapes (`\x1b`, `\u202e`), so that nothing but what is seen is there.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, "0")}`
      : `\\u{${code.toString(16)}}`;
  });
}

/** The same for text that is painted and laid out: colours, line ends and tabs stay. */
export function visibleExceptPaint(text: string): string {
  return text.split(PAINT_OR_LINE_END)
    .map((part, index) => index % 2 === 1 ? part : visible(part)).join("");
}

/** JSON in one line that reads the same and in which nothing acts on a terminal or hides. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(
    HIDDEN,
    (character) =>
      // A character beyond the first plane takes two escapes.
      character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
  );
}

/** A colour, as a part of its own where a text is split: ours, since those of others are visible. */
// deno-lint-ignore no-control-regex -- it is what is looked for
const PAINT = /(\x1b\[[0-9;]*m)/;
// deno-lint-ignore no-control-regex -- as above
const PAINT_OR_LINE_END = /(\x1b\[[0-9;]*m|[\n\t])/;
const PLAIN = /^[\x20-\x7e]*$/;
/** Made when it is first needed: that takes 8 ms, which no start should wait for. */
let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Columns that a text takes in a terminal: wide characters two, combined ones and colours none. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  // Names from macOS are decomposed: the parts of a Korean syllable share their columns.
  return stringWidth(text.normalize());
}

/**
 * How a text that is too long loses its middle: the end of a file name tells as much as its start.
 * Colours take no columns and all stay, so that what was painted ends where it is cut.
 */
export function shorten(text: string, width: number, ellipsis = "…"): string {
  if (displayWidth(text) <= width) return text;
  const room = width - ellipsis.length;
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  const parts = text.split(PAINT).flatMap((part, index) =>
    index % 2 === 1 ? [part] : [...graphemes(part)].map(({ segment }) => segment)
  );
  const tailAt = parts.length - countFitting(parts.toReversed(), Math.floor(room / 2));
  const tail = parts.slice(tailAt);
  const headEnd = countFitting(parts, room - displayWidth(tail.join("")));
  const colours = parts.slice(headEnd, tailAt).filter((part) => part.startsWith("\x1b"));
  return parts.slice(0, headEnd).join("") + ellipsis + colours.join("") + tail.join("");
}

/**
 * Text in lines of at most `width` columns, broken at spaces where there are any. What is broken off
 * is indented by `indent` columns.
 */
export function wrap(text: string, width: number, indent = 0): string {
  return text.split("\n").map((line) => wrapLine(line, width, indent)).join("\n");
}

function wrapLine(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\s)/)) {
    // A link that no line has room for stays where it is.
    const fitsAlone = displayWidth(word.trimEnd()) <= width - indent;
    if (line !== "" && fitsAlone && displayWidth((line + word).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = " ".repeat(indent);
    }
    line += word;
  }
  return [...lines, line].join("\n");
}

/** A text without colours. */
export function withoutPaint(text: string): string {
  return text.split(PAINT).filter((_part, index) => index % 2 === 0).join("");
}

/** The rows that a line takes in a terminal, which breaks it wherever it is full. */
export function rowsOf(line: string, columns: number): string[] {
  if (displayWidth(line) <= columns) return [line];
  const rows: string[] = [];
  let [row, width, colour] = ["", 0, ""];
  for (const [index, part] of line.split(PAINT).entries()) {
    if (index % 2 === 1) {
      [row, colour] = [row + part, part];
      continue;
    }
    for (const { segment } of graphemes(part)) {
      const wide = displayWidth(segment);
      if (width + wide > columns) {
        rows.push(row);
        [row, width] = [colour, 0];
      }
      row += segment;
      width += wide;
    }
  }
  return [...rows, row];
}

/** A sentence with its end, so that another can follow. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** How many of the first parts take at most so many columns. */
function countFitting(parts: readonly string[], columns: number): number {
  let width = 0;
  const end = parts.findIndex((part) => (width += displayWidth(part)) > columns);
  return end < 0 ? parts.length : end;
}

/** A text filled up with spaces to `width` columns; numbers stand at the right. */
export function pad(text: string, width: number, side: "left" | "right" = "right"): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(text)));
  return side === "right" ? text + space : space + text;
}
