/**
 * `vtorrent man`: the manual page, to be read by `man` or kept for it.
 *
 * @module
 */
import { manPage } from "../help/man_page.ts";
import type { ProgramCall } from "../help/program_table.ts";

export function run({ programs, world }: ProgramCall): Promise<number> {
  world.stdout.write(manPage(programs));
  return Promise.resolve(0);
}
