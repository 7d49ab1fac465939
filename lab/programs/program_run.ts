/**
 * A program that is not trusted while it runs: started without a shell's help, bounded in time, output
 * and files, and gone with all that it started.
 *
 * @module
 */
import { endProcess, endSurvivors, MARK, markedProcesses } from "./survivors.ts";
import { FOLDER_VARIABLE } from "./guardian.ts";
import { Transcript } from "./transcript.ts";

/** How a program is started. */
export interface StartOptions {
  /** The folder it is started in. */
  readonly cwd: string;
  /** Lines typed at its start; standard input stays open behind them. None: nothing to read. */
  readonly lines?: readonly string[];
  /** Variables of its environment, beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gives it a terminal, so that it does not hold its output back. */
  readonly terminal?: boolean;
  /** The folder of the probe or run, by which its processes are known. */
  readonly belongsTo?: string;
  /** ms after which it is ended. */
  readonly ceiling: number;
}

/** How a program ended. */
export interface Ended {
  /** Exit status; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  /** The signal, where one ended it that we did not send. */
  readonly signal: string | undefined;
}

/** Largest file (512-byte blocks) that a program may write: 1 GiB. */
const FILE_BLOCKS = 1 << 21;
/** Processes that it may have at once. */
const MOST_PROCESSES = 200;
/** ms between two counts of its processes. */
const COUNT_INTERVAL = 2000;
/** ms that it has to end itself when it is asked to. */
const END_GRACE = 1000;
/** ms between two looks at output that keeps coming. */
const LOOK_INTERVAL = 20;

/**
 * Puts limits on what it becomes. What this program's own start put into the environment is taken out.
 */
const LAUNCHER = "unset DENO_DIR DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON VTORRENT_EXE; " +
  '[ -z "${VTORRENT_DENO_DIR:-}" ] || export DENO_DIR="$VTORRENT_DENO_DIR"; ' +
  `ulimit -c 0 2>/dev/null; ulimit -f ${FILE_BLOCKS} 2>/dev/null; exec "$@"`;

/** Nothing of these programs goes through a proxy. */
const NO_PROXY = "127.0.0.1,::1,localhost,127.0.0.0/8";

/** One running program. Disposing ends it and everything that it started. */
export class ProgramRun implements AsyncDisposable {
  readonly command: readonly string[];
  readonly stdout = new Transcript();
  readonly stderr = new Transcript();
  /** `performance.now()` when it was started. */
  readonly started: number;
  /** Why it was ended before its time, in a sentence. */
  problem: string | undefined;
  readonly #mark = crypto.randomUUID();
  readonly #child: Deno.ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #reading: Promise<unknown>;
  readonly #readers: ReadableStreamDefaultReader<Uint8Array>[] = [];
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #terminal: boolean;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #look: ReturnType<typeof setTimeout> | undefined;
  #end: Ended | undefined;
  #asked = false;
  #stopped: Promise<void> | undefined;

  constructor(command: readonly string[], options: StartOptions) {
    this.command = command;
    this.#terminal = options.terminal ?? false;
    const [program, ...args] = launched(command, this.#terminal);
    this.started = performance.now();
    this.#child = new Deno.Command(program!, {
      args,
      cwd: options.cwd,
      env: {
        ...options.env,
        [MARK]: this.#mark,
        ...(options.belongsTo === undefined ? {} : { [FOLDER_VARIABLE]: options.belongsTo }),
        PYTHONUNBUFFERED: "1",
        NO_PROXY,
        no_proxy: NO_PROXY,
        TMPDIR: options.cwd,
      },
      // A process group of its own, so that all of it can be ended.
      detached: true,
      stdin: options.lines === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (options.lines !== undefined) {
      this.#input = this.#child.stdin.getWriter();
      const typed = new TextEncoder().encode(options.lines.map((line) => `${line}\n`).join(""));
      // It may have ended before it read a word.
      this.#input.write(typed).catch(() => {});
    }
    this.#reading = Promise.all([
      this.#collect(this.#child.stdout, this.stdout),
      this.#collect(this.#child.stderr, this.stderr),
      this.#child.status.then((status) => {
        this.#end = {
          code: status.code,
          signal: this.#asked ? undefined : status.signal ?? undefined,
        };
        this.#notify();
      }),
    ]);
    const { ceiling } = options;
    this.#timers.push(setTimeout(() => {
      this.problem = `It was ended after ${ceiling / 1000} s`;
      this.stop();
    }, ceiling));
    this.#timers.push(setInterval(() => this.#count(), COUNT_INTERVAL));
  }

  /** Its process ID, and that of its process group. */
  get pid(): number {
    return this.#child.pid;
  }

  get end(): Ended | undefined {
    return this.#end;
  }

  /** ms since its start. */
  age(): number {
    return performance.now() - this.started;
  }

  /**
   * What `look` finds, asked again whenever it printed something or ended, and whenever `poke` is
   * called; undefined where it finds nothing until it ended or `patience` ms went by.
   */
  async until<T>(look: () => T | undefined, patience: number): Promise<T | undefined> {
    const found = look();
    if (found !== undefined || this.#end !== undefined) return found;
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    const check = () => {
      const found = look();
      if (found !== undefined || this.#end !== undefined) resolve(found);
    };
    const limit = setTimeout(() => resolve(look()), patience);
    this.#waiting.add(check);
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(check);
    }
  }

  /** How it ended by itself; undefined where it still runs after `patience` ms. */
  async ended(patience: number): Promise<Ended | undefined> {
    await this.until(() => this.#end, patience);
    // What it printed last may lie in the pipe still, which a child of its may hold open.
    if (this.#end !== undefined) {
      await Promise.race([this.#reading, new Promise((resolve) => this.#later(resolve, 500))]);
    }
    return this.#end;
  }

  /** Has those who wait look again: something happened elsewhere. */
  poke(): void {
    this.#notify();
  }

  /** Its last lines, those of standard error first of all. */
  lastLines(count = 4): string[] {
    const errors = this.#terminal ? [] : this.stderr.lastLines(count);
    return errors.length > 0 ? errors : this.stdout.lastLines(count);
  }

  /** Sends a signal to it and all in its process group. */
  signal(signal: Deno.Signal): void {
    endProcess(-this.pid, signal) || endProcess(this.pid, signal);
  }

  /** Ends it and all that it started at once, as a power cut does. */
  kill(): Promise<void> {
    this.#asked = true;
    this.signal("SIGKILL");
    return this.stop();
  }

  /** Ends it and all that it started. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    const { pid } = this.#child;
    if (this.#end === undefined) {
      this.#asked = true;
      this.signal("SIGTERM");
      await this.until(() => this.#end, END_GRACE);
    }
    endProcess(-pid, "SIGKILL");
    if (this.#end === undefined) endProcess(pid, "SIGKILL");
    await endSurvivors(this.#mark);
    await this.#child.status;
    for (const timer of this.#timers) clearTimeout(timer);
    // Nobody can write any more, unless somebody took its pipe and dropped its mark.
    const patience = new Promise((resolve) => {
      this.#later(resolve, END_GRACE);
    });
    await Promise.race([this.#reading, patience]);
    for (const reader of this.#readers) await reader.cancel().catch(() => {});
    await this.#input?.close().catch(() => {});
    await this.#reading;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#look !== undefined) clearTimeout(this.#look);
  }

  #later(action: (value?: unknown) => void, delay: number): void {
    this.#timers.push(setTimeout(action, delay));
  }

  async #count(): Promise<void> {
    if (this.#stopped !== undefined) return;
    const { length } = await markedProcesses(this.#mark);
    if (length <= MOST_PROCESSES) return;
    this.problem = `It was ended at ${length} processes; ${MOST_PROCESSES} are allowed`;
    await this.stop();
  }

  async #collect(stream: ReadableStream<Uint8Array>, into: Transcript): Promise<void> {
    const reader = stream.getReader();
    this.#readers.push(reader);
    while (true) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || value === undefined) return;
      into.add(value);
      this.#look ??= setTimeout(() => {
        this.#look = undefined;
        this.#notify();
      }, LOOK_INTERVAL);
    }
  }

  #notify(): void {
    for (const check of this.#waiting) check();
  }
}

/** The command that starts `command` within limits. */
function launched(command: readonly string[], terminal: boolean): readonly string[] {
  if (Deno.build.os === "windows") return command;
  const limited = ["/bin/sh", "-c", LAUNCHER, "sh", ...command];
  if (!terminal) return limited;
  return Deno.build.os === "linux"
    ? ["script", "-qefc", limited.map(quoted).join(" "), "/dev/null"]
    : ["script", "-q", "/dev/null", ...limited];
}

/** One word for a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
