/**
 * Runs the terminals of a page of documentation: what is typed there is typed, what is shown there
 * has to come.
 *
 * A fenced block behind `<!-- file who.py -->` is a file that the reader saves: it is there from the
 * start. Any other belongs to the terminal that the comment before it names, `<!-- terminal 2 -->`.
 * In it, `$ …` is typed at a shell, `peer 1> …` and `tracker> …` at that prompt, and `> …` where a
 * program waits for an answer; all other lines are expected from the command before, in any order,
 * with `…` for whatever it is.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { Terminal } from "./terminal.ts";

/** One block. */
interface Block {
  readonly terminal: string;
  readonly lines: readonly string[];
}

/** The blocks that are run. Every other block of a page must say why not: see {@linkcode unrunBlocks}. */
export function terminalBlocks(page: string): Block[] {
  return [...page.matchAll(/<!-- terminal (\S+) -->\n+```\w*\n([^]*?)\n```/g)]
    .map((match) => ({ terminal: match[1]!, lines: match[2]!.split("\n") }));
}

/** The files that the reader of a page saves: name → text. */
export function savedFiles(page: string): Map<string, string> {
  return new Map(
    [...page.matchAll(/<!-- file (\S+) -->\n+```\w*\n([^]*?\n)```/g)]
      .map((match) => [match[1]!, match[2]!]),
  );
}

/** Blocks of a page that nothing runs, but for those marked `<!-- not run: why -->` and JSON. */
export function unrunBlocks(page: string): string[] {
  const marked = page.replace(
    /<!-- (?:(?:terminal|file) \S+|not run: [^]*?) -->\n+```\w*\n[^]*?\n```/g,
    "",
  );
  // JSON is matched, too: otherwise its end would be taken for the beginning of the next block.
  return [...marked.matchAll(/^```(\w*)\n([^]*?)\n```$/gm)]
    .filter(([, language]) => !language!.startsWith("json")).map((match) => match[2]!);
}

/** How a page is run. */
export interface PageOptions {
  readonly cwd: string;
  /** What comes before the shell of a terminal, to run it elsewhere. */
  readonly through: (terminal: string) => readonly string[];
  /** Longest that a line is waited for, ms. Default: a terminal's. */
  readonly patience?: number;
}

/** Runs a page. */
export async function runPage(page: string, options: PageOptions): Promise<void> {
  for (const [name, text] of savedFiles(page)) {
    await Deno.writeTextFile(join(options.cwd, name), text);
  }
  await using terminals = new Terminals(options);
  for (const { terminal, lines } of terminalBlocks(page)) {
    const open = await terminals.get(terminal);
    for (const line of lines) await open.line(line);
  }
  await terminals.finish();
}

const PROMPT = /^(\$|peer \S+>|tracker>|>)(?: (.*))?$/;
/** Where a program has asked, there is no prompt. */
const ANSWER = ">";

/** A terminal and how far its output was read. */
class Reader {
  readonly terminal: Terminal;
  readonly #patience: number | undefined;
  /** Lines of the whole output before what is looked at now. */
  #from = 0;

  constructor(terminal: Terminal, patience: number | undefined) {
    this.terminal = terminal;
    this.#patience = patience;
  }

  async line(text: string): Promise<void> {
    const prompt = PROMPT.exec(text);
    if (prompt === null) return await this.#expect(text);
    const [, sign, typed] = prompt;
    if (sign === ANSWER) return await this.terminal.enter(typed!);
    await this.#until((lines) => lines.at(-1) === sign, `the prompt ${sign}`);
    if (typed === undefined) return;
    this.#from = (await this.terminal.history()).length - 1;
    await this.terminal.enter(typed);
    await this.#until((lines) => lines[this.#from] !== sign, "the echo");
    // Another terminal may be about to use the file.
    if (sign === "$" && / > \S+$/.test(typed!)) {
      await this.#until((lines) => lines.at(-1) === sign, "the end of what writes a file");
    }
  }

  async #expect(text: string): Promise<void> {
    const pattern = new RegExp(
      "^" + text.split("…").map((part) =>
        part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
          .replace(/ +/g, " +")
      ).join(".*"),
    );
    await this.#until(
      (lines) => lines.slice(this.#from).some((line) => pattern.test(line)),
      `the line ${text}`,
    );
  }

  async #until(fits: (lines: string[]) => boolean, what: string): Promise<string[]> {
    return await this.terminal.untilHistory(fits, what, this.#patience);
  }
}

class Terminals implements AsyncDisposable {
  readonly #options: PageOptions;
  readonly #open = new Map<string, Reader>();

  constructor(options: PageOptions) {
    this.#options = options;
  }

  async get(name: string): Promise<Reader> {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const { cwd, through, patience } = this.#options;
    // `deno` may be known to the package runner alone that started us.
    const path = `PATH=${dirname(Deno.execPath())}:${Deno.env.get("PATH") ?? ""}`;
    // All that is printed is read at once.
    const shell = [
      ...through(name),
      "env",
      "PS1=$ ",
      "PAGER=cat",
      path,
      "bash",
      "--norc",
      "--noprofile",
    ];
    const terminal = await Terminal.start(shell, {
      cwd,
      columns: 132,
    });
    const reader = new Reader(terminal, patience);
    this.#open.set(name, reader);
    return reader;
  }

  /** Leaves the shells that are still open. */
  async finish(): Promise<void> {
    for (const { terminal } of this.#open.values()) {
      if ((await terminal.screen()).at(-1) !== "$") await terminal.enter("exit");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { terminal } of [...this.#open.values()].reverse()) {
      await terminal[Symbol.asyncDispose]();
    }
  }
}
