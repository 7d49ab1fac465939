/**
 * Patterns of a template: regular expressions in which placeholders stand for their own text, matched
 * in time that grows with the text and not beyond it, whatever the pattern is.
 *
 * @module
 */
import { matchProgram, type PatternMatch } from "./pattern_match.ts";
import { type PatternProgram, programOf } from "./pattern_program.ts";

export { PatternError } from "./pattern_program.ts";
export type { PatternMatch };

/** A compiled pattern. */
export class Pattern {
  /** As it is written, with its placeholders filled. */
  readonly source: string;
  readonly #program: PatternProgram;

  /**
   * @throws {SyntaxError} where it is no regular expression
   * @throws {PatternError} where it is one whose time cannot be bounded
   */
  constructor(source: string) {
    this.source = source;
    // Its sentences about what is wrong are known to everybody.
    new RegExp(source);
    this.#program = programOf(source);
  }

  /** The first place in a text that it matches, or null. */
  exec(text: string): PatternMatch | null {
    return matchProgram(this.#program, text);
  }

  test(text: string): boolean {
    return this.exec(text) !== null;
  }
}

/**
 * Compiles a pattern.
 *
 * @param valueOf what a placeholder stands for
 * @throws {SyntaxError} {@linkcode PatternError}
 */
export function compilePattern(pattern: string, valueOf: (name: string) => string): Pattern {
  return new Pattern(pattern.replace(
    /\{([A-Za-z_]\w*)\}/g,
    (_, name: string) => valueOf(name).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"),
  ));
}
