/**
 * Forms of values in a file of JSON with comments: the words of a table of keys that reading, the
 * JSON schema and the documentation follow.
 *
 * @module
 */
import type { Node } from "jsonc-parser";

/** What a form that reads itself has of the reader; offsets are those of nodes. */
export interface FormReader {
  fail(offset: number, says: string): never;
  lineOf(offset: number): number;
  didYouMean: DidYouMean;
  object(node: Node, keys: Keys, what: string): Loose;
  value(node: Node, form: Form, what: string): unknown;
  items(node: Node, what: string): readonly Node[];
}

/**
 * Says which of `known` may be meant by `word`, at most so many (default: one): a sentence with a
 * space before it, or nothing.
 */
export type DidYouMean = (word: string, known: readonly string[], most?: number) => string;

/** An object as it was read. */
// deno-lint-ignore no-explicit-any -- built key by key from a checked table
export type Loose = Record<string, any>;

/** What a key's value has to be. */
export type Form =
  | {
    readonly is: "text";
    readonly words?: readonly string[];
    /** Where they are too many for a sentence: what each is, and the command that names them. */
    readonly listed?: { readonly as: string; readonly by: string };
  }
  | {
    readonly is: "number";
    readonly least: number;
    readonly most: number;
    /** Not only whole ones. */
    readonly isReal?: true;
  }
  | { readonly is: "switch" }
  | { readonly is: "seconds" }
  /** A text in a notation; `read` gives undefined where it is wrong. */
  | {
    readonly is: "written";
    readonly called: string;
    readonly pattern?: string;
    readonly read: (text: string) => unknown;
  }
  | { readonly is: "texts" }
  | { readonly is: "list"; readonly of: Form }
  | { readonly is: "object"; readonly keys: Keys }
  | { readonly is: "map"; readonly of: Form }
  /** The first whose kind of JSON value it is. */
  | { readonly is: "either"; readonly of: readonly Form[] }
  /** One that reads itself. */
  | {
    readonly is: "own";
    readonly called: string;
    /** What it, or each part of it, may be. */
    readonly words?: readonly string[];
    readonly schema: Readonly<Record<string, unknown>>;
    readonly read: (node: Node, reader: FormReader, what: string) => unknown;
  };

/** One key. */
export interface Key {
  readonly form: Form;
  readonly says: string;
  readonly required?: boolean;
}

/** Name → key. */
export type Keys = Readonly<Record<string, Key>>;

/** Names a form for a person. */
export function formName(form: Form): string {
  switch (form.is) {
    case "text":
      if (form.words === undefined) return "a text";
      return form.listed === undefined
        ? form.words.map((word) => `"${word}"`).join(" or ")
        : `a ${form.listed.as} (${whereListed(form.listed.by, form.words)})`;
    case "number":
      if (form.least === form.most) return `the number ${form.least}`;
      return `a ${form.isReal ? "" : "whole "}number from ${form.least} to ${form.most}`;
    case "switch":
      return "true or false";
    case "seconds":
      return 'a time like "2s", "500ms" or "1m"';
    case "texts":
      return "a list of texts";
    case "list":
      return "a list";
    case "object":
      return "an object";
    case "map":
      return "an object of names and values";
    case "either":
      return form.of.map(formName).join(", or ");
    case "written":
    case "own":
      return form.called;
  }
}

/** Says which command names all words of a long list. */
export function whereListed(command: string, words: readonly string[]): string {
  return `${command} names all ${words.length}`;
}
