/**
 * A line at the bottom of the terminal that is edited while others write above it.
 *
 * @module
 */
import process from "node:process";
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from "node:readline";
import { PassThrough, Writable } from "node:stream";
import { setImmediate } from "node:timers";
import { PASTE_MARKS_OFF, PASTE_MARKS_ON, PasteFilter, splitPasted } from "./bracketed_paste.ts";
import type { EditorOptions, LineEditor, TerminalStreams } from "../base/environment.ts";

const HISTORY_LINES = 1000;
const CTRL_Z = 0x1a;

/** Whoever holds the bottom of the screen while others write. */
export interface Bottom {
  /** Takes it away, so that text can be written in its place. */
  clear(): void;
  /** Puts it back below what was written. */
  draw(): void;
}

/** The screen that editor and outputs share. */
export interface SharedScreen {
  bottom: Bottom | undefined;
  /** What others write while the terminal is lent: shown afterwards. */
  held: string[] | undefined;
  /** Writes as it is, whatever is at the bottom. */
  write(text: string | Uint8Array): void;
}

/**
 * Standard output as readline sees it: silent while a command runs, so that what is typed or pasted
 * meanwhile is not strewn over the command's output. It shows up at the next prompt.
 */
class EchoStream extends Writable {
  silent = false;
  readonly #screen: SharedScreen;
  readonly #resized = () => this.emit("resize");

  constructor(screen: SharedScreen) {
    super();
    this.#screen = screen;
    process.stdout.on("resize", this.#resized);
  }

  get isTTY(): boolean {
    return true;
  }

  get columns(): number {
    return process.stdout.columns;
  }

  get rows(): number {
    return process.stdout.rows;
  }

  /** No more of the window's changes. */
  override end(): this {
    process.stdout.off("resize", this.#resized);
    return super.end();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (!this.silent) this.#screen.write(chunk);
    done();
  }
}

/** Standard input as readline sees it: pastes come through a filter. */
class KeyStream extends PassThrough {
  readonly #filter: PasteFilter;
  readonly #decoder = new TextDecoder();
  readonly #typed = (chunk: Uint8Array) => {
    const text = this.#filter.push(this.#decoder.decode(chunk, { stream: true }));
    if (text !== "") this.write(text);
  };

  constructor(lineEnd: string) {
    super();
    this.#filter = new PasteFilter(lineEnd);
    process.stdin.on("data", this.#typed);
  }

  get isTTY(): boolean {
    return true;
  }

  setRawMode(on: boolean): this {
    process.stdin.setRawMode(on);
    return this;
  }

  override pause(): this {
    process.stdin.pause();
    return super.pause();
  }

  override resume(): this {
    process.stdin.resume();
    return super.resume();
  }

  detach(): void {
    process.stdin.off("data", this.#typed);
    process.stdin.pause();
  }
}

/** What `node:readline` keeps and its types do not tell. */
type Editable = Interface & { prevRows?: number; history?: string[]; historyIndex?: number };

/** The line editor of a terminal. */
export class ReadlineEditor implements LineEditor, Bottom {
  readonly #screen: SharedScreen;
  readonly #options: EditorOptions;
  readonly #lineEnd: string;
  /** Pasted lines wait here while a command runs. */
  readonly #lines: string[] = [];
  #history: string[];
  #keys!: KeyStream;
  #echo!: EchoStream;
  #interface!: Editable;
  #waiting: ((line: string | null) => void) | undefined;
  /** What was being typed when a key ran a line of its own. */
  #kept = "";
  /** Whether an answer is waited for. */
  #asks = false;
  #prompt = "";
  #ended = false;
  #warned = false;

  constructor(screen: SharedScreen, options: EditorOptions) {
    this.#screen = screen;
    this.#options = options;
    this.#lineEnd = options.unicode ? "⏎" : ";;";
    this.#history = options.history.toReversed();
    this.#open();
  }

  async read(prompt: string, kind: "line" | "answer" = "line"): Promise<string | null> {
    this.#asks = kind === "answer";
    const line = await this.#read(prompt);
    if (kind === "answer" && line !== "") this.#interface.history?.shift();
    return line;
  }

  async *keys(signal: AbortSignal): AsyncGenerator<string> {
    const history = [...this.#interface.history ?? []];
    const pressed: string[] = [];
    let wake = () => {};
    const take = (text: string | undefined, key?: { name?: string }) => {
      pressed.push(key?.name ?? text ?? "");
      wake();
    };
    const stop = () => wake();
    this.#keys.on("keypress", take);
    signal.addEventListener("abort", stop);
    try {
      while (!signal.aborted && !this.#ended) {
        const key = pressed.shift();
        if (key !== undefined) yield key;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      this.#keys.off("keypress", take);
      signal.removeEventListener("abort", stop);
      // For the editor they were arrows through the history and lines of their own.
      await Promise.resolve();
      this.#takeAway();
      this.#lines.length = 0;
      this.#interface.history?.splice(0, Infinity, ...history);
      this.#interface.historyIndex = -1;
    }
  }

  async lend<T>(use: (streams: TerminalStreams) => Promise<T>): Promise<T> {
    this.#close();
    process.stdin.resume();
    const held = this.#screen.held = [];
    // Whoever reads now stops at Ctrl-Z, too, and does not know how to begin again.
    const awake = () => setImmediate(() => process.stdin.resume());
    process.on("SIGCONT", awake);
    // What is below the cursor would stand among what is typed meanwhile.
    const tidy = (chunk: Uint8Array) => {
      if (chunk.includes(CTRL_Z)) clearScreenDown(process.stdout);
    };
    process.stdin.on("data", tidy);
    try {
      return await use({ input: process.stdin, output: process.stdout });
    } finally {
      process.off("SIGCONT", awake);
      process.stdin.off("data", tidy);
      this.#screen.held = undefined;
      this.#screen.write(held.join(""));
      this.#open();
    }
  }

  clear(): void {
    const rows = this.#interface.getCursorPos().rows;
    cursorTo(this.#echo, 0);
    if (rows > 0) moveCursor(this.#echo, 0, -rows);
    clearScreenDown(this.#echo);
  }

  draw(): void {
    this.#interface.prevRows = 0;
    this.#interface.prompt(true);
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #open(): void {
    const { complete, interrupt } = this.#options;
    this.#keys = new KeyStream(this.#lineEnd);
    this.#echo = new EchoStream(this.#screen);
    this.#echo.silent = true;
    // Before readline's own listener: it has to know how many rows the line has by now.
    this.#echo.on("resize", () => {
      if (this.#waiting !== undefined) {
        this.#interface.prevRows = this.#interface.getCursorPos().rows;
      }
    });
    this.#interface = createInterface({
      input: this.#keys,
      output: this.#echo,
      terminal: true,
      history: this.#history,
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        complete(line).then(
          ({ words, replaces }) => done(null, [[...words], line.slice(line.length - replaces)]),
          // A tracker that cannot be asked is no reason to disturb typing.
          () => done(null, [[], line]),
        );
      },
    });
    this.#interface.on("line", (line: string) => this.#line(line));
    this.#interface.on("close", () => this.#end());
    this.#keys.on("keypress", (_text, key?: { ctrl?: boolean; name?: string }) => {
      const line = key?.ctrl ? this.#options.keys?.[key.name ?? ""] : undefined;
      if (line !== undefined) this.#run(line);
      // Not within the key's own turn: the line is taken down meanwhile.
      if (key?.ctrl && key.name === "r") queueMicrotask(() => this.#search());
    });
    this.#interface.on("SIGINT", () => {
      if (this.#waiting === undefined) interrupt();
      else this.#interrupted();
    });
    // Back in the foreground after Ctrl-Z: readline has stopped reading, and the marks may be gone.
    this.#interface.on("SIGCONT", () => {
      this.#screen.write(PASTE_MARKS_ON);
      this.#interface.resume();
    });
    this.#screen.write(PASTE_MARKS_ON);
  }

  #close(): void {
    this.#screen.write(PASTE_MARKS_OFF);
    this.#history = [...this.#interface.history ?? []];
    this.#interface.removeAllListeners();
    this.#interface.close();
    this.#keys.detach();
    this.#echo.end();
  }

  #read(prompt: string): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      this.#screen.write(`${prompt}${line}\n`);
      return Promise.resolve(line);
    }
    if (this.#ended) return Promise.resolve(null);
    this.#prompt = prompt;
    this.#show(this.#kept);
    this.#kept = "";
    return new Promise((resolve) => this.#waiting = resolve);
  }

  /** Puts the prompt at the bottom, with something typed behind it. */
  #show(typed: string): void {
    this.#interface.setPrompt(this.#prompt);
    this.#screen.bottom = this;
    this.#echo.silent = false;
    this.draw();
    if (typed !== "") this.#interface.write(typed);
  }

  /** Picks an earlier line to go on with; the one that is being typed stays where none is picked. */
  async #search(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#asks) return;
    const typed = this.#interface.line;
    const history = this.#interface.history ?? [];
    if (history.length === 0) return;
    this.clear();
    this.#screen.bottom = undefined;
    this.#waiting = undefined;
    const picked = await this.#options.search(history, typed);
    this.#waiting = waiting;
    this.#show(picked ?? typed);
  }

  #line(text: string): void {
    this.#warned = false;
    const lines = splitPasted(text, this.#lineEnd);
    if (this.#waiting === undefined) return void this.#lines.push(...lines);
    this.#lines.push(...lines.slice(1));
    this.#answer(lines[0]!);
  }

  #answer(line: string | null): void {
    this.#screen.bottom = undefined;
    this.#echo.silent = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(line);
  }

  /** Runs a line that a key stands for; what was typed so far comes back with the next prompt. */
  #run(line: string): void {
    if (this.#waiting === undefined || this.#asks) return;
    this.#kept = this.#interface.line;
    this.#takeAway();
    this.#interface.write(line);
    this.#interface.write(null, { name: "return" });
  }

  #takeAway(): void {
    this.#interface.write(null, { ctrl: true, name: "e" });
    this.#interface.write(null, { ctrl: true, name: "u" });
  }

  #end(): void {
    this.#ended = true;
    if (this.#waiting !== undefined) {
      this.#echo.write("\n");
      this.#answer(null);
    }
  }

  /** Ctrl-C at the prompt: the first takes the line away, the second on an empty line leaves. */
  #interrupted(): void {
    const empty = this.#interface.line === "";
    if (empty && this.#warned) {
      this.#interface.close();
      return;
    }
    this.#warned = empty;
    this.clear();
    this.#takeAway();
    if (empty) this.#echo.write("Ctrl-C again, Ctrl-D or exit leaves.\n");
    this.draw();
  }
}
