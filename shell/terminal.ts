/**
 * The terminal: the only file that touches standard streams, raw mode and the window's size.
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
import { Writable } from "node:stream";
import type { EditorOptions, Input, LineEditor, Output } from "./world.ts";

const encoder = new TextEncoder();
const HISTORY_LINES = 1000;

/** Whoever holds the bottom of the screen while others write. */
interface Bottom {
  /** Takes it away, so that text can be written in its place. */
  clear(): void;
  /** Puts it back below what was written. */
  draw(): void;
}

/** Terminal outputs share one screen, and so one bottom. */
let bottom: Bottom | undefined;

type Stream = typeof Deno.stdout;

/** Writes everything; false where the other end is closed. */
function writeAll(stream: Stream, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    try {
      at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) return false;
    }
  }
  return true;
}

class StreamOutput implements Output {
  readonly isTerminal: boolean;
  readonly #stream: Stream;
  #closed = false;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.isTerminal = stream.isTerminal();
  }

  get columns(): number {
    try {
      return Math.max(20, Deno.consoleSize().columns);
    } catch {
      // No terminal at all: the width that everybody expects.
      return 80;
    }
  }

  write(text: string): void {
    if (text === "") return;
    const above = this.isTerminal ? bottom : undefined;
    above?.clear();
    this.writeBytes(encoder.encode(text));
    above?.draw();
  }

  writeBytes(bytes: Uint8Array): void {
    // The reader may have gone (`| head`): nobody is left to tell.
    if (!this.#closed) this.#closed = !writeAll(this.#stream, bytes);
  }

  live(text: string): void {
    if (!this.isTerminal) return;
    if (bottom instanceof LiveLine) bottom.clear();
    else if (bottom !== undefined) return;
    bottom = text === "" ? undefined : new LiveLine(text, this);
    bottom?.draw();
  }
}

/** A line that is painted over until it is done with. */
class LiveLine implements Bottom {
  readonly #text: string;
  readonly #output: StreamOutput;

  constructor(text: string, output: StreamOutput) {
    this.#text = text;
    this.#output = output;
  }

  clear(): void {
    this.#output.writeBytes(encoder.encode("\r\x1b[K"));
  }

  draw(): void {
    this.#output.writeBytes(encoder.encode(this.#text));
  }
}

/**
 * Standard output as readline sees it: silent while a command runs, so that what is typed or pasted
 * meanwhile is not strewn over the command's output. It shows up at the next prompt.
 */
class EchoStream extends Writable {
  silent = false;

  constructor() {
    super();
    process.stdout.on("resize", () => this.emit("resize"));
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

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (!this.silent) writeAll(Deno.stdout, chunk);
    done();
  }
}

/** What `node:readline` keeps and its types do not tell. */
type Editable = Interface & { prevRows?: number; history?: string[] };

class ReadlineEditor implements LineEditor, Bottom {
  readonly #echo = new EchoStream();
  readonly #interface: Editable;
  /** Pasted lines wait here while a command runs. */
  readonly #lines: string[] = [];
  #waiting: ((line: string | null) => void) | undefined;
  #ended = false;
  #warned = false;

  constructor(options: EditorOptions) {
    this.#interface = createInterface({
      input: process.stdin,
      output: this.#echo,
      terminal: true,
      history: options.history.toReversed(),
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        options.complete(line).then(
          ({ words, replaces }) => done(null, [[...words], line.slice(line.length - replaces)]),
          // A tracker that cannot be asked is no reason to disturb typing.
          () => done(null, [[], line]),
        );
      },
    });
    this.#interface.on("line", (line: string) => this.#line(line));
    this.#interface.on("close", () => this.#end());
    this.#interface.on("SIGINT", () => {
      if (this.#waiting === undefined) options.interrupt();
      else this.#interrupted();
    });
  }

  async read(prompt: string, kind: "line" | "answer" = "line"): Promise<string | null> {
    const line = await this.#read(prompt);
    if (kind === "answer" && line !== "") this.#interface.history?.shift();
    return line;
  }

  #read(prompt: string): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      writeAll(Deno.stdout, encoder.encode(`${prompt}${line}\n`));
      return Promise.resolve(line);
    }
    if (this.#ended) return Promise.resolve(null);
    this.#interface.setPrompt(prompt);
    bottom = this;
    this.#echo.silent = false;
    this.draw();
    return new Promise((resolve) => this.#waiting = resolve);
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
    this.#interface.close();
  }

  #line(line: string): void {
    this.#warned = false;
    if (this.#waiting === undefined) this.#lines.push(line);
    else this.#answer(line);
  }

  #answer(line: string | null): void {
    bottom = undefined;
    this.#echo.silent = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(line);
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
    this.#interface.write(null, { ctrl: true, name: "e" });
    this.#interface.write(null, { ctrl: true, name: "u" });
    if (empty) this.#echo.write("Ctrl-C again, Ctrl-D or exit leaves.\n");
    this.draw();
  }
}

class StreamInput implements Input {
  readonly isTerminal: boolean = Deno.stdin.isTerminal();

  async *lines(): AsyncGenerator<string> {
    let rest = "";
    for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  bytes(): Promise<Uint8Array> {
    return new Response(Deno.stdin.readable).bytes();
  }

  edit(options: EditorOptions): LineEditor {
    return new ReadlineEditor(options);
  }
}

/** The standard streams of this process. */
export function standardStreams(): { stdin: Input; stdout: Output; stderr: Output } {
  return {
    stdin: new StreamInput(),
    stdout: new StreamOutput(Deno.stdout),
    stderr: new StreamOutput(Deno.stderr),
  };
}
