/**
 * Reader of JSON with comments by a table of keys: whatever is wrong is told with line, column and
 * the word that may have been meant.
 *
 * @module
 */
import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  type SyntaxKind,
} from "jsonc-parser";
import {
  type DidYouMean,
  type Form,
  formName,
  type FormReader,
  type Keys,
  type Loose,
  whereListed,
} from "./form.ts";
import { milliseconds } from "./notations.ts";

export type { DidYouMean, Loose };

/** Longest file (characters), longest list in it, and most lists and objects within each other. */
const MAX_TEXT = 200_000;
const MAX_LIST = 200;
const MAX_DEPTH = 50;
/** Most words of a long list that may have been meant. */
const MOST_MEANT = 3;
/** Tokens of a text, by the parser's numbers: `{`, `}`, `[`, `]`, its end. */
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, END] = [1, 2, 3, 4, 17] as const;

/** A file that cannot be used: its name, line, column, and what is wrong there. */
export class JsoncError extends Error {
  override name = "JsoncError";
}

/** Reads one file. */
export class JsoncReader implements FormReader {
  readonly #text: string;
  readonly #path: string;
  readonly #didYouMean: DidYouMean;

  /** @param path the file's name in errors */
  constructor(text: string, path: string, didYouMean: DidYouMean) {
    this.#text = text;
    this.#path = path;
    this.#didYouMean = didYouMean;
  }

  /** Parses the file. @throws {JsoncError} */
  root(): Node {
    if (this.#text.length > MAX_TEXT) {
      throw new JsoncError(`${this.#path} is longer than ${MAX_TEXT} characters`);
    }
    this.#requireShallow();
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: true });
    const first = errors[0];
    if (first !== undefined || root === undefined) {
      const words = first === undefined
        ? "empty"
        : printParseErrorCode(first.error).replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
      this.fail(first?.offset ?? 0, `this is no JSON: ${words}`);
    }
    return root;
  }

  /** Whoever goes through the file calls itself for each level of it. */
  #requireShallow(): void {
    const scanner = createScanner(this.#text, true);
    let depth = 0;
    for (let token: SyntaxKind; (token = scanner.scan()) !== END;) {
      if (token === OPEN_BRACE || token === OPEN_BRACKET) depth++;
      else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth--;
      if (depth > MAX_DEPTH) {
        this.fail(scanner.getTokenOffset(), `more than ${MAX_DEPTH} levels within each other`);
      }
    }
  }

  /** Refuses the file for what stands at an offset. */
  fail(offset: number, says: string): never {
    const { line, column } = place(this.#text, offset);
    throw new JsoncError(`${this.#path}:${line}:${column}: ${says}`);
  }

  /** The line of an offset, from 1. */
  lineOf(offset: number): number {
    return place(this.#text, offset).line;
  }

  didYouMean(word: string, known: readonly string[], most?: number): string {
    return this.#didYouMean(word, known, most);
  }

  /** Reads an object; `line` in what it gives is its own line. */
  object(node: Node, keys: Keys, what: string): Loose {
    if (node.type !== "object") this.fail(node.offset, `${what} is an object`);
    const read: Loose = { line: this.lineOf(node.offset) };
    for (const property of node.children ?? []) {
      const [name, value] = property.children ?? [];
      const key = String(name!.value);
      if (!Object.hasOwn(keys, key)) {
        this.fail(
          name!.offset,
          `${what} has no key "${key}".${this.#didYouMean(key, Object.keys(keys))}`,
        );
      }
      if (value === undefined) this.fail(name!.offset, `"${key}" has no value`);
      if (Object.hasOwn(read, key) && key !== "line") this.fail(name!.offset, `"${key}" twice`);
      read[key] = this.value(value, keys[key]!.form, `"${key}"`);
    }
    for (const [key, { required }] of Object.entries(keys)) {
      if (required && read[key] === undefined) this.fail(node.offset, `${what} needs "${key}"`);
    }
    return read;
  }

  /** Reads a value of a form; `what` names it in errors. */
  value(node: Node, form: Form, what: string): unknown {
    const wrong = (): never => this.fail(node.offset, `${what} is ${formName(form)}`);
    const { value } = node;
    switch (form.is) {
      case "text":
        if (typeof value !== "string") return wrong();
        if (form.words !== undefined && !form.words.includes(value)) {
          this.fail(node.offset, this.#noSuchWord(value, form.words, form, what));
        }
        return value;
      case "number":
        if (form.isReal ? typeof value !== "number" : !Number.isInteger(value)) return wrong();
        return value < form.least || value > form.most ? wrong() : value;
      case "switch":
        return typeof value === "boolean" ? value : wrong();
      case "seconds":
        return typeof value === "string" ? milliseconds(value) ?? wrong() : wrong();
      case "written":
        return typeof value === "string" ? form.read(value) ?? wrong() : wrong();
      case "texts": {
        if (node.type !== "array") return wrong();
        const items = this.items(node, what);
        for (const item of items) if (typeof item.value !== "string") wrong();
        return items.map((item) => item.value as string);
      }
      case "list": {
        if (node.type !== "array") return wrong();
        const bare = what.replace(/^"(.*)"$/, "$1");
        return this.items(node, what)
          .map((item, index) => this.value(item, form.of, `${bare}[${index}]`));
      }
      case "object":
        return this.object(node, form.keys, what);
      case "map": {
        if (node.type !== "object") return wrong();
        const pairs = this.items(node, what).map((property) => property.children!);
        return Object.fromEntries(pairs.map(([name, value]) => {
          if (value === undefined) return wrong();
          return [String(name!.value), this.value(value, form.of, `"${name!.value}"`)];
        }));
      }
      case "either": {
        const fitting = form.of.find((one) => jsonTypesOf(one).includes(node.type));
        return fitting === undefined ? wrong() : this.value(node, fitting, what);
      }
      case "own":
        return form.read(node, this, what);
    }
  }

  #noSuchWord(
    word: string,
    words: readonly string[],
    form: Form & { is: "text" },
    what: string,
  ): string {
    const { listed } = form;
    if (listed === undefined) {
      return `${what} is ${formName(form)}, not "${word}".${this.#didYouMean(word, words)}`;
    }
    const meant = this.#didYouMean(word, words, MOST_MEANT);
    return `there is no ${listed.as} "${word}".${meant} (${whereListed(listed.by, words)})`;
  }

  /** The entries of a list or an object. @throws {JsoncError} where they are too many */
  items(node: Node, what: string): readonly Node[] {
    const items = node.children ?? [];
    if (items.length > MAX_LIST) {
      this.fail(node.offset, `${what} has more than ${MAX_LIST} entries`);
    }
    return items;
  }
}

/** The kinds of JSON values that a form takes. */
function jsonTypesOf(form: Form): readonly Node["type"][] {
  switch (form.is) {
    case "text":
    case "seconds":
    case "written":
      return ["string"];
    case "number":
      return ["number"];
    case "switch":
      return ["boolean"];
    case "texts":
    case "list":
      return ["array"];
    case "object":
    case "map":
      return ["object"];
    case "either":
      return form.of.flatMap(jsonTypesOf);
    case "own":
      return ["string", "number", "boolean", "array", "object"];
  }
}

/** Line and column, both from 1, of a place in a text. */
export function place(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
