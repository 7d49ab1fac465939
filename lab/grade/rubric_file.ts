/**
 * A rubric out of a file: JSON with comments.
 *
 * @module
 */
import { dirname, resolve } from "@std/path";
import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { DidYouMean } from "../jsonc/form.ts";
import { FORMS } from "./commands.ts";
import type { Mark, Rubric } from "./rubric.ts";
import type { Step, Subject } from "./step.ts";
import { addressFault } from "./tracker_address.ts";

/** A rubric that cannot be read: the sentence begins with file, line and column. */
export class RubricError extends Error {
  override name = "RubricError";
}

/** Words that an error names: those there are, and those that may be meant. */
const MOST_NAMED = 12;
const MOST_MEANT = 3;
const PATIENCE = { least: 1, most: 120 };

/**
 * Reads a rubric file: JSON with comments.
 *
 * @param path how the file is called in messages, and what its folders start from
 * @throws {RubricError}
 */
export function parseRubric(
  text: string,
  path: string,
  steps: Readonly<Record<Subject, readonly Step[]>>,
  didYouMean: DidYouMean,
): Rubric {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    throw new RubricError(
      `${placeOf(text, path, first.offset)}: ${printParseErrorCode(first.error)}`,
    );
  }
  return new RubricReader(text, path, steps, didYouMean).read(root);
}

/** `rubric.jsonc:14:9` */
function placeOf(text: string, path: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${path}:${before.length}:${before.at(-1)!.length + 1}`;
}

/** Reads the parts of one file. */
class RubricReader {
  readonly #text: string;
  readonly #path: string;
  readonly #known: ReadonlySet<string>;
  readonly #didYouMean: DidYouMean;

  constructor(
    text: string,
    path: string,
    steps: Readonly<Record<Subject, readonly Step[]>>,
    didYouMean: DidYouMean,
  ) {
    this.#text = text;
    this.#path = path;
    this.#didYouMean = didYouMean;
    const all = [...steps.peer, ...steps.tracker];
    this.#known = new Set(
      all.flatMap(({ id, probes }) => [id, `${id}.*`, ...probes.map(({ id }) => id)]),
    );
  }

  read(root: Node | undefined): Rubric {
    const template = this.#object(root, "a rubric").get("grade");
    if (template !== undefined) {
      this.#fail(template.parent, "it is a template for vtorrent grade swarm, and no rubric");
    }
    const keys = this.#object(root, "a rubric", KEYS);
    const subject = keys.get("subject");
    const folder = keys.get("folder");
    const patience = keys.get("patience");
    const build = keys.get("build");
    const command = keys.get("command");
    const announce = keys.get("announce");
    const demands = keys.get("demands");
    const name = keys.get("name");
    const terminal = keys.get("terminal");
    const called = keys.get("called");
    const points = keys.get("points");
    const marks = keys.get("marks");
    const without = keys.get("without");
    const known = keys.get("known");
    const all = points === undefined && marks === undefined
      ? undefined
      : [...this.#points(points), ...this.#marks(marks)];
    const leaderboard = keys.get("leaderboard");
    return {
      name: name === undefined ? this.#path : this.#string(name),
      ...(subject === undefined ? {} : { subject: this.#subject(subject) }),
      ...(all === undefined ? {} : { marks: all }),
      // Who gives points for UDP wants UDP.
      demands: demands === undefined
        ? (all ?? []).flatMap(({ of }) => of)
        : this.#patterns(demands),
      ...(without === undefined ? {} : { without: this.#without(without) }),
      ...(known === undefined ? {} : { known: this.#reasons(known) }),
      ...(command === undefined ? {} : { command: this.#words(command) }),
      ...(folder === undefined
        ? {}
        : { folder: resolve(dirname(this.#path), this.#string(folder)) }),
      ...(build === undefined ? {} : { build: this.#words(build) }),
      ...(announce === undefined ? {} : { announce: this.#announce(announce) }),
      commands: this.#record(keys.get("commands"), (node, word) => {
        if (FORMS[word] === undefined) {
          this.#fail(
            node,
            this.#noSuch("command", word, Object.keys(FORMS)),
          );
        }
        return node.type === "null" ? null : this.#words(node);
      }),
      find: this.#record(keys.get("find"), (node) => this.#pattern(node)),
      lines: this.#record(keys.get("lines"), (node) => this.#words(node)),
      log: this.#record(keys.get("log"), (node, pattern) => {
        this.#requireKnown(node, pattern);
        return this.#list(node).map((child) => this.#pattern(child));
      }),
      ...(leaderboard === undefined ? {} : { leaderboard: this.#probes(leaderboard) }),
      ...(terminal === undefined ? {} : { terminal: this.#flag(terminal) }),
      ...(called === undefined ? {} : { called: this.#flag(called) }),
      ...(patience === undefined
        ? {}
        : { patience: 1000 * this.#number(patience, PATIENCE.least, PATIENCE.most) }),
    };
  }

  /** `"points": {"P5.*": 10}`: each pattern is a mark of its own. */
  #points(node: Node | undefined): Mark[] {
    return Object.entries(this.#record(node, (value, pattern) => {
      this.#requireKnown(value, pattern);
      return this.#number(value, 0, 10_000);
    })).map(([name, points]) => ({ name, points, of: [name] }));
  }

  /** `"marks": {"Downloading": {"points": 30, "of": ["P5", "P6.1"]}}` */
  #marks(node: Node | undefined): Mark[] {
    return Object.entries(this.#record(node, (value) => {
      const keys = this.#object(value, "a mark", ["points", "of"]);
      const of = this.#patterns(this.#required(value, keys, "of"));
      return { points: this.#number(this.#required(value, keys, "points"), 0, 10_000), of };
    })).map(([name, mark]) => ({ name, ...mark }));
  }

  #patterns(node: Node): string[] {
    const patterns = this.#words(node);
    for (const pattern of patterns) this.#requireKnown(node, pattern);
    return patterns;
  }

  /** `["P8"]`, or with reasons: `{"P8": "it has no upload slots"}`. */
  #without(node: Node): Record<string, string | undefined> {
    if (node.type === "object") return this.#reasons(node);
    return Object.fromEntries(this.#patterns(node).map((pattern) => [pattern, undefined]));
  }

  /** `{"P8.2": "it unchokes every peer"}` */
  #reasons(node: Node): Record<string, string> {
    return this.#record(node, (value, pattern) => {
      this.#requireKnown(value, pattern);
      const reason = this.#string(value).trim();
      return reason === "" ? this.#fail(value, `say why for "${pattern}"`) : reason;
    });
  }

  /** IDs of single probes. */
  #probes(node: Node): string[] {
    const ids = this.#patterns(node);
    const step = ids.find((id) => !/\.\d+$/.test(id));
    return step === undefined ? ids : this.#fail(node, `"${step}" is no single probe, as "P10.1"`);
  }

  #requireKnown(node: Node, pattern: string): void {
    if (!this.#known.has(pattern)) this.#fail(node, `there is no step or probe "${pattern}"`);
  }

  #required(node: Node, keys: ReadonlyMap<string, Node>, key: string): Node {
    return keys.get(key) ?? this.#fail(node, `"${key}" is missing`);
  }

  #noSuch(what: string, word: string, known: readonly string[]): string {
    const meant = this.#didYouMean(word, known, MOST_MEANT);
    const all = known.length > MOST_NAMED
      ? `docs/grading.md has all ${known.length}`
      : `there are ${known.join(", ")}`;
    return `there is no ${what} "${word}".${meant} (${all})`;
  }

  /** The members of an object; unknown keys are errors. */
  #object(node: Node | undefined, what: string, known?: readonly string[]): Map<string, Node> {
    if (node?.type !== "object") return this.#fail(node, `${what} is an object: {…}`);
    const members = new Map<string, Node>();
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      const name = String(key!.value);
      if (known !== undefined && !known.includes(name)) {
        this.#fail(key, this.#noSuch("key", name, known));
      }
      if (value !== undefined) members.set(name, value);
    }
    return members;
  }

  #record<T>(node: Node | undefined, read: (node: Node, key: string) => T): Record<string, T> {
    if (node === undefined) return {};
    return Object.fromEntries(
      [...this.#object(node, "this")].map(([key, value]) => [key, read(value, key)]),
    );
  }

  #string(node: Node): string {
    return node.type === "string" ? node.value : this.#fail(node, 'a text is expected: "…"');
  }

  #announce(node: Node): string {
    const url = this.#string(node);
    const fault = addressFault(url);
    return fault === undefined ? url : this.#fail(node, `the announce URL is "${url}": ${fault}`);
  }

  #subject(node: Node): Subject {
    const subject = this.#string(node);
    if (subject === "peer" || subject === "tracker") return subject;
    return this.#fail(node, `"peer" or "tracker" is expected, not "${subject}"`);
  }

  #flag(node: Node): boolean {
    return node.type === "boolean" ? node.value : this.#fail(node, "true or false is expected");
  }

  #number(node: Node, least: number, most: number): number {
    const value: unknown = getNodeValue(node);
    if (typeof value === "number" && value >= least && value <= most) return value;
    return this.#fail(node, `a number from ${least} to ${most} is expected`);
  }

  #words(node: Node): string[] {
    return this.#list(node).map((child) => this.#string(child));
  }

  #list(node: Node): readonly Node[] {
    if (node.type !== "array") return this.#fail(node, 'a list of texts is expected: ["…", "…"]');
    return node.children ?? [];
  }

  #pattern(node: Node): RegExp {
    const source = this.#string(node);
    try {
      return new RegExp(source, "im");
    } catch {
      return this.#fail(node, `"${source}" is no regular expression`);
    }
  }

  #fail(node: Node | undefined, sentence: string): never {
    throw new RubricError(`${placeOf(this.#text, this.#path, node?.offset ?? 0)}: ${sentence}`);
  }
}

const KEYS = [
  "name",
  "subject",
  "command",
  "folder",
  "build",
  "announce",
  "commands",
  "find",
  "lines",
  "log",
  "leaderboard",
  "terminal",
  "called",
  "patience",
  "points",
  "marks",
  "without",
  "known",
  "demands",
];
