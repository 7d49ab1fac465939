/**
 * A template: how a program with a protocol of its own is started, told to share and to fetch. Data
 * in JSON with comments, no code.
 *
 * @module
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Form, formName, type Keys, PLACEHOLDERS, STEP_KEYS, TEMPLATE_KEYS } from "./keys.ts";
import { compilePattern } from "./pattern.ts";

/** Longest template (characters), pattern, and list. */
const MAX_TEXT = 200_000;
const MAX_PATTERN = 300;
const MAX_LIST = 200;

/** A template that cannot be used: file, line, column, and what is wrong there. */
export class TemplateError extends Error {
  override name = "TemplateError";
}

/** One step of a script, with the line of the template that it stands on. */
export type Step =
  & { readonly line: number }
  & (
    | { readonly do: "type"; readonly text: string }
    | { readonly do: "wait" | "capture"; readonly pattern: string }
    | { readonly do: "pause"; readonly ms: number }
  );

/** A pattern and where it stands. */
export interface Awaited {
  readonly pattern: string;
  readonly line: number;
}

/** What is done on a host. */
export interface Verb {
  readonly line: number;
  readonly run?: string;
  readonly type?: readonly Step[];
  readonly script?: readonly Step[];
  readonly ready?: Awaited;
  readonly put?: string;
  readonly write?: Readonly<Record<string, string>>;
  readonly hand?: readonly string[];
  readonly file?: string;
  readonly done?: Awaited;
  readonly failed?: Awaited;
  /** ms */
  readonly t?: number;
}

/** Names of the verbs. */
export type VerbName =
  | "tracker"
  | "peer"
  | "share"
  | "download"
  | "downloads"
  | "reshare"
  | "leave"
  | "list"
  | "prepare";

/** A template that was read and found right. */
export interface Template {
  readonly program?: string;
  readonly folder: string;
  readonly build?: string;
  readonly needs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pty: boolean;
  readonly verbs: Readonly<Partial<Record<VerbName, Verb>>> & {
    readonly share: Verb;
    readonly download: Verb;
  };
  /** ms between two starts */
  readonly gap: number;
  readonly localhost: boolean;
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly redirect: Readonly<Record<string, number>>;
  readonly limits: {
    readonly download?: number;
    readonly settle?: number;
    readonly memory?: number;
    readonly overall?: number;
  };
}

/** How much help the program gets against what is hard-coded in it, a sentence each. */
export function helpsOf(template: Template): string[] {
  const helps: string[] = [];
  if (template.localhost) helps.push("localhost means the tracker's host (address hard-coded)");
  for (const [host, addresses] of Object.entries(template.addresses)) {
    helps.push(`${host} also has ${addresses.join(", ")} (address hard-coded)`);
  }
  for (const [from, to] of Object.entries(template.redirect)) {
    helps.push(`calls to port ${from} reach ${to} (port hard-coded)`);
  }
  return helps;
}

const VERBS: readonly VerbName[] = [
  "tracker",
  "peer",
  "share",
  "download",
  "downloads",
  "reshare",
  "leave",
  "list",
  "prepare",
];

/** Says which of `known` may be meant by `word`: a sentence with a space before it, or nothing. */
export type DidYouMean = (word: string, known: readonly string[]) => string;

/**
 * Reads a template.
 *
 * @throws {TemplateError} the first thing that is wrong, with line and column
 */
export function readTemplate(text: string, path: string, didYouMean: DidYouMean): Template {
  return new Reader(text, path, didYouMean).template();
}

// deno-lint-ignore no-explicit-any -- built key by key from a checked table
type Loose = Record<string, any>;

class Reader {
  readonly #text: string;
  readonly #path: string;
  readonly #didYouMean: DidYouMean;

  constructor(text: string, path: string, didYouMean: DidYouMean) {
    this.#text = text;
    this.#path = path;
    this.#didYouMean = didYouMean;
  }

  template(): Template {
    if (this.#text.length > MAX_TEXT) {
      throw new TemplateError(`${this.#path} is longer than ${MAX_TEXT} characters`);
    }
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: true });
    const first = errors[0];
    if (first !== undefined || root === undefined) {
      const words = first === undefined ? "empty" : printParseErrorCode(first.error)
        .replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
      this.#fail(first?.offset ?? 0, `this is no JSON: ${words}`);
    }
    const read = this.#object(root, TEMPLATE_KEYS, "a template") as Loose;
    const given = Object.fromEntries(VERBS.map((name) => [name, read[name] as Loose | undefined]));
    const verbs = Object.fromEntries(
      VERBS.flatMap((name) =>
        given[name] === undefined ? [] : [[name, verbOf(given[name], given)]]
      ),
    ) as Template["verbs"];
    this.#checkVerbs(root, verbs);
    this.#checkPlaceholders(root);
    return {
      ...(read.program === undefined ? {} : { program: read.program }),
      folder: read.folder,
      ...(read.build === undefined ? {} : { build: read.build }),
      needs: read.needs ?? [],
      env: read.env ?? {},
      pty: read.pty ?? false,
      verbs,
      gap: read.gap ?? 0,
      localhost: read.localhost !== undefined,
      addresses: read.addresses ?? {},
      redirect: read.redirect ?? {},
      limits: read.limits ?? {},
    };
  }

  #fail(offset: number, says: string): never {
    const { line, column } = place(this.#text, offset);
    throw new TemplateError(`${this.#path}:${line}:${column}: ${says}`);
  }

  #object(node: Node, keys: Keys, what: string): Loose {
    if (node.type !== "object") this.#fail(node.offset, `${what} is an object`);
    const read: Loose = { line: place(this.#text, node.offset).line };
    for (const property of node.children ?? []) {
      const [name, value] = property.children ?? [];
      const key = String(name!.value);
      if (!Object.hasOwn(keys, key)) {
        this.#fail(
          name!.offset,
          `${what} has no key "${key}".${this.#didYouMean(key, Object.keys(keys))}`,
        );
      }
      if (value === undefined) this.#fail(name!.offset, `"${key}" has no value`);
      if (Object.hasOwn(read, key) && key !== "line") this.#fail(name!.offset, `"${key}" twice`);
      read[key] = this.#value(value, keys[key]!.form, `"${key}"`);
    }
    for (const [key, { required }] of Object.entries(keys)) {
      if (required && read[key] === undefined) this.#fail(node.offset, `${what} needs "${key}"`);
    }
    return read;
  }

  #value(node: Node, form: Form, what: string): unknown {
    const wrong = (): never => this.#fail(node.offset, `${what} is ${formName(form)}`);
    const { value } = node;
    switch (form.is) {
      case "text":
        if (typeof value !== "string") return wrong();
        if (form.words !== undefined && !form.words.includes(value)) {
          this.#fail(
            node.offset,
            `${what} is ${formName(form)}, not "${value}".${this.#didYouMean(value, form.words)}`,
          );
        }
        return value;
      case "pattern":
        return { pattern: this.#pattern(node, what), line: place(this.#text, node.offset).line };
      case "number":
        if (!Number.isInteger(value) || value < form.least || value > form.most) return wrong();
        return value;
      case "switch":
        return typeof value === "boolean" ? value : wrong();
      case "seconds":
        return typeof value === "string" ? milliseconds(value) ?? wrong() : wrong();
      case "texts": {
        if (node.type !== "array") return wrong();
        const items = this.#items(node, what);
        for (const item of items) if (typeof item.value !== "string") wrong();
        return items.map((item) => item.value as string);
      }
      case "script":
        if (node.type !== "array") return wrong();
        return this.#items(node, what).map((item) => this.#step(item));
      case "object":
        return this.#object(node, form.keys, what);
      case "map": {
        if (node.type !== "object") return wrong();
        const pairs = this.#items(node, what).map((property) => property.children!);
        return Object.fromEntries(pairs.map(([name, value]) => {
          if (value === undefined) return wrong();
          return [String(name!.value), this.#value(value, form.of, `"${name!.value}"`)];
        }));
      }
    }
  }

  #items(node: Node, what: string): readonly Node[] {
    const items = node.children ?? [];
    if (items.length > MAX_LIST) {
      this.#fail(node.offset, `${what} has more than ${MAX_LIST} entries`);
    }
    return items;
  }

  #step(node: Node): Step {
    const { line } = place(this.#text, node.offset);
    if (typeof node.value === "string") {
      if (/[\r\n]/.test(node.value)) this.#fail(node.offset, "a typed line has no line ends in it");
      return { do: "type", text: node.value, line };
    }
    const step = this.#object(node, STEP_KEYS, "a step of a script");
    const kinds = Object.keys(step).filter((key) => key !== "line");
    if (kinds.length !== 1) this.#fail(node.offset, "a step has one of wait, capture, pause");
    if (step.pause !== undefined) return { do: "pause", ms: step.pause, line };
    const kind = step.wait === undefined ? "capture" : "wait";
    return { do: kind, pattern: step[kind].pattern, line };
  }

  #pattern(node: Node, what: string): string {
    const { value } = node;
    if (typeof value !== "string" || value === "") {
      this.#fail(node.offset, `${what} is a regular expression in a text`);
    }
    if (value.length > MAX_PATTERN) {
      this.#fail(node.offset, `${what} is longer than ${MAX_PATTERN} characters`);
    }
    try {
      compilePattern(value, (name) => name);
    } catch (error) {
      this.#fail(node.offset, `${what} is no regular expression: ${(error as Error).message}`);
    }
    return value;
  }

  #checkVerbs(root: Node, verbs: Template["verbs"]): void {
    const at = (...path: string[]) => offsetOf(root, path);
    for (const name of VERBS) {
      const verb = verbs[name];
      if (verb === undefined) continue;
      if (verb.run === undefined && verb.type === undefined) {
        this.#fail(at(name), `"${name}" needs "run" (a process) or "type" (lines for the peer)`);
      }
      if (verb.run !== undefined && verb.type !== undefined) {
        this.#fail(at(name), `"${name}" has either "run" or "type"`);
      }
      if (verb.script !== undefined && verb.run === undefined) {
        this.#fail(at(name, "script"), `"script" belongs to "run"; lines for the peer are "type"`);
      }
      const starts = name === "tracker" || name === "peer" || name === "prepare";
      if (starts && verb.run === undefined) this.#fail(at(name), `"${name}" needs "run"`);
      if (verb.type !== undefined && verbs.peer === undefined && verbs.share.run === undefined) {
        this.#fail(at(name, "type"), `"type" needs a running peer: say how in "peer"`);
      }
    }
    if (verbs.share.type !== undefined && verbs.peer === undefined) {
      this.#fail(at("share", "type"), `"type" needs a running peer: say how in "peer"`);
    }
  }

  /** A placeholder that nothing fills would be typed as it stands, and the student be blamed. */
  #checkPlaceholders(root: Node): void {
    const captured = new Set<string>();
    const texts: Node[] = [];
    const visit = (node: Node): void => {
      if (node.type === "property" && node.children![0]!.value === "capture") {
        const pattern = String(node.children![1]?.value);
        for (const [, name] of pattern.matchAll(/\(\?<(\w+)>/g)) captured.add(name!);
        return;
      }
      const key = node.type === "property" ? node.children![0]!.value : undefined;
      if (node.type === "string") texts.push(node);
      // Names of keys are no texts, but those of `write` are paths.
      if (key === undefined || "write" === key) node.children?.forEach(visit);
      else visit(node.children![1]!);
    };
    visit(root);
    const known = [...PLACEHOLDERS.keys(), ...captured];
    for (const node of texts) {
      for (const match of String(node.value).matchAll(/\{\{|\{(\w+)\}/g)) {
        const name = match[1];
        if (name === undefined || known.includes(name) || /^\d/.test(name)) continue;
        this.#fail(
          node.offset + 1 + match.index,
          `nothing fills {${name}}.${this.#didYouMean(name, known)} (Write {{ for a brace)`,
        );
      }
    }
  }
}

/** A verb with what `as` takes over from another. */
function verbOf(read: Loose, all: Readonly<Record<string, Loose | undefined>>): Verb {
  const { as, ...own } = read;
  const from = as === undefined ? {} : all[as as string] ?? {};
  const { as: _, ...taken } = from;
  return { ...taken, ...own } as Verb;
}

function offsetOf(root: Node, path: readonly string[]): number {
  let node = root;
  for (const name of path) {
    const property = node.children?.find((one) => one.children?.[0]?.value === name);
    if (property?.children?.[1] === undefined) break;
    node = property.children[1];
  }
  return node.offset;
}

/** Line and column, both from 1, of a place in a text. */
export function place(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** `2s`, `500ms`, `1m` in ms. */
export function milliseconds(text: string): number | undefined {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
}
