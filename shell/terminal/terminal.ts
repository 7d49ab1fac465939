/**
 * The terminal: the only file that touches standard streams, raw mode and the window's size.
 *
 * @module
 */
import { displayWidth, visibleExceptPaint } from "../base/format.ts";
import type { Bottom, SharedScreen } from "./line_editor.ts";
import type { EditorOptions, Input, LineEditor, Output } from "../base/environment.ts";

const encoder = new TextEncoder();

/** Texts kept at most while the terminal is lent. */
const MAX_HELD = 500;

/** Terminal outputs share one screen, and so one bottom. */
const screen: SharedScreen = {
  bottom: undefined,
  held: undefined,
  write: (text) => {
    writeAll(Deno.stdout, typeof text === "string" ? encoder.encode(text) : text);
  },
};

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
    return Math.max(20, consoleSize().columns);
  }

  get rows(): number {
    return Math.max(5, consoleSize().rows);
  }

  write(painted: string): void {
    if (painted === "") return;
    const text = visibleExceptPaint(painted);
    if (this.isTerminal && screen.held !== undefined) {
      if (screen.held.length < MAX_HELD) screen.held.push(text);
      return;
    }
    const above = this.isTerminal ? screen.bottom : undefined;
    above?.clear();
    this.writeBytes(encoder.encode(text));
    above?.draw();
  }

  writeBytes(bytes: Uint8Array): void {
    // The reader may have gone (`| head`): nobody is left to tell.
    if (!this.#closed) this.#closed = !writeAll(this.#stream, bytes);
  }

  live(painted: string): void {
    if (!this.isTerminal) return;
    const text = visibleExceptPaint(painted);
    const before = screen.bottom;
    if (before instanceof LiveBlock) {
      if (text !== "") return before.repaint(text);
      before.clear();
      screen.bottom = undefined;
    } else if (before === undefined && text !== "") {
      screen.bottom = new LiveBlock(text, this);
      screen.bottom.draw();
    }
  }
}

/** Lines that are painted over until they are done with. */
class LiveBlock implements Bottom {
  #text: string;
  readonly #output: StreamOutput;

  constructor(text: string, output: StreamOutput) {
    this.#text = text;
    this.#output = output;
  }

  /** One write for all, so that nothing flickers. */
  repaint(text: string): void {
    const away = this.#away();
    this.#text = text;
    this.#output.writeBytes(encoder.encode(away + text));
  }

  clear(): void {
    this.#output.writeBytes(encoder.encode(this.#away()));
  }

  draw(): void {
    this.#output.writeBytes(encoder.encode(this.#text));
  }

  /** To the beginning of the block as the window is by now, and everything below away. */
  #away(): string {
    const { columns } = this.#output;
    const rows = this.#text.split("\n").reduce((sum, line) => {
      return sum + Math.max(1, Math.ceil(displayWidth(line) / columns));
    }, 0);
    return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
  }
}

/** The window, or what everybody expects where there is no terminal at all. */
function consoleSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
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

  async edit(options: EditorOptions): Promise<LineEditor> {
    // What Node has for lines takes longer to load than all that a one-shot command needs.
    const { ReadlineEditor } = await import("./line_editor.ts");
    return new ReadlineEditor(screen, options);
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
