/**
 * Placeholders of a template, filled with what they stand for on a host.
 *
 * @module
 */
import { compilePattern, type Pattern } from "./pattern.ts";

/** Values of placeholders. */
export type Values = Readonly<Record<string, string | number>>;

/** A placeholder that nothing fills yet, e.g. of a capture that was not met. */
export class UnfilledError extends Error {
  override name = "UnfilledError";
  readonly placeholder: string;

  constructor(placeholder: string) {
    super(`{${placeholder}} was never captured`);
    this.placeholder = placeholder;
  }
}

/**
 * `text` with its placeholders filled; `{{` is a brace.
 *
 * @throws {UnfilledError}
 */
export function fill(text: string, values: Values): string {
  return text.replace(/\{\{|\{(\w+)\}/g, (whole, name: string | undefined) => {
    if (name === undefined) return "{";
    const value = values[name];
    if (value === undefined) {
      if (/^\d/.test(name)) return whole;
      throw new UnfilledError(name);
    }
    return String(value);
  });
}

/**
 * A pattern with its placeholders filled, each standing for its own text.
 *
 * @throws {UnfilledError} {@linkcode PatternError}
 */
export function fillPattern(pattern: string, values: Values): Pattern {
  return compilePattern(pattern, (name) => {
    const value = values[name];
    if (value === undefined) throw new UnfilledError(name);
    return String(value);
  });
}
