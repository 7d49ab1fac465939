/**
 * A student's program as a rubric describes it: how it is started and how its answers are found.
 *
 * @module
 */
import { type Form, FORMS } from "./commands.ts";

/** What is started, and how. */
export interface StudentProgram {
  /** The words of `-- CMD…`. */
  readonly command: readonly string[];
  /** The folder that it is started in; by default a fresh one for each start. */
  readonly folder?: string;
  /** Word → form; a word that is missing here cannot be asked for. */
  readonly forms: Readonly<Record<string, Form>>;
  /** What is looked for in its output in place of the usual: name → pattern whose group is the value. */
  readonly find: Readonly<Record<string, RegExp>>;
  /** Word → lines typed at its start. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  /** Whether it gets a terminal. */
  readonly terminal: boolean;
  /** ms that it may stay silent where something has to follow. */
  readonly patience: number;
}

/** A program that is started by CodeCrafters' words. */
export function plainProgram(command: readonly string[]): StudentProgram {
  return { command, forms: FORMS, find: {}, lines: {}, terminal: false, patience: 10_000 };
}
