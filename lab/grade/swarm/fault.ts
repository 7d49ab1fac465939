/**
 * Why a template could not be played to its end, and whose fault that is.
 *
 * @module
 */

/** The template may be wrong, or the program: a line of it that was never met so far. */
export class TemplateFault extends Error {
  override name = "TemplateFault";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The program did not do what it did before, or ended. */
export class ProgramFault extends Error {
  override name = "ProgramFault";
}
