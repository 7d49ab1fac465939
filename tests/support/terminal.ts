/**
 * A program in a real terminal (tmux): keys go in, the screen comes out.
 *
 * @module
 */
import { isInstalled } from "./other_clients.ts";

/** Whether terminal tests can run here. */
export function haveTerminal(): Promise<boolean> {
  return isInstalled("tmux", "tmux", ["-V"]);
}

/** How a terminal is set up. */
export interface TerminalOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  /** Default: UTF-8, no colour. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file that gets every byte that programs write to the terminal, before it acts on it. */
  readonly raw?: string;
}

/** Longest (ms) that a screen is waited for, and how often (ms) it is looked at. */
const PATIENCE = 30_000;
const LOOK_MS = 40;
/** ms that a program has to save and go when its terminal is gone. */
const HANGUP_MS = 5000;

/** Files of tests run side by side in one process: its ID would not do. */
const RUN = crypto.randomUUID().slice(0, 8);
let terminals = 0;

/** One terminal of its own tmux server, gone when disposed of. */
export class Terminal implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Runs `command` in a new terminal; the last screen stays after its end. */
  static async start(command: readonly string[], options: TerminalOptions): Promise<Terminal> {
    const { cwd, columns = 80, rows = 24, env = {}, raw } = options;
    const terminal = new Terminal(`vtorrent-test-${RUN}-${++terminals}`);
    const variables = { LC_ALL: "C.UTF-8", NO_COLOR: "1", ...env };
    await terminal.#tmux(
      ["-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, "-c", cwd]
        .concat(Object.entries(variables).flatMap(([name, value]) => ["-e", `${name}=${value}`]))
        .concat([command.map(quote).join(" ") + '; echo "[ended $?]"; exec sleep 120'])
        .concat(raw === undefined ? [] : [";", "pipe-pane", "-O", `cat > ${quote(raw)}`]),
    );
    return terminal;
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux(["send-keys", "-l", "--", text]);
  }

  /** Presses keys by tmux's names: `Enter`, `Tab`, `Up`, `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux(["send-keys", ...keys]);
  }

  /** Types a line and Enter. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press("Enter");
  }

  /** Pastes as a terminal does: marked, where the program wants it so. */
  async paste(text: string): Promise<void> {
    await this.#tmux(["set-buffer", "--", text]);
    await this.#tmux(["paste-buffer", "-p"]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(["resize-window", "-x", `${columns}`, "-y", `${rows}`]);
  }

  /** The lines on the screen, without empty ones at the end. */
  async screen(): Promise<string[]> {
    return (await this.#tmux(["capture-pane", "-p"])).trimEnd().split("\n");
  }

  /** Everything so far, lines that the terminal has broken joined again. */
  async history(): Promise<string[]> {
    return (await this.#tmux(["capture-pane", "-p", "-J", "-S", "-"])).trimEnd().split("\n")
      .map((line) => line.trimEnd());
  }

  /** The whole output as soon as it fits. */
  async untilHistory(
    fits: (lines: string[]) => boolean,
    what: string,
    patience = PATIENCE,
  ): Promise<string[]> {
    const end = performance.now() + patience;
    for (;;) {
      const lines = await this.history();
      if (fits(lines)) return lines;
      if (performance.now() > end) {
        const last = lines.slice(-40).join("\n");
        throw new Error(`Waited ${patience / 1000} s in vain for ${what}:\n${last}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** The same with colours as escape sequences. */
  async colours(): Promise<string> {
    return await this.#tmux(["capture-pane", "-e", "-p"]);
  }

  /** The screen as soon as it fits. */
  async until(
    fits: RegExp | ((lines: string[]) => boolean),
    patience = PATIENCE,
  ): Promise<string[]> {
    const end = performance.now() + patience;
    for (;;) {
      const lines = await this.screen();
      if (fits instanceof RegExp ? fits.test(lines.join("\n")) : fits(lines)) return lines;
      if (performance.now() > end) {
        throw new Error(`Waited ${patience / 1000} s in vain for ${fits}:\n${lines.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Hangs up, and waits until what ran in it has saved and gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const shell = Number(await this.#tmux(["display-message", "-p", "#{pane_pid}"]));
    const processes = [shell, ...await descendants(shell)];
    await this.#tmux(["kill-session"]);
    // Some take a hang-up for a greeting.
    for (const [signal, patience] of [["SIGTERM", HANGUP_MS], ["SIGKILL", PATIENCE]] as const) {
      const end = performance.now() + patience;
      while (performance.now() < end && (await Promise.all(processes.map(runs))).includes(true)) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      for (const pid of processes) if (await runs(pid)) terminate(pid, signal);
    }
  }

  async #tmux(args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", this.#socket, ...args],
      env: { LC_ALL: "C.UTF-8" },
    }).output();
    const text = new TextDecoder();
    if (!success) throw new Error(`tmux ${args[0]}: ${text.decode(stderr)}`);
    return text.decode(stdout);
  }
}

/** Processes that a process started, and those started. Linux. */
async function descendants(pid: number): Promise<number[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  } catch {
    // Gone meanwhile.
    return [];
  }
  const children = text.split(" ").filter((word) => word.trim() !== "").map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

/** Ends a process that may end by itself in this moment. */
function terminate(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function runs(pid: number): Promise<boolean> {
  return Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
