/**
 * Why a template could not be played to its end, and whose fault that is.
 *
 * @module
 */
import { PatternError } from "./pattern.ts";
import { UnfilledError } from "./placeholders.ts";

/** The template may be wrong, or the program: a line of it that was never met so far. */
export class TemplateFault extends Error {
  override name = "TemplateFault";
  readonly line: number;
  /** Where in the line, if that is known. */
  readonly column: number | undefined;

  constructor(line: number, message: string, column?: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** The program did not do what it did before, or ended. */
export class ProgramFault extends Error {
  override name = "ProgramFault";
}

/**
 * What a template asks for and cannot be filled in, as its fault.
 *
 * @param pattern in words, where it is about one
 */
export function asFault(error: unknown, line: number, pattern = ""): unknown {
  if (error instanceof UnfilledError) return new TemplateFault(line, error.message);
  if (error instanceof PatternError) return new TemplateFault(line, `${pattern} ${error.message}`);
  return error;
}
