/**
 * One line of the shell: `torrent -mode <verb> [argument]` or `<verb> [argument]`, with quotes.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";

/** One word of a line. */
export interface Word {
  readonly text: string;
  /** As it was typed, with its quotes. */
  readonly typed: string;
  /** Whether it was quoted: then it is never a flag. */
  readonly quoted: boolean;
  /** White space before it, as typed. */
  readonly space: string;
}

/** A line taken apart. */
export interface Line {
  /** Lower case; `""` for a bare `torrent`. */
  readonly verb: string;
  /** The words after the verb, quotes removed, flags left out. */
  readonly args: readonly string[];
  /**
   * The same words with the spaces as typed between them: an unquoted name with spaces in it.
   */
  readonly rest: string;
  /** The same words as they were typed: quotes may belong to a name. */
  readonly words: readonly Word[];
  /** `--name value`, `--name=value`, `--name` and their letters, in order. `value` is what stands behind `=`. */
  readonly flags: readonly { name: string; value: string | undefined }[];
}

/** How a verb's flags are to be read. */
export interface LineOptions {
  /** Whether a flag of this name takes the next word as its value. */
  readonly takesValue?: (flag: string) => boolean;
  /** The flag of a verb behind one letter (`-y`); undefined where it is a name. */
  readonly flagOf?: (letter: string, verb: string) => string | undefined;
}

/**
 * Takes a line apart; undefined for an empty one or a comment (`#`).
 *
 * @throws {UsageError} where a quote is left open or the words after `torrent` are no command
 */
export function parseLine(text: string, options: LineOptions = {}): Line | undefined {
  let words = splitWords(text);
  if (words.length === 0 || text.trimStart().startsWith("#")) return undefined;
  if (words[0]!.text.toLowerCase() === "torrent" && !words[0]!.quoted) {
    words = afterMode(words.slice(1));
    if (words.length === 0) return { verb: "", args: [], rest: "", words: [], flags: [] };
  }
  const [verb, ...others] = words;
  const kept: Word[] = [];
  const flags: { name: string; value: string | undefined }[] = [];
  for (let index = 0; index < others.length; index++) {
    const word = others[index]!;
    const flag = word.quoted
      ? null
      : /^(?:--([a-z][a-z0-9-]*)|-([a-z]))(?:=(.*))?$/s.exec(word.text);
    const letter = flag?.[2];
    const name = letter === undefined
      ? flag?.[1]
      : options.flagOf?.(letter, verb!.text.toLowerCase());
    if (flag === null || name === undefined) {
      kept.push(word);
      continue;
    }
    let value = flag[3];
    if (value === undefined && options.takesValue?.(name)) value = others[++index]?.text;
    flags.push({ name, value });
  }
  return {
    verb: verb!.text.toLowerCase(),
    args: kept.map((word) => word.text),
    rest: joined(kept, ({ text }) => text),
    words: kept,
    flags,
  };
}

/** Words with the spaces between them. */
export function joined(words: readonly Word[], textOf: (word: Word) => string): string {
  return words.map((word, index) => (index === 0 ? "" : word.space) + textOf(word)).join("");
}

/** What follows `torrent`: `-mode verb …`, `--mode verb …`, `-mode=verb …` or `verb …`. */
function afterMode(words: Word[]): Word[] {
  const [first, ...others] = words;
  if (first === undefined) return [];
  const mode = /^--?mode(?:=(.*))?$/is.exec(first.text);
  if (mode === null) {
    if (first.text.startsWith("-")) {
      throw new UsageError(
        `Unknown option "${first.text}" after torrent. Type torrent -mode <verb>, or help`,
      );
    }
    return words;
  }
  if (mode[1] !== undefined) return [{ ...first, text: mode[1], typed: mode[1] }, ...others];
  if (others.length === 0) throw new UsageError("-mode wants a verb. Type help for the list");
  return others;
}

/**
 * Words at white space. A quote counts only where a word begins (`don't` is a word), a backslash
 * only before a space or a quote (`C:\data` stays as it is).
 */
function splitWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (true) {
    const space = /^\s*/.exec(text.slice(at))![0];
    at += space.length;
    if (at >= text.length) return words;
    const quote = text[at] === '"' || text[at] === "'" ? text[at]! : undefined;
    const { word, end } = quote === undefined
      ? bareWord(text, at)
      : quotedWord(text, at + 1, quote);
    words.push({ text: word, typed: text.slice(at, end), quoted: quote !== undefined, space });
    at = end;
  }
}

function bareWord(text: string, start: number): { word: string; end: number } {
  let word = "";
  let at = start;
  for (; at < text.length && !/\s/.test(text[at]!); at++) {
    if (text[at] === "\\" && /[ "']/.test(text[at + 1] ?? "")) at++;
    word += text[at];
  }
  return { word, end: at };
}

function quotedWord(text: string, start: number, quote: string): { word: string; end: number } {
  let word = "";
  for (let at = start; at < text.length; at++) {
    if (text[at] === quote) return { word, end: at + 1 };
    if (text[at] === "\\" && text[at + 1] === quote) at++;
    word += text[at];
  }
  throw new UsageError(`Closing quote ${quote} is missing`);
}

/** The commands of `-e "CMD; CMD"`: split at semicolons and line ends outside quotes. */
export function splitCommands(text: string): string[] {
  const commands: string[] = [];
  let quote: string | undefined;
  let current = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const opens = quote === undefined && /["']/.test(character) && /^$|\s$/.test(current);
    if (opens) quote = character;
    else if (character === quote) quote = undefined;
    if (quote === undefined && (character === ";" || character === "\n")) {
      commands.push(current);
      current = "";
    } else {
      current += character;
    }
  }
  commands.push(current);
  return commands.map((command) => command.trim()).filter((command) => command !== "");
}

/** A name as it has to be typed: quoted where it has spaces or could be taken for something else. */
export function quoteName(name: string): string {
  if (/^[^\s"'#;-][^\s"';]*$/.test(name)) return name;
  return `"${name.replaceAll('"', '\\"')}"`;
}
