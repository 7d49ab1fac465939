/**
 * A template: how a program with a protocol of its own is started, told to share and to fetch. Data
 * in JSON with comments, no code.
 *
 * @module
 */
import type { Node } from "jsonc-parser";
import { type DidYouMean, JsoncReader, type Loose, place } from "../../jsonc/reader.ts";
import { PLACEHOLDERS, TEMPLATE_KEYS } from "./keys.ts";
import { namesMembers } from "./members.ts";

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

/** A place in the template, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Keys of a verb that name files of a host. */
export type FileKey = "put" | "write" | "hand" | "file";

/** What is done on a host. */
export interface Verb {
  readonly line: number;
  /** Where the values of these keys stand. */
  readonly at: Readonly<Partial<Record<FileKey, Place>>>;
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
  /** Whether every member of a swarm is known to all from the beginning. */
  readonly isFixed: boolean;
  /** ms between two starts */
  readonly gap: number;
  /** What is shown where an empty file is refused, since the protocol has none. */
  readonly empty?: Awaited;
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

/**
 * Reads a template.
 *
 * @throws {JsoncError} the first thing that is wrong, with line and column
 */
export function readTemplate(text: string, path: string, didYouMean: DidYouMean): Template {
  return new Reader(text, path, didYouMean).template();
}

class Reader {
  readonly #reader: JsoncReader;
  readonly #text: string;

  constructor(text: string, path: string, didYouMean: DidYouMean) {
    this.#reader = new JsoncReader(text, path, didYouMean);
    this.#text = text;
  }

  template(): Template {
    const root = this.#reader.root();
    const read = this.#reader.object(root, TEMPLATE_KEYS, "a template");
    const given = Object.fromEntries(VERBS.map((name) => [name, read[name] as Loose | undefined]));
    const verbs = Object.fromEntries(
      VERBS.flatMap((name) =>
        given[name] === undefined
          ? []
          : [[name, { ...verbOf(given[name], given), at: this.#places(root, name, given[name]) }]]
      ),
    ) as Template["verbs"];
    this.#checkVerbs(root, verbs);
    this.#checkPlaceholders(root, read.members === "fixed");
    return {
      ...(read.program === undefined ? {} : { program: read.program }),
      folder: read.folder,
      ...(read.build === undefined ? {} : { build: read.build }),
      needs: read.needs ?? [],
      env: read.env ?? {},
      pty: read.pty ?? false,
      verbs,
      isFixed: read.members === "fixed",
      gap: read.gap ?? 0,
      ...(read.empty === undefined ? {} : { empty: read.empty }),
      localhost: read.localhost !== undefined,
      addresses: read.addresses ?? {},
      redirect: read.redirect ?? {},
      limits: read.limits ?? {},
    };
  }

  #fail(offset: number, says: string): never {
    this.#reader.fail(offset, says);
  }

  /** Where the files of a verb are named, also in the verb that it takes over from. */
  #places(root: Node, name: VerbName, { as }: Loose): Verb["at"] {
    const keys: readonly FileKey[] = ["put", "write", "hand", "file"];
    return Object.fromEntries(keys.flatMap((key) => {
      const node = nodeAt(root, [name, key]) ?? nodeAt(root, [as ?? name, key]);
      return node === undefined ? [] : [[key, place(this.#text, node.offset)]];
    }));
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
  #checkPlaceholders(root: Node, isFixed: boolean): void {
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
      const members = String(node.value).search(/\{members\b/);
      if (members >= 0 && !isFixed) {
        this.#fail(node.offset + 1 + members, `{members:…} needs "members": "fixed"`);
      }
      if (members >= 0 && !namesMembers(String(node.value))) {
        this.#fail(
          node.offset + 1 + members,
          "{members:…} has what is written for each member behind its colon",
        );
      }
      for (const match of String(node.value).matchAll(/\{\{|\{(\w+)\}/g)) {
        const name = match[1];
        if (name === undefined || known.includes(name) || /^\d/.test(name)) continue;
        this.#fail(
          node.offset + 1 + match.index,
          `nothing fills {${name}}.${this.#reader.didYouMean(name, known)} (Write {{ for a brace)`,
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

function nodeAt(root: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path) {
    node = node?.children?.find((one) => one.children?.[0]?.value === name)?.children?.[1];
  }
  return node;
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
