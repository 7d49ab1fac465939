/**
 * `vtorrent grade peer|tracker -- CMD…`: a student's program, step by step; `vtorrent grade swarm
 * FILE`: one with a protocol of its own.
 *
 * @module
 */
import { runGrade } from "../grade/run_grade.ts";
import type { ProgramCall } from "../program_table.ts";

export async function run(call: ProgramCall): Promise<number> {
  const { args, world, screen, flags } = call;
  if (args[0] === "swarm") return await (await import("./grade_swarm.ts")).run(call);
  return await runGrade(args, world, screen, flags);
}
