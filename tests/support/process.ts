/**
 * Other programs beside the test: started, listened to line by line, and gone with the test.
 *
 * @module
 */
import { TextLineStream } from "./text_lines.ts";

/** How a process is started. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Whom it runs as. */
  readonly uid?: number;
  readonly gid?: number;
  /** What comes before the command: a program that runs another one in its place. */
  readonly through?: readonly string[];
  /** Keeps standard input open for {@linkcode TestProcess.type}. Default: nothing to read. */
  readonly typing?: boolean;
}

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest (ms) that anything is waited for unless a test says otherwise. */
const PATIENCE = 60_000;

/** A running program. `await using` kills it by its process ID and waits for its end. */
export class TestProcess implements AsyncDisposable {
  /** Lines of standard output so far, and of standard error. */
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly #command: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #finished: Promise<Ended>;
  readonly #waiting = new Set<() => void>();
  #end: Ended | undefined;

  constructor(command: string, args: readonly string[], options: ProcessOptions = {}) {
    const { typing = false, through = [], ...rest } = options;
    const [first, ...others] = [...through, command, ...args];
    this.#command = [first, ...others].join(" ");
    this.#child = new Deno.Command(first!, {
      args: others,
      ...rest,
      // No test finds the tracker of another, asks in a real network, or leaves a file behind.
      env: { VTORRENT_NO_DISCOVERY: "1", VTORRENT_NO_DB: "1", ...rest.env },
      stdin: typing ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = typing ? this.#child.stdin.getWriter() : undefined;
    this.#finished = this.#listen();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it ended by itself; fails after `patience` ms. */
  async ended(patience = PATIENCE): Promise<Ended> {
    return await this.until(() => this.#end, "its end", patience);
  }

  /** What `look` finds, asked again whenever a line came or the process ended. */
  async until<T>(look: () => T | undefined, what: string, patience = PATIENCE): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const limit = setTimeout(
      () => reject(this.#disappointment(`Waited ${patience / 1000} s in vain for ${what}`)),
      patience,
    );
    const check = () => {
      const found = look();
      if (found !== undefined) resolve(found);
      else if (this.#end) reject(this.#disappointment(`Ended (${this.#end.code}) before ${what}`));
    };
    this.#waiting.add(check);
    try {
      check();
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(check);
    }
  }

  /** The first line of either stream that fits, past or to come. */
  async line(pattern: RegExp, patience = PATIENCE): Promise<string> {
    const look = () => [...this.stdout, ...this.stderr].find((line) => pattern.test(line));
    return await this.until(look, String(pattern), patience);
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#input!.write(new TextEncoder().encode(`${line}\n`));
  }

  /** The end of what is typed. */
  async closeInput(): Promise<void> {
    await this.#input!.close();
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Largest resident memory so far, in bytes. Linux. */
  async peakMemory(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end === undefined) this.#child.kill("SIGKILL");
    // A pipe whose reader is gone already cannot be closed.
    await this.#input?.close().catch(() => {});
    await this.#finished;
  }

  /** Called with each line of standard output. */
  protected onLine(_line: string): void {}

  async #listen(): Promise<Ended> {
    const [status] = await Promise.all([
      this.#child.status,
      this.#collect(this.#child.stdout, this.stdout, true),
      this.#collect(this.#child.stderr, this.stderr, false),
    ]);
    const text = (lines: string[]) => lines.map((line) => `${line}\n`).join("");
    this.#end = { code: status.code, stdout: text(this.stdout), stderr: text(this.stderr) };
    this.#notify();
    return this.#end;
  }

  async #collect(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    lines: string[],
    isOutput: boolean,
  ): Promise<void> {
    for await (const line of stream.pipeThrough(new TextLineStream())) {
      lines.push(line);
      if (isOutput) this.onLine(line);
      this.#notify();
    }
  }

  #notify(): void {
    for (const check of this.#waiting) check();
  }

  #disappointment(sentence: string): Error {
    const last = [...this.stdout.slice(-10), ...this.stderr.slice(-10)].join("\n");
    return new Error(`${sentence}: ${this.#command}\n${last}`);
  }
}

/** Runs a program to its end. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: ProcessOptions & { patience?: number } = {},
): Promise<Ended> {
  const { patience, ...rest } = options;
  await using process = new TestProcess(command, args, rest);
  return await process.ended(patience);
}
