/**
 * The ticker: the last decisions on the board and why, the newest first, each line in its place.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Decision } from "./board_decisions.ts";
import { make, setText } from "../dom.ts";

/** Lines: what can be read while it is new. */
export const TICKER_LINES = 6;

/** The lines. */
export class DecisionTicker {
  readonly element: HTMLElement;
  readonly #lines = Array.from({ length: TICKER_LINES }, makeLine);

  constructor() {
    const list = make("ol", { class: "ticker" }, ...this.#lines.map(({ line }) => line));
    this.element = make("div", { class: "ticker-part" }, make("h3", {}, "Last decisions"), list);
  }

  /**
   * Shows decisions, the newest first, as of a time in ms of the page's clock; where there are none,
   * `whyNone`.
   */
  show(decisions: readonly Decision[], at: number, whyNone: string): void {
    for (const [index, { line, ago, text, why }] of this.#lines.entries()) {
      const decision = decisions[index];
      line.className = decision?.kind ?? "none";
      const seconds = Math.max(0, Math.round((at - (decision?.at ?? at)) / 1000));
      const isRecent = seconds < 100 && decision?.isEarlier === false;
      setText(ago, decision === undefined ? "" : isRecent ? `${seconds} s` : "–");
      setText(text, decision?.text ?? (index === 0 ? "None yet" : ""));
      setText(why, decision?.why ?? (index === 0 ? whyNone : ""));
    }
  }
}

function makeLine() {
  const ago = make("span", { class: "ago" });
  const text = make("b", { dir: "auto" });
  const why = make("span", { class: "why", dir: "auto" });
  return { line: make("li", { class: "none" }, ago, make("i"), text, why), ago, text, why };
}
