/**
 * `vtorrent lab`: swarms as experiments.
 *
 * @module
 */
import type { ProgramCall } from "../help/program_table.ts";
import { runLab } from "../lab/run_lab.ts";

export async function run({ args, world, screen, flags }: ProgramCall): Promise<number> {
  return await runLab(args, world, screen, flags);
}
