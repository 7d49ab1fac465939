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
    if (path === undefined) return new History(path, []);
    try {
      const text = await Deno.readTextFile(path);
      return new History(path, text.split("\n").filter((line) => line !== "").slice(-LINES));
    } catch {
      // The first start, or a file of somebody else: both begin without history.
      return new History(path, []);
    }
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  add(line: string): void {
    if (line.trim() === "" || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
  }

  /** Writes the last lines back. */
  async save(): Promise<void> {
    if (this.#path === undefined) return;
    const lines = this.#lines.slice(-LINES);
    if (lines.length === 0) return;
    await Deno.writeTextFile(this.#path, lines.map((line) => `${line}\n`).join(""), {
      mode: 0o600,
    });
  }
}
