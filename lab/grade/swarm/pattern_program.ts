/**
 * Syntax of patterns: JavaScript's regular expressions without what can only be matched by trying
 * again and again (references to groups, looking ahead and behind), as a program of small steps.
 *
 * @module
 */
import {
  ANY,
  CharSet,
  complement,
  DIGITS,
  type Ranges,
  SPACES,
  WORD_CHARACTERS,
} from "./char_set.ts";

/** Most instructions of a program: matching takes at most so many steps for each character. */
export const MAX_PROGRAM = 2000;

/** A regular expression that is none of those which can be matched in bounded time. */
export class PatternError extends Error {
  override name = "PatternError";
}

/** One step. `next` is the instruction behind it, where it is not the one that follows. */
export type Instruction =
  | { readonly op: "char"; readonly set: CharSet }
  /** Goes on at both, the first one with preference. */
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; next: number }
  /** Notes the place in a slot, or forgets what is in it. */
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "forget"; readonly slot: number }
  | { readonly op: "assert"; readonly what: Assertion }
  | { readonly op: "match" };

/** A condition on a place. */
export type Assertion = "start" | "end" | "word boundary" | "no word boundary";

/** A pattern as a program. */
export interface PatternProgram {
  readonly instructions: readonly Instruction[];
  /** Names of the groups; the group at `i` has the slots `2 * i + 1` and `2 * i + 2`, 0 is the start. */
  readonly names: readonly string[];
  /** Text that every match begins with. */
  readonly prefix: string;
}

type Syntax =
  | { readonly is: "char"; readonly set: CharSet; readonly literal?: string }
  | { readonly is: "assert"; readonly what: Assertion }
  | { readonly is: "sequence" | "choice"; readonly parts: readonly Syntax[] }
  | { readonly is: "group"; readonly of: Syntax; readonly number: number }
  | {
    readonly is: "repeat";
    readonly of: Syntax;
    readonly least: number;
    readonly most: number;
    readonly isLazy: boolean;
  };

/**
 * Reads a pattern.
 *
 * @param source a regular expression that JavaScript takes without flags
 * @throws {PatternError}
 */
export function programOf(source: string): PatternProgram {
  const parser = new Parser(source);
  const syntax = parser.choice();
  const emitter = new Emitter();
  emitter.emit(syntax);
  emitter.add({ op: "match" });
  return { instructions: emitter.instructions, names: parser.names, prefix: prefixOf(syntax) };
}

/** The text that all matches begin with. */
function prefixOf(syntax: Syntax): string {
  const parts = syntax.is === "sequence" ? syntax.parts : [syntax];
  let prefix = "";
  for (const part of parts) {
    if (part.is !== "char" || part.literal === undefined) break;
    prefix += part.literal;
  }
  return prefix;
}

class Parser {
  readonly names: string[] = [];
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  choice(): Syntax {
    const parts = [this.#sequence()];
    while (this.#takes("|")) parts.push(this.#sequence());
    return parts.length === 1 ? parts[0]! : { is: "choice", parts };
  }

  #sequence(): Syntax {
    const parts: Syntax[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#source[this.#at]!)) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { is: "sequence", parts };
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #repeated(of: Syntax): Syntax {
    const [text, least = "", comma = "", most = ""] =
      /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(this.#source.slice(this.#at, this.#at + 60)) ?? [];
    if (text === undefined) return of;
    this.#at += text.length;
    const isLazy = this.#takes("?");
    const bounds = text === "*"
      ? [0, Infinity]
      : text === "+"
      ? [1, Infinity]
      : text === "?"
      ? [0, 1]
      : [Number(least), comma === "" ? Number(least) : most === "" ? Infinity : Number(most)];
    return { is: "repeat", of, least: bounds[0]!, most: bounds[1]!, isLazy };
  }

  #atom(): Syntax {
    const char = this.#source[this.#at++]!;
    switch (char) {
      case "^":
        return { is: "assert", what: "start" };
      case "$":
        return { is: "assert", what: "end" };
      case ".":
        return { is: "char", set: new CharSet(ANY) };
      case "(":
        return this.#group();
      case "[":
        return { is: "char", set: new CharSet(this.#class()) };
      case "\\":
        return this.#escape();
      default:
        return literal(char);
    }
  }

  #group(): Syntax {
    const looks = /^\?(?:<?[=!])/.exec(this.#source.slice(this.#at, this.#at + 3))?.[0];
    if (looks !== undefined) {
      throw new PatternError(
        `has (${looks}…): looking ahead or behind takes time without bound. Leave it out`,
      );
    }
    let number: number | undefined;
    if (this.#takes("?<")) {
      const end = this.#source.indexOf(">", this.#at);
      number = this.names.push(this.#source.slice(this.#at, end)) - 1;
      this.#at = end + 1;
    } else if (this.#takes("?")) {
      // `(?i:` and the like change what letters mean.
      if (!this.#takes(":")) {
        throw new PatternError("has flags in a group: write both letters, [Aa]");
      }
    }
    const of = this.choice();
    this.#takes(")");
    return number === undefined ? of : { is: "group", of, number };
  }

  #escape(): Syntax {
    const char = this.#source[this.#at]!;
    if (char === "b" || char === "B") {
      this.#at++;
      return { is: "assert", what: char === "b" ? "word boundary" : "no word boundary" };
    }
    if (/[1-9k]/.test(char)) {
      throw new PatternError(
        `has \\${char}: what refers to a group takes time without bound. Leave it out`,
      );
    }
    const escaped = this.#escaped();
    return typeof escaped === "string"
      ? literal(escaped)
      : { is: "char", set: new CharSet(escaped) };
  }

  /** What stands behind a backslash, in a class as well: a character, or several. */
  #escaped(): string | Ranges {
    const char = this.#source[this.#at++]!;
    const sets: Readonly<Record<string, Ranges>> = {
      d: DIGITS,
      D: complement(DIGITS),
      s: SPACES,
      S: complement(SPACES),
      w: WORD_CHARACTERS,
      W: complement(WORD_CHARACTERS),
    };
    if (Object.hasOwn(sets, char)) return sets[char]!;
    const controls: Readonly<Record<string, string>> = {
      n: "\n",
      r: "\r",
      t: "\t",
      v: "\v",
      f: "\f",
    };
    if (Object.hasOwn(controls, char)) return controls[char]!;
    const rest = this.#source.slice(this.#at, this.#at + 4);
    const hex = char === "x"
      ? /^[0-9a-f]{2}/i.exec(rest)
      : char === "u"
      ? /^[0-9a-f]{4}/i.exec(rest)
      : null;
    if (hex !== null) {
      this.#at += hex[0].length;
      return String.fromCharCode(parseInt(hex[0], 16));
    }
    if (/[0-7c]/.test(char)) {
      if (char === "0" && !/^[0-7]/.test(rest)) return "\0";
      throw new PatternError(`has \\${char}: write a character by its number as \\xHH`);
    }
    return char;
  }

  #class(): Ranges {
    const isNegated = this.#takes("^");
    const ranges: [number, number][] = [];
    while (!this.#takes("]")) {
      const from = this.#member();
      if (this.#source[this.#at] !== "-" || this.#source[this.#at + 1] === "]") {
        ranges.push(...from);
        continue;
      }
      this.#at++;
      const to = this.#member();
      // `[\d-x]` has a dash in it.
      if (from.length !== 1 || to.length !== 1 || from[0]![0] !== from[0]![1]) {
        ranges.push(...from, [0x2d, 0x2d], ...to);
      } else ranges.push([from[0]![0], to[0]![1]]);
    }
    return isNegated ? complement(ranges) : ranges;
  }

  #member(): [number, number][] {
    const char = this.#source[this.#at++]!;
    let one: string | Ranges = char;
    if (char === "\\") {
      if (this.#takes("b")) one = "\b";
      else one = this.#escaped();
    }
    if (typeof one !== "string") return one.map(([from, to]) => [from, to]);
    return [[one.charCodeAt(0), one.charCodeAt(0)]];
  }
}

function literal(char: string): Syntax {
  const code = char.charCodeAt(0);
  return { is: "char", set: new CharSet([[code, code]]), literal: char };
}

class Emitter {
  readonly instructions: Instruction[] = [];

  add<T extends Instruction>(instruction: T): T {
    if (this.instructions.length >= MAX_PROGRAM) {
      throw new PatternError("is too long, its repetitions written out");
    }
    this.instructions.push(instruction);
    return instruction;
  }

  emit(syntax: Syntax): void {
    switch (syntax.is) {
      case "char":
        this.add({ op: "char", set: syntax.set });
        break;
      case "assert":
        this.add({ op: "assert", what: syntax.what });
        break;
      case "sequence":
        for (const part of syntax.parts) this.emit(part);
        break;
      case "choice":
        this.#choice(syntax.parts);
        break;
      case "group":
        this.add({ op: "save", slot: 2 * syntax.number + 1 });
        this.emit(syntax.of);
        this.add({ op: "save", slot: 2 * syntax.number + 2 });
        break;
      case "repeat":
        this.#repeat(syntax);
    }
  }

  #choice(parts: readonly Syntax[]): void {
    const jumps = parts.slice(0, -1).map((part) => {
      const split = this.add({ op: "split", first: this.instructions.length + 1, second: 0 });
      this.emit(part);
      const jump = this.add({ op: "jump", next: 0 });
      split.second = this.instructions.length;
      return jump;
    });
    this.emit(parts.at(-1)!);
    for (const jump of jumps) jump.next = this.instructions.length;
  }

  #repeat({ of, least, most, isLazy }: Syntax & { is: "repeat" }): void {
    const once = (): void => {
      // What a group matched in an earlier round counts no more.
      for (const slot of slotsOf(of)) this.add({ op: "forget", slot });
      this.emit(of);
    };
    const branch = () => this.add({ op: "split", first: 0, second: 0 });
    const [here, there] = isLazy ? ["second", "first"] as const : ["first", "second"] as const;
    for (let count = 0; count < least; count++) {
      const before = this.instructions.length;
      once();
      // Nothing, however often.
      if (this.instructions.length === before) break;
    }
    if (most === Infinity) {
      const start = this.instructions.length;
      const split = branch();
      split[here] = this.instructions.length;
      once();
      this.add({ op: "jump", next: start });
      split[there] = this.instructions.length;
      return;
    }
    const splits = [];
    for (let count = least; count < most; count++) {
      const split = branch();
      split[here] = this.instructions.length;
      splits.push(split);
      once();
    }
    for (const split of splits) split[there] = this.instructions.length;
  }
}

function slotsOf(syntax: Syntax): number[] {
  switch (syntax.is) {
    case "group":
      return [2 * syntax.number + 1, 2 * syntax.number + 2, ...slotsOf(syntax.of)];
    case "repeat":
      return slotsOf(syntax.of);
    case "sequence":
    case "choice":
      return syntax.parts.flatMap(slotsOf);
    default:
      return [];
  }
}
