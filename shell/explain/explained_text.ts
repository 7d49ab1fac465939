/**
 * Explanations as lines: for a screen, for a text file, for JSON Lines. Pure.
 *
 * @module
 */
import { pad, shorten, visible } from "../format.ts";
import type { Explained } from "./explainer.ts";

const WHO_WIDTH = 12;

/** One line, and how far a second one of it would be indented. */
export function explainedLine(
  line: Explained,
  look: { readonly unicode: boolean },
): { text: string; indent: number } {
  const { sent, received, decided } = look.unicode
    ? { sent: "→", received: "←", decided: "•" }
    : { sent: "->", received: "<-", decided: "* " };
  const sign = line.direction === undefined ? decided : line.direction === "sent" ? sent : received;
  const who = shorten(visible(line.who ?? ""), WHO_WIDTH, look.unicode ? "…" : "~");
  const head = `${clock(line.time)}  ${pad(who, WHO_WIDTH)} ${sign} `;
  return { text: head + visible(line.text), indent: head.length };
}

/** The facts of a JSON line; `event` is put before them. */
export function explainedFacts(line: Explained): Record<string, unknown> {
  const { time, kind, direction, who, address, text, facts } = line;
  return {
    time: new Date(time).toISOString(),
    kind,
    direction,
    who,
    address,
    ...facts,
    text,
  };
}

/** Local time to the millisecond. */
function clock(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.` +
    String(date.getMilliseconds()).padStart(3, "0");
}
