/**
 * A child process whose CPU time and peak memory can be read, its own children included.
 *
 * @module
 */

/** What a process and its children have used so far. */
export interface Usage {
  /** User and system time, seconds. The kernel counts in steps of 10 ms. */
  cpu: number;
  /** Peak resident memory, bytes. */
  memory: number;
}

/** How a process ended. */
export interface Exit {
  code: number;
  /** Milliseconds since the epoch, with fractions. */
  at: number;
}

/**
 * `sh` stays behind when the program ends and holds its CPU time, which a parent that has collected
 * the program could no longer read. It prints the program's process ID, later its exit status, and
 * leaves when its input ends.
 */
const LAUNCHER =
  'exec 3<&0; log=$1; shift; "$@" <&3 >"$log" 2>&1 3<&- & echo $!; exec 3<&-; wait $!; echo $?; cat >/dev/null';

const TICKS_PER_SECOND = 100;

/** Milliseconds since the epoch, with fractions: comparable with other processes' clocks. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A program under measurement. Disposing of it stops it. */
export class MeasuredProcess implements AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** When it was started, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Set once it has ended. */
  exit: Exit | undefined;
  readonly #launcher: Deno.ChildProcess;
  readonly #log: string;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ended: Promise<void>;
  #usage: Usage = { cpu: 0, memory: 0 };

  private constructor(
    name: string,
    startedAt: number,
    log: string,
    launcher: Deno.ChildProcess,
    pid: number,
    lines: AsyncIterator<string>,
  ) {
    this.name = name;
    this.pid = pid;
    this.startedAt = startedAt;
    this.#launcher = launcher;
    this.#log = log;
    this.#input = launcher.stdin.getWriter();
    this.#ended = lines.next().then(({ value }) => {
      this.exit = { code: Number(value), at: now() };
    });
  }

  /** Starts `command`; what it prints goes to the file `log`. */
  static async start(
    command: readonly string[],
    options: { name: string; log: string; cwd: string },
  ): Promise<MeasuredProcess> {
    const startedAt = now();
    const launcher = new Deno.Command("sh", {
      args: ["-c", LAUNCHER, "sh", options.log, ...command],
      cwd: options.cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const lines = readLines(launcher.stdout);
    const pid = Number((await lines.next()).value);
    return new MeasuredProcess(options.name, startedAt, options.log, launcher, pid, lines);
  }

  /** Writes a line to the program's input. */
  async say(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
  }

  /** What it has used so far; peak memory is what the calls until now have seen. */
  usage(): Usage {
    // The launcher first: a child that ends meanwhile is then missed once, never counted twice.
    let cpu = cpuSeconds(this.#launcher.pid);
    let memory = 0;
    for (const pid of descendants(this.#launcher.pid)) {
      cpu += cpuSeconds(pid);
      memory += peakMemory(pid);
    }
    return this.#usage = {
      cpu: Math.max(cpu, this.#usage.cpu),
      memory: Math.max(memory, this.#usage.memory),
    };
  }

  /** All that it has printed. */
  output(): string {
    return readIfThere(this.#log);
  }

  /** The end of what it has printed, for an error message. */
  lastWords(): string {
    return this.output().trim().split("\n").slice(-5).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [signal, patience] of [["SIGTERM", 5000], ["SIGKILL", 10_000]] as const) {
      if (this.exit !== undefined) break;
      try {
        Deno.kill(this.pid, signal);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      await within(this.#ended, patience);
    }
    await this.#input.close().catch(() => {});
    await this.#launcher.status;
  }
}

/** Waits for a promise, but not longer than some milliseconds. */
async function within(promise: Promise<void>, patience: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([
    promise,
    new Promise<void>((resolve) => timer = setTimeout(resolve, patience)),
  ]);
  clearTimeout(timer);
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Processes begun by `pid`, and by those. */
function descendants(pid: number): number[] {
  const found: number[] = [];
  for (const thread of listIfThere(`/proc/${pid}/task`)) {
    const children = readIfThere(`/proc/${pid}/task/${thread}/children`).split(" ");
    for (const child of children.map(Number)) {
      if (child > 0) found.push(child, ...descendants(child));
    }
  }
  return found;
}

/** Time of a process and of the children it has collected: fields 14–17 of /proc/PID/stat. */
function cpuSeconds(pid: number): number {
  // The name in field 2 may hold spaces and brackets; counting begins behind it, at field 3.
  const fields = readIfThere(`/proc/${pid}/stat`).split(")").at(-1)!.trim().split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_PER_SECOND;
}

function peakMemory(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // it has ended
  }
}

function listIfThere(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name);
  } catch {
    return [];
  }
}
