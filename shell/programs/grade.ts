/**
 * `vtorrent grade peer|tracker -- CMD…`: a student's program, step by step.
 *
 * @module
 */
import { runGrade } from "../grade/run_grade.ts";
import type { ProgramCall } from "../program_table.ts";

export function run({ args, world, screen, flags }: ProgramCall): Promise<number> {
  return runGrade(args, world, screen, flags);
}
