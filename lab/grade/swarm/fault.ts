/**
 * Why a template could not be played to its end, and whose fault that is.
 *
 * @module
 */

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
