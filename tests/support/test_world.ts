/**
 * The outside of a program run in a test: text in, text out.
 *
 * @module
 */
import type { Environment, Input, Output } from "../../shell/base/environment.ts";

/** What a test gives and may look at. */
export interface TestWorldOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Lines of standard input. */
  readonly lines?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Width of a terminal on standard output and error; undefined for none. */
  readonly columns?: number;
  readonly stop?: AbortSignal;
  /** Where JSON events are also sent as they are written. */
  readonly onLine?: (line: string) => void;
}

/** A world that keeps what was written. */
export class TestWorld implements Environment {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly stop: AbortSignal;
  readonly self: readonly string[] = ["vtorrent"];
  readonly #hangup = new Set<() => void>();
  readonly #faulty = new Set<(fault: unknown) => void>();
  readonly env: (name: string) => string | undefined;
  readonly stdin: Input;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;

  constructor(options: TestWorldOptions) {
    this.args = options.args;
    this.cwd = options.cwd;
    this.stop = options.stop ?? new AbortController().signal;
    // No test finds the tracker of another, asks in a real network, or leaves a file behind.
    const env: Readonly<Record<string, string>> = {
      VTORRENT_NO_DISCOVERY: "1",
      VTORRENT_NO_DB: "1",
      ...options.env,
    };
    this.env = (name) => env[name];
    this.stdin = new TextInput(options.lines ?? []);
    this.stdout = new TextOutput(options.columns, options.onLine);
    this.stderr = new TextOutput(options.columns);
  }

  onHangup(listener: () => void): Disposable {
    this.#hangup.add(listener);
    return { [Symbol.dispose]: () => void this.#hangup.delete(listener) };
  }

  onFault(listener: (fault: unknown) => void): Disposable {
    this.#faulty.add(listener);
    return { [Symbol.dispose]: () => void this.#faulty.delete(listener) };
  }

  /** Something throws that nobody catches. */
  fault(fault: unknown): void {
    for (const listener of this.#faulty) listener(fault);
  }

  /** What was to be shown in a browser. */
  readonly browsed: string[] = [];

  browse(target: string): Promise<void> {
    this.browsed.push(target);
    return Promise.resolve();
  }

  /** As the system does with SIGHUP. */
  hangUp(): void {
    for (const listener of this.#hangup) listener();
  }
}

class TextInput implements Input {
  readonly isTerminal = false;
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  async *lines(): AsyncGenerator<string> {
    yield* this.#lines;
  }

  bytes(): Promise<Uint8Array> {
    return Promise.resolve(new TextEncoder().encode(this.#lines.join("\n")));
  }

  edit(): never {
    throw new Error("No terminal here");
  }
}

/** Collects text. */
export class TextOutput implements Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows = 24;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #bytes: Uint8Array[] = [];
  text = "";

  constructor(columns: number | undefined, onLine?: (line: string) => void) {
    this.isTerminal = columns !== undefined;
    this.columns = columns ?? 80;
    this.#onLine = onLine;
  }

  /** Lines written so far. */
  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#bytes.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#bytes) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  write(text: string): void {
    this.text += text;
    for (const line of text.split("\n").slice(0, -1)) this.#onLine?.(line);
  }

  writeBytes(bytes: Uint8Array): void {
    this.#bytes.push(bytes);
  }

  live(): void {}
}
