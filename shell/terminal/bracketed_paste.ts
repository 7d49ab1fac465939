/**
 * Bracketed paste: text pasted into a prompt is shown, and never runs by itself. Pure.
 *
 * @module
 */

/** Asks a terminal to mark where a paste begins and ends, and not to any more. */
export const PASTE_MARKS_ON = "\x1b[?2004h";
export const PASTE_MARKS_OFF = "\x1b[?2004l";

const START = "\x1b[200~";
const END = "\x1b[201~";

/**
 * Key strokes as they come, with what stands between the marks of a paste made harmless: line ends
 * become `lineEnd`, tabs spaces, and all other control characters go. Nothing of it runs before Enter
 * is typed.
 */
export class PasteFilter {
  readonly #lineEnd: string;
  #pasting = false;
  /** The beginning of a mark whose rest has not come yet. */
  #held = "";

  /** @param lineEnd what shows a line end; see {@linkcode splitPasted} */
  constructor(lineEnd: string) {
    this.#lineEnd = lineEnd;
  }

  /** What the editor is to read in place of `text`. */
  push(text: string): string {
    let rest = this.#held + text;
    this.#held = "";
    let out = "";
    while (rest !== "") {
      const mark = this.#pasting ? END : START;
      const at = rest.indexOf(mark);
      // Nothing else has `&`, `=` or `%` in it and no blank.
      if (at >= 0) {
        out += this.#read(rest.slice(0, at));
        this.#pasting = !this.#pasting;
        rest = rest.slice(at + mark.length);
        continue;
      }
      const held = heldBack(rest, mark);
      out += this.#read(rest.slice(0, rest.length - held));
      this.#held = rest.slice(rest.length - held);
      rest = "";
    }
    return out;
  }

  #read(text: string): string {
    if (!this.#pasting) return text;
    return text
      .replace(/\r\n?|\n/g, this.#lineEnd)
      .replaceAll("\t", " ")
      // deno-lint-ignore no-control-regex -- they are what is looked for
      .replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
  }
}

/**
 * The lines of an edited text that was pasted with `lineEnd` between them. A magnet link that was
 * broken into lines is one line again.
 */
export function splitPasted(text: string, lineEnd: string): string[] {
  const lines: string[] = [];
  for (const line of text.split(lineEnd)) {
    const before = lines.at(-1);
    if (
      before !== undefined && /(?:^|\s)magnet:\S*$/i.test(before) && /^\s*[?&]\S|^\s*\S*[=&%]\S*$/
        .test(line) &&
      !/^\s*magnet:/i.test(line)
    ) {
      lines[lines.length - 1] = before + line.trim();
    } else lines.push(line);
  }
  // A paste that ends with a line end has no further line behind it.
  while (lines.length > 1 && lines.at(-1)!.trim() === "") lines.pop();
  return lines;
}

/** How many characters at the end may begin `mark`. A lone Escape is a key of its own. */
function heldBack(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length >= 2; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
