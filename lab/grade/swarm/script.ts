/**
 * Script of typed lines and awaited output, decided over text alone: placeholders, and the place on
 * the screen behind which the next awaited line has to come.
 *
 * @module
 */
import type { Pattern, PatternMatch } from "./pattern.ts";
import { fill, fillPattern, type Values } from "./placeholders.ts";
import type { Step } from "./template.ts";

/** Characters of the screen behind the last match that a pattern is tried on: bounds its time. */
export const MATCHED_AT_MOST = 32_768;

/** What a screen shows, without what moves cursors and paints. */
export function plainText(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- these are what is taken out
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,300}(?:\x07|\x1b\\)|\x1b[@-Z\\-_]/g, "")
    .replace(/\r+\n/g, "\n")
    // deno-lint-ignore no-control-regex -- these are what is taken out
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "")
    // What reverses text, or is not seen.
    .replace(/[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, "");
}

/** What to do next. */
export type Action =
  | { readonly do: "type"; readonly line: number; readonly text: string }
  | { readonly do: "await"; readonly line: number; readonly pattern: Pattern }
  | { readonly do: "pause"; readonly line: number; readonly ms: number }
  | { readonly do: "end" };

/** One script being played against a screen. */
export class Script {
  readonly #steps: readonly Step[];
  #at = 0;
  readonly captured: Record<string, string> = {};

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /**
   * What comes next, given what is on the screen behind the last match. An awaited line that is
   * there is passed at once.
   *
   * @param values of placeholders, without those captured by this script
   * @throws {UnfilledError} {@linkcode PatternError}
   */
  next(screen: Screen, values: Values): Action {
    for (;;) {
      const step = this.#steps[this.#at];
      if (step === undefined) return { do: "end" };
      if (step.do === "type") {
        this.#at++;
        const text = fill(step.text, { ...values, ...this.captured });
        return { do: "type", line: step.line, text };
      }
      if (step.do === "pause") {
        this.#at++;
        return { do: "pause", line: step.line, ms: step.ms };
      }
      const pattern = fillPattern(step.pattern, { ...values, ...this.captured });
      const match = screen.take(pattern);
      if (match === null) return { do: "await", line: step.line, pattern };
      Object.assign(this.captured, match.groups);
      this.#at++;
    }
  }
}

/** What one process has shown, head and tail, and how far it was read by patterns. */
export class Screen {
  readonly #most: number;
  #head = "";
  #tail = "";
  #dropped = 0;
  #unread = "";
  #partial = "";

  /** @param most characters kept of the beginning, and as many of the end */
  constructor(most = 524_288) {
    this.#most = most;
  }

  /** Adds what a process wrote. */
  add(text: string): void {
    // An escape sequence may come in two parts.
    const all = this.#partial + text;
    const open = all.lastIndexOf("\x1b");
    const ends = /^.(\[[0-9;?]*[ -/]*[@-~]|[@-Z\\^_])/;
    const cut = open >= 0 && all.length - open < 32 && !ends.test(all.slice(open))
      ? open
      : all.length;
    this.#partial = all.slice(cut);
    const shown = plainText(all.slice(0, cut));
    const room = Math.max(0, this.#most - this.#head.length);
    this.#head += shown.slice(0, room);
    this.#tail += shown.slice(room);
    if (this.#tail.length > 2 * this.#most) {
      this.#dropped += this.#tail.length - this.#most;
      this.#tail = this.#tail.slice(-this.#most);
    }
    this.#unread = (this.#unread + shown).slice(-MATCHED_AT_MOST);
  }

  /** Finds a pattern behind what was met before, and moves behind it. */
  take(pattern: Pattern): PatternMatch | null {
    const match = pattern.exec(this.#unread);
    if (match !== null) this.#unread = this.#unread.slice(match.end);
    return match;
  }

  /** Whether a pattern is behind what was met before. */
  has(pattern: Pattern): boolean {
    return pattern.test(this.#unread);
  }

  /** Everything that is kept. */
  get text(): string {
    const gap = this.#dropped === 0 ? "" : `\n[… ${this.#dropped} characters left out …]\n`;
    return this.#head + gap + this.#tail;
  }

  /** The last lines that are not empty. */
  last(count: number): string[] {
    return this.text.slice(-8192).split("\n").map((line) => line.trimEnd().slice(0, 300))
      .filter((line) => line !== "").slice(-count);
  }
}
