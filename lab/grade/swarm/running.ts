/**
 * One process of a program that is marked: what it shows, what is typed into it, how it ended.
 *
 * @module
 */
import { Screen } from "./script.ts";

const encoder = new TextEncoder();

/** How a process ended. */
export interface Ending {
  readonly code: number;
  readonly signal: string | null;
}

/** A running process. */
export class Running {
  readonly host: number;
  readonly command: string;
  readonly screen = new Screen();
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #ending: Ending | undefined;
  /** Resolves when it has ended and all it wrote was read. */
  readonly ended: Promise<Ending>;

  constructor(host: number, command: string, child: Deno.ChildProcess) {
    this.host = host;
    this.command = command;
    this.pid = child.pid;
    this.#child = child;
    this.#stdin = child.stdin.getWriter();
    this.#stdin.closed.catch(() => {});
    this.#reading = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]);
    this.ended = child.status.then(({ code, signal }) => {
      this.#ending = { code, signal };
      this.#wake();
      return this.#ending;
    });
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of stream) {
        this.screen.add(decoder.decode(bytes, { stream: true }));
        this.#wake();
      }
    } catch {
      // The stream broke off with the process.
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** How it ended; undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Types a line; one that cannot be typed any more is lost, as on a real keyboard. */
  type(line: string): void {
    this.#stdin.write(encoder.encode(line + "\n")).catch(() => {});
  }

  /** Resolves when it shows something new or ends, at the latest after `ms`. */
  change(ms: number): Promise<void> {
    if (this.#ending !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, ms));
      this.#waiting.add(wake);
    });
  }

  /** Ends what this process itself started, at once, and lets go of its streams. */
  async end(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended;
    this.#stdin.abort().catch(() => {});
    // A grandchild that survived may hold the other end open.
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      this.#reading,
      new Promise((resolve) => timer = setTimeout(resolve, 1000)),
    ]);
    clearTimeout(timer);
  }
}

/** `exit status 1`, `signal SIGKILL`. */
export function endingWords({ code, signal }: Ending): string {
  return signal === null ? `exit status ${code}` : `signal ${signal}`;
}
