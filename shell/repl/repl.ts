/**
 * REPL: reads a line, runs its command, shows the answer.
 *
 * In a terminal lines are edited and downloads go on in the background; elsewhere each command is
 * finished before the next line is read, and the end of input leaves.
 *
 * @module
 */
import { SHELL_REMEDIES } from "../base/remedies.ts";
import { visible } from "../base/format.ts";
import { splitLinks } from "../../protocol/mod.ts";
import { verbFor, verbsOf } from "../commands/mod.ts";
import { CommandError } from "../base/errors.ts";
import { ExitStatus, exitStatusOf, sentenceOf } from "../base/exit_status.ts";
import { flagRow, type FlagValues, isFlag, readFlags } from "../flags/flags.ts";
import type { History } from "../terminal/history.ts";
import { type Line, parseLine, splitCommands } from "../arguments/parse_line.ts";
import { isYes, type Prompts, promptsOn } from "../terminal/prompts.ts";
import type { Screen } from "../terminal/screen.ts";
import { completeLine } from "./tab_completion.ts";
import type { Call, Session } from "../commands/verb.ts";
import type { Environment, LineEditor } from "../base/environment.ts";

/** What a shell works with. */
export interface ShellOptions {
  readonly session: Session;
  readonly world: Environment;
  readonly screen: Screen;
  /** Of the program: execute, daemon, timeout. */
  readonly flags: FlagValues;
  readonly prompt: () => string;
  readonly history: History;
  /**
   * Brings the torrents of last time back, once a person has the prompt: verbs that want them wait for
   * it. Left out where they are back already.
   */
  readonly restore?: () => Promise<void>;
}

/** Verbs that look at no torrent. */
const WITHOUT_TORRENTS: ReadonlySet<string> = new Set(["help", "exit", "explain", "clear"]);

/** Runs a shell to its end; the exit status. */
export async function runShell(options: ShellOptions): Promise<number> {
  return await new Shell(options).run();
}

class Shell {
  readonly #options: ShellOptions;
  #status: number = ExitStatus.done;
  #leaving = false;
  /** Aborts the command that runs. */
  #command = new AbortController();
  #editor: LineEditor | undefined;
  #restoring: Promise<void> | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  async run(): Promise<number> {
    const { world, screen, flags } = this.#options;
    const { stop } = world;
    const interrupt = () => this.#command.abort();
    stop.addEventListener("abort", interrupt);
    try {
      for (const command of splitCommands(flags.execute ?? "")) {
        if (!this.#leaving && !stop.aborted) await this.#run(command, true);
      }
      if (this.#leaving || stop.aborted) return this.#status;
      if (flags.daemon) {
        await aborted(stop);
        return this.#status;
      }
      if (screen.isInteractive) {
        await this.#talk();
        // What went wrong was seen by the one who typed it.
        return ExitStatus.done;
      }
      await this.#readAll();
      return this.#status;
    } finally {
      stop.removeEventListener("abort", interrupt);
    }
  }

  async #talk(): Promise<void> {
    const { world, session, screen, prompt, history } = this.#options;
    using editor = await world.stdin.edit({
      history: history.lines,
      complete: (line) => completeLine(line, session),
      unicode: screen.look().unicode,
      interrupt: () => this.#command.abort(),
      keys: { o: "open" },
      search: (lines, typed) =>
        this.#prompts()!.choose(
          "Which earlier line?",
          lines.map((line) => ({ name: line, value: line })),
          typed,
        ),
    });
    this.#editor = editor;
    while (!this.#leaving) {
      const typed = editor.read(prompt());
      this.#restoring ??= this.#restore();
      const line = await Promise.race([typed, aborted(world.stop)]);
      if (line === null || world.stop.aborted) return;
      history.add(line);
      await this.#run(line, false);
    }
  }

  /** Told by the command that waits for it, or here where none does. */
  #restore(): Promise<void> {
    const { restore, screen } = this.#options;
    const restoring = restore?.() ?? Promise.resolve();
    restoring.catch((error) => screen.error(error));
    return restoring;
  }

  async #readAll(): Promise<void> {
    const { stop, stdin } = this.#options.world;
    const lines = stdin.lines()[Symbol.asyncIterator]();
    while (!this.#leaving) {
      const next = await Promise.race([lines.next(), aborted(stop)]);
      if (next === null || next.done || stop.aborted) return;
      await this.#run(next.value, true);
    }
  }

  /** One line from text to answer. Never throws. */
  async #run(text: string, waits: boolean): Promise<void> {
    const { screen, session } = this.#options;
    this.#command = new AbortController();
    if (this.#options.world.stop.aborted) this.#command.abort();
    try {
      const verbs = verbsOf(session.role);
      // A link alone can only mean one thing.
      const typed = session.role === "peer" && splitLinks(text) !== undefined
        ? `download ${text.trim()}`
        : text;
      const line = parseLine(typed, {
        takesValue: (flag) =>
          verbs.some((verb) => verb.flags?.some((name) => name === flag)) && isFlag(flag) &&
          flagRow(flag).kind !== "switch",
        flagOf: (letter, typed) =>
          verbs.find(({ name, aliases }) => name === typed || aliases?.includes(typed))
            ?.flags?.find((flag) => flagRow(flag).short === letter),
      });
      if (line === undefined) return;
      const verb = verbFor(line.verb, session.role);
      const call = this.#call(
        line,
        readFlags(verb.flags ?? [], { given: line.flags }),
        waits,
      );
      if (!WITHOUT_TORRENTS.has(verb.name)) await this.#restored();
      const view = session.role === "peer"
        ? await verb.peer!(session, call)
        : await verb.tracker!(session, call);
      const isGood = this.#editor === undefined
        ? screen.show(view)
        : await screen.showPaged(view, this.#editor, this.#command.signal);
      if (!isGood) this.#failed(ExitStatus.failed);
    } catch (error) {
      if (isAbort(error, this.#command.signal)) screen.note("Interrupted.");
      else screen.error(error, sentenceOf(error, SHELL_REMEDIES));
      const unfinished = error instanceof CommandError && error.kind === "unfinished";
      this.#failed(unfinished ? exitStatusOf(error) : ExitStatus.failed);
    }
  }

  /** Waits for the torrents of last time, unless the command is interrupted. */
  async #restored(): Promise<void> {
    if (this.#restoring === undefined) return;
    const { signal } = this.#command;
    await Promise.race([this.#restoring, aborted(signal)]);
    signal.throwIfAborted();
  }

  /** The first thing that went wrong decides, but for being stopped: that is why all ends. */
  #failed(status: number): void {
    if (this.#status === ExitStatus.done || status === ExitStatus.unfinished) this.#status = status;
  }

  #prompts(): Prompts | undefined {
    const { colour } = this.#options.screen.look();
    return this.#editor === undefined ? undefined : promptsOn(this.#editor, { colour });
  }

  #call({ args, rest, words }: Line, flags: FlagValues, waits: boolean): Call {
    const { screen, flags: program } = this.#options;
    const editor = this.#editor;
    return {
      args,
      rest,
      words,
      flags,
      waits,
      signal: this.#command.signal,
      timeout: program.timeout,
      ask: editor === undefined ? undefined : async (question) => {
        const answer = await editor.read(`${visible(question)} [y/N] `, "answer");
        return isYes(answer ?? "");
      },
      prompts: this.#prompts(),
      run: async (line) => {
        screen.sayPainted(`${this.#options.prompt()}${visible(line)}`);
        await this.#run(line, waits);
      },
      progress: (event, report) => screen.progress(event, report),
      keys: editor === undefined ? undefined : () => editor.keys(this.#command.signal),
      clear: () => screen.clear(),
      leave: () => this.#leaving = true,
    };
  }
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error instanceof DOMException;
}

/** Resolves to null when the signal aborts. */
function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(null), { once: true })
  );
}
