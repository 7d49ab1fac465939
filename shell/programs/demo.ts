/**
 * `vtorrent demo`: a whole swarm on this machine.
 *
 * @module
 */
import { runDemo } from "../demo/demo.ts";
import type { ProgramCall } from "../help/program_table.ts";

export function run({ world, screen, flags }: ProgramCall): Promise<number> {
  return runDemo(world, screen, flags);
}
