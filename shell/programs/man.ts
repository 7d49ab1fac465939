/**
 * `vtorrent man`: the manual page, to be read by `man` or kept for it.
 *
 * @module
 */
import { manPage } from "../man_page.ts";
import type { ProgramCall } from "../program_table.ts";

export function run({ programs, world }: ProgramCall): Promise<number> {
  world.stdout.write(manPage(programs));
  return Promise.resolve(0);
}
