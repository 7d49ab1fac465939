/**
 * Screen: output of views, events and errors: results to standard output, all else to standard error.
 *
 * @module
 */
import { sentenceOf } from "../base/exit_status.ts";
import type { FlagValues } from "../flags/flags.ts";
import { visible, wrap } from "../base/format.ts";
import type { Log } from "./log_file.ts";
import { isYes } from "./prompts.ts";
import { withSign } from "./classroom_style.ts";
import { isLong } from "../view/paged_text.ts";
import { paint } from "../view/table.ts";
import type { View } from "../view/view.ts";
import { jsonLine, problemsOf, renderView, type TerminalStyle } from "../view/render_view.ts";
import type { Environment, LineEditor } from "../base/environment.ts";

/** How long (ms) between two plain progress lines, and between two live ones. */
const PLAIN_INTERVAL = 5000;
const LIVE_INTERVAL = 500;
const JSON_INTERVAL = 1000;

/** Top left, and everything below it away. */
const EMPTY_WINDOW = "\x1b[H\x1b[2J";

/** What a long task tells about itself. */
export interface ProgressReport {
  /** One line for at most `look.columns` characters. */
  readonly line: (look: TerminalStyle) => string;
  /** The same as facts. */
  readonly facts: () => Readonly<Record<string, unknown>>;
}

/** A task's progress being shown. Disposing ends it and leaves the screen clean. */
export interface Progress extends Disposable {
  /** Shows at once what is so now. */
  refresh(): void;
}

/** Writes for one program run. */
export class Screen {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #world: Environment;
  readonly #colour: boolean;
  readonly #unicode: boolean;
  /** What is typed in answer to questions. */
  #answers: AsyncIterator<string> | undefined;
  /** What views look like where nobody looks. */
  readonly #plain: "records" | "pairs";
  /** Signs before sentences. */
  readonly #playful: boolean;
  /** Where what is told is kept, too. */
  log: Log | undefined;

  constructor(world: Environment, flags: FlagValues, plain: "records" | "pairs" = "records") {
    this.#world = world;
    this.#plain = plain;
    this.json = flags.json ?? false;
    this.quiet = flags.quiet ?? false;
    const wanted = !flags["no-color"] && (world.env("NO_COLOR") ?? "") === "";
    this.#colour = wanted && world.env("TERM") !== "dumb";
    this.#unicode = hasUnicode(world.env);
    this.#playful = flags.playful ?? false;
  }

  /** How standard output (default) or standard error is to be written for. */
  look(stream: "stdout" | "stderr" = "stdout"): TerminalStyle {
    const output = this.#world[stream];
    return {
      form: this.json ? "json" : output.isTerminal ? "screen" : this.#plain,
      columns: output.columns,
      rows: output.rows,
      unicode: this.#unicode,
      colour: this.#colour && output.isTerminal,
    };
  }

  /** Whether a person sees what is written. */
  get isTerminal(): boolean {
    return this.#world.stdout.isTerminal;
  }

  /** Whether a person types. */
  get isInteractive(): boolean {
    return this.isTerminal && this.#world.stdin.isTerminal && !this.json;
  }

  /** Asks yes or no at the terminal; undefined where nobody is there to answer. */
  get ask(): ((question: string) => Promise<boolean>) | undefined {
    return this.isInteractive ? (question) => this.#ask(question) : undefined;
  }

  async #ask(question: string): Promise<boolean> {
    const { stdin, stdout, stop } = this.#world;
    const stopped = Promise.withResolvers<never>();
    const giveUp = () => stopped.reject(stop.reason);
    stop.addEventListener("abort", giveUp, { once: true });
    try {
      stdout.write(`${this.#wrap(visible(question), "stdout")} [y/N] `);
      this.#answers ??= stdin.lines()[Symbol.asyncIterator]();
      const { value } = await Promise.race([this.#answers.next(), stopped.promise]);
      return isYes(value ?? "");
    } finally {
      stop.removeEventListener("abort", giveUp);
    }
  }

  /** Prints an answer; whether it was without problems. */
  show(view: View): boolean {
    this.#world.stdout.write(renderView(view, this.look()));
    return this.#problems(view);
  }

  #problems(view: View): boolean {
    const problems = problemsOf(view);
    for (const problem of problems) this.problem(problem);
    return problems.length === 0;
  }

  /**
   * Prints an answer page by page where it is longer than the window; whether it was without
   * problems.
   */
  async showPaged(view: View, editor: LineEditor, signal: AbortSignal): Promise<boolean> {
    const { stdout, env } = this.#world;
    const render = (columns: number) => renderView(view, { ...this.look(), columns });
    const isWanted = !["cat", ""].includes(env("PAGER") ?? "less");
    if (!isWanted || !isLong(render(stdout.columns), stdout.columns, stdout.rows)) {
      return this.show(view);
    }
    const { pageThrough } = await import("./pager.ts");
    await pageThrough(render, { editor, window: stdout, signal });
    return this.#problems(view);
  }

  /** Whether anybody is told of events. */
  get tells(): boolean {
    return !this.quiet || this.json || this.log !== undefined;
  }

  /** One JSON line with `--json`, else the sentence, if there is one. */
  event(event: Readonly<{ event: string }>, sentence: string | undefined): void {
    const { event: name, ...rest } = event;
    const facts = this.json || this.log !== undefined ? snakeKeys(rest) : {};
    this.log?.write({ event: name, ...facts });
    if (this.json) this.#world.stdout.write(jsonLine(name, facts));
    else {
      const shown = this.#playful ? withSign(name, sentence, this.look("stderr")) : sentence;
      if (shown !== undefined) this.note(shown);
    }
  }

  /** Something good to know, on standard error. */
  note(sentence: string): void {
    if (this.quiet || this.json) return;
    const { dim } = paint(this.look("stderr"));
    this.#world.stderr.write(dim(this.#wrap(visible(sentence), "stderr")) + "\n");
  }

  /** Text laid out already, on standard output. */
  text(text: string): void {
    if (!this.json) this.#world.stdout.write(text);
  }

  /** One line of explain mode: an `explain` event with `--json`. */
  explain(line: { text: string; indent: number }, facts: () => Record<string, unknown>): void {
    if (this.json) this.#world.stdout.write(jsonLine("explain", facts()));
    else this.#world.stderr.write(this.#wrap(line.text, "stderr", line.indent) + "\n");
  }

  /** What a program says of itself on standard output: where it listens, what to type next. */
  say(line: string): void {
    this.sayPainted(visible(line));
  }

  /** The same for a line with colours, in which the text of others is visible already. */
  sayPainted(line: string, indent = 0): void {
    if (!this.quiet && !this.json) {
      this.#world.stdout.write(this.#wrap(line, "stdout", indent) + "\n");
    }
  }

  /** `error: …` on standard error. */
  problem(sentence: string): void {
    this.log?.write({ event: "error", message: sentence });
    if (this.json) this.#world.stdout.write(jsonLine("error", { message: sentence }));
    const { red } = paint(this.look("stderr"));
    const text = this.#wrap(`error: ${visible(sentence)}`, "stderr");
    this.#world.stderr.write(`${red("error:")}${text.slice("error:".length)}\n`);
  }

  /** An error in one line; where that is asked for, with its stack trace. */
  error(error: unknown, sentence: string = sentenceOf(error)): void {
    this.problem(sentence);
    if (this.#world.env("VTORRENT_DEBUG") && error instanceof Error) {
      const stack = error.cause ? `${error.stack}\ncaused by: ${error.cause}` : `${error.stack}`;
      this.#world.stderr.write(stack.split("\n").map((line) => `${visible(line)}\n`).join(""));
    }
  }

  /** Lines that a terminal would break in the middle of a word are broken before. */
  #wrap(text: string, stream: "stdout" | "stderr", indent = 0): string {
    const output = this.#world[stream];
    return output.isTerminal ? wrap(text, output.columns, indent) : text;
  }

  /** Empties the window; what has scrolled out of it stays. */
  clear(): void {
    if (this.isInteractive) this.bytes(new TextEncoder().encode(EMPTY_WINDOW));
  }

  /** Raw bytes on standard output. */
  bytes(bytes: Uint8Array): void {
    this.#world.stdout.writeBytes(bytes);
  }

  /** Shows the progress of a task until disposed: live in a terminal, a line now and then elsewhere. */
  progress(event: string, report: ProgressReport): Progress {
    const { stdout, stderr } = this.#world;
    if (this.json) {
      const emit = () => stdout.write(jsonLine(event, snakeKeys(report.facts())));
      return timer(emit, JSON_INTERVAL, () => {});
    }
    if (this.quiet) return { refresh: () => {}, [Symbol.dispose]: () => {} };
    if (!stderr.isTerminal) {
      let last = "";
      const writeLine = () => {
        const line = report.line(this.look("stderr"));
        if (line !== last) stderr.write(line + "\n");
        last = line;
      };
      return timer(writeLine, PLAIN_INTERVAL, () => {});
    }
    const paintLine = () => stderr.live(report.line(this.look("stderr")));
    paintLine();
    return timer(paintLine, LIVE_INTERVAL, () => stderr.live(""));
  }
}

function timer(tick: () => void, interval: number, end: () => void): Progress {
  const id = setInterval(tick, interval);
  return {
    refresh: tick,
    [Symbol.dispose]: () => {
      clearInterval(id);
      end();
    },
  };
}

/** JSON has one spelling of names, whoever made the facts: `info_hash`. */
function snakeKeys(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

/** Whether the terminal's locale is UTF-8. Windows terminals are, whatever the variables say. */
function hasUnicode(env: Environment["env"]): boolean {
  const locale = env("LC_ALL") || env("LC_CTYPE") || env("LANG") || "";
  return /utf-?8/i.test(locale) || (env("WT_SESSION") ?? "") !== "";
}
