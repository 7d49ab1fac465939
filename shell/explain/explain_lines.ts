/**
 * Explanations as lines: for a screen, for a text file, for JSON Lines. Pure.
 *
 * @module
 */
import { pad, shorten, visible } from "../base/format.ts";
import { paint } from "../view/table.ts";
import type { Explained } from "./explainer.ts";

const WHO_WIDTH = 12;
const HUES = { sent: "cyan", received: "green" } as const;

/** One line, and how far a second one of it would be indented. */
export function explainedLine(
  line: Explained,
  look: { readonly unicode: boolean; readonly colour?: boolean },
): { text: string; indent: number } {
  const { sent, received, decided } = look.unicode
    ? { sent: "→", received: "←", decided: "•" }
    : { sent: "->", received: "<-", decided: "* " };
  const sign = line.direction === undefined ? decided : line.direction === "sent" ? sent : received;
  const who = shorten(visible(line.who ?? ""), WHO_WIDTH, look.unicode ? "…" : "~");
  const { bold, dim, hue } = paint({ colour: look.colour ?? false });
  const colour = line.direction === undefined ? "yellow" : HUES[line.direction];
  const time = clock(line.time);
  const head = `${dim(time)}  ${bold(pad(who, WHO_WIDTH))} ${hue(colour, sign)} `;
  const indent = time.length + 2 + WHO_WIDTH + 1 + sign.length + 1;
  return { text: head + visible(line.text), indent };
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
