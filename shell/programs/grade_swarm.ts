/**
 * `vtorrent grade swarm FILE.jsonc`: a program with a protocol of its own, as a black box.
 *
 * @module
 */
import { gradeSwarm } from "../grade/grade_swarm.ts";
import type { ProgramCall } from "../program_table.ts";

export function run({ args, world, screen, flags }: ProgramCall): Promise<number> {
  return gradeSwarm(args.slice(1), world, screen, flags);
}
