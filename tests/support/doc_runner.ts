/**
 * Runs the terminals of a page of documentation: what is typed there is typed, what is shown there
 * has to come.
 *
 * A fenced block belongs to the terminal that the comment before it names, `<!-- terminal 2 -->`.
 * In it, `$ …` is typed at a shell, `peer 1> …` and `tracker> …` at that prompt; all other lines are
 * expected from the command before, in any order, with `…` for whatever it is.
 *
 * @module
 */
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

/** Blocks of a page that nothing runs, but for those marked `<!-- not run: why -->` and JSON. */
export function unrunBlocks(page: string): string[] {
  const marked = page.replace(/<!-- (?:terminal \S+|not run: [^]*?) -->\n+```\w*\n[^]*?\n```/g, "");
  return [...marked.matchAll(/^```(?!json)\w*\n([^]*?)\n```/gm)].map((match) => match[1]!);
}

/** Runs a page in `cwd`. `through` is what comes before a shell, to run it elsewhere. */
export async function runPage(
  page: string,
  { cwd, through = [] }: { cwd: string; through?: readonly string[] },
): Promise<void> {
  await using terminals = new Terminals(cwd, through);
  for (const { terminal, lines } of terminalBlocks(page)) {
    const open = await terminals.get(terminal);
    for (const line of lines) await open.line(line);
  }
  await terminals.finish();
}

const PROMPT = /^(\$|peer \S+>|tracker>)(?: (.*))?$/;

/** A terminal and how far its output was read. */
class Reader {
  readonly terminal: Terminal;
  /** Lines of the whole output before what is looked at now. */
  #from = 0;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  async line(text: string): Promise<void> {
    const prompt = PROMPT.exec(text);
    if (prompt === null) return await this.#expect(text);
    const [, sign, typed] = prompt;
    await this.#until((lines) => lines.at(-1) === sign, `the prompt ${sign}`);
    if (typed === undefined) return;
    this.#from = (await this.terminal.history()).length - 1;
    await this.terminal.enter(typed);
    await this.#until((lines) => lines[this.#from] !== sign, "the echo");
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
    return await this.terminal.untilHistory(fits, what);
  }
}

class Terminals implements AsyncDisposable {
  readonly #cwd: string;
  readonly #through: readonly string[];
  readonly #open = new Map<string, Reader>();

  constructor(cwd: string, through: readonly string[]) {
    this.#cwd = cwd;
    this.#through = through;
  }

  async get(name: string): Promise<Reader> {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const shell = [...this.#through, "env", "PS1=$ ", "bash", "--norc", "--noprofile"];
    const terminal = await Terminal.start(shell, {
      cwd: this.#cwd,
      columns: 132,
    });
    const reader = new Reader(terminal);
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
