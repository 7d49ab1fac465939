/**
 * Environment of a program: its view of the outside, a value, so that tests run whole programs
 * in-process.
 *
 * @module
 */
import type { DatagramBatch } from "../../tracker/mod.ts";

/** Where lines come from. */
export interface Input {
  readonly isTerminal: boolean;
  /** The lines, without their ends. */
  lines(): AsyncIterable<string>;
  /** Everything until the end. */
  bytes(): Promise<Uint8Array>;
  /** Line editing; only where this and standard output are terminals. */
  edit(options: EditorOptions): Promise<LineEditor>;
}

/** Where text goes. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width in characters; 80 where it cannot be known. */
  readonly columns: number;
  /** Height in lines; 24 where it cannot be known. */
  readonly rows: number;
  write(text: string): void;
  writeBytes(bytes: Uint8Array): void;
  /** Makes `text` the live lines at the bottom, in place of those before; `""` takes them away. */
  live(text: string): void;
}

/** How a line editor is set up. */
export interface EditorOptions {
  /** Earlier lines, oldest first. */
  readonly history: readonly string[];
  /** Ways to go on with `line`: whole words that replace its last `replaces` characters. */
  readonly complete: (line: string) => Promise<Completion>;
  /** Ctrl-C while a command runs. */
  readonly interrupt: () => void;
  /** Ctrl-R: picks one of the earlier lines, newest first, beginning with what is typed. */
  readonly search: (lines: readonly string[], typed: string) => Promise<string | undefined>;
  /** Lines that keys with Ctrl stand for: `{ o: "open" }`. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Whether a pasted line end may be shown as a sign beyond ASCII. */
  readonly unicode: boolean;
}

/** What Tab offers. */
export interface Completion {
  readonly words: readonly string[];
  /** How many characters at the end of the line a word stands for. */
  readonly replaces: number;
}

/** Reads edited lines. What is written to an {@linkcode Output} meanwhile appears above the prompt. */
export interface LineEditor extends Disposable {
  /**
   * The next line; null at the end of input (Ctrl-D, or Ctrl-C twice). An answer is not kept for
   * the up arrow.
   */
  read(prompt: string, kind?: "line" | "answer"): Promise<string | null>;
  /**
   * The keys that are pressed while a command runs, until `signal` aborts: `up`, `return`, `q`. None
   * of them begins the next line.
   */
  keys(signal: AbortSignal): AsyncIterable<string>;
  /** Steps aside while somebody else reads the keys. */
  lend<T>(use: (streams: TerminalStreams) => Promise<T>): Promise<T>;
}

/** The terminal's own streams, as `node:readline` and what is built on it want them. */
export interface TerminalStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The outside of one run of the program. */
export interface Environment {
  readonly args: readonly string[];
  readonly env: (name: string) => string | undefined;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
  /** Has `listener` called on SIGHUP, in place of stopping, until the result is disposed. */
  onHangup(listener: () => void): Disposable;
  /**
   * Has `listener` told of errors that nobody caught, in place of ending the process, until the
   * result is disposed.
   */
  onFault(listener: (fault: unknown) => void): Disposable;
  /**
   * Shows an address, or a page in a file, in the person's browser.
   *
   * @throws {CommandError} why not
   */
  browse(target: string): Promise<void>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** The command that starts this program again, without arguments. */
  readonly self: readonly string[];
  /** For a tracker's UDP port, where the system has it. */
  readonly datagramBatch?: DatagramBatch | undefined;
}
