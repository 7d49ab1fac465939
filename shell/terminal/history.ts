/**
 * The lines typed in earlier sessions.
 *
 * @module
 */

/** How many are kept. */
const LINES = 1000;

/** A shell's history in a file; without a path, for this session only. */
export class History {
  readonly #path: string | undefined;
  readonly #lines: string[];

  private constructor(path: string | undefined, lines: string[]) {
    this.#path = path;
    this.#lines = lines;
  }

  /** Reads what is there. A file that cannot be read is no reason not to start. */
  static async open(path: string | undefined): Promise<History> {
    const lines = path === undefined ? [] : await readLines(path);
    const kept = lines.slice(-LINES);
    // Not each time: only where much is to be thrown away.
    if (path !== undefined && lines.length > 2 * LINES) {
      await Deno.writeTextFile(path, kept.map((line) => `${line}\n`).join("")).catch(isNoMatter);
    }
    return new History(path, kept);
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Remembers a line at once, so that no end of the program takes it, and two shells share a file. */
  add(line: string): void {
    if (line.trim() === "" || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#path === undefined) return;
    try {
      Deno.writeTextFileSync(this.#path, `${line}\n`, { append: true, mode: 0o600 });
    } catch {
      isNoMatter();
    }
  }
}

/** No lines on the first start, or where the file is somebody else's: both begin without history. */
async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  } catch {
    return [];
  }
}

/** A disk that is full or a folder that is gone costs the history, and nothing else. */
function isNoMatter(): void {}
