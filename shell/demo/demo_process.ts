/**
 * One process of the demo: vtorrent itself, told what to do by lines and watched by its events.
 *
 * @module
 */
import { CommandError } from "../base/errors.ts";

/** A JSON line of a vtorrent process. */
export type ProcessEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** ms that a process has to end by itself. */
const END_TIMEOUT = 8000;
/** Lines of standard error that are kept to tell why a process died. */
const ERROR_LINES = 5;

/** A running vtorrent. Disposing ends it: politely, then not. */
export class DemoProcess implements AsyncDisposable {
  /** `tracker`, `ada`. */
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<unknown>;
  readonly #waiting = new Set<(event: ProcessEvent | undefined) => void>();
  readonly #errors: string[] = [];
  #ended = false;

  /** Starts `command` and passes each of its events to `onEvent`. */
  constructor(
    name: string,
    command: readonly string[],
    onEvent: (process: DemoProcess, event: ProcessEvent) => void,
  ) {
    this.name = name;
    const [program, ...args] = command;
    this.#child = new Deno.Command(program!, {
      args,
      // Ctrl-C reaches whole groups: the demo alone hears of it and lets its processes leave in order.
      // One that is left behind ends with its standard input.
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#reading = Promise.all([
      readLines(this.#child.stdout, (line) => {
        const event = parseEvent(line);
        if (event === undefined) return;
        onEvent(this, event);
        for (const waiting of this.#waiting) waiting(event);
      }).then(() => {
        this.#ended = true;
        for (const waiting of this.#waiting) waiting(undefined);
      }),
      readLines(this.#child.stderr, (line) => {
        this.#errors.push(line);
        if (this.#errors.length > ERROR_LINES) this.#errors.shift();
      }),
    ]);
  }

  /** Types a line into its shell. One that has ended is told of by {@linkcode until}. */
  async type(line: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  }

  /**
   * The next event that `matches`.
   *
   * @throws {CommandError} where the process reports an error or ends before
   */
  until(matches: (event: ProcessEvent) => boolean, signal: AbortSignal): Promise<ProcessEvent> {
    const { promise, resolve, reject } = Promise.withResolvers<ProcessEvent>();
    const stopped = () => reject(new CommandError("unfinished", "The demo was stopped"));
    const look = (event: ProcessEvent | undefined) => {
      if (signal.aborted) stopped();
      else if (event === undefined) {
        reject(new CommandError("failed", `${this.name} ended: ${this.#errors.join(" ") || "?"}`));
      } else if (event.event === "error") {
        reject(new CommandError("failed", `${this.name}: ${event.message}`));
      } else if (matches(event)) resolve(event);
    };
    this.#waiting.add(look);
    signal.addEventListener("abort", stopped);
    if (signal.aborted) stopped();
    if (this.#ended) look(undefined);
    return promise.finally(() => {
      this.#waiting.delete(look);
      signal.removeEventListener("abort", stopped);
    });
  }

  /** Ends it in order: it saves and takes its leave of the tracker. */
  async [Symbol.asyncDispose](): Promise<void> {
    // It may have gone already, and its end of the pipe with it.
    await this.#stdin.close().catch(() => {});
    // One that downloads would read the end of its input only when it has everything.
    if (!this.#ended) this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), END_TIMEOUT);
    await this.#child.status;
    clearTimeout(timer);
    await this.#reading;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
  if (rest !== "") onLine(rest);
}

function parseEvent(line: string): ProcessEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "event" in value
      ? value as ProcessEvent
      : undefined;
  } catch {
    // Not a line of ours: nothing to tell.
    return undefined;
  }
}
