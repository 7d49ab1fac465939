/**
 * The longest stall of a loop for each hostile shape on each way, in ms of CPU time of its thread. The
 * aim is 100 ms on a machine that has nothing else to do; the tests in `tests/hostile/` allow more, so
 * that none judges the machine.
 *
 *     deno run --allow-all bench/stalls.ts            all rows
 *     deno run --allow-all bench/stalls.ts page link  those whose name has one of these words
 *
 * @module
 */
import { heardRows } from "../tests/hostile/heard_rows.ts";
import { MESSAGES } from "../tests/hostile/message_rows.ts";
import { OPENING, SENDING } from "../tests/hostile/opening_rows.ts";
import { READING } from "../tests/hostile/reading_rows.ts";
import type { Look } from "../tests/hostile/stall_rows.ts";

/** ms: the aim. */
const AIM = 100;

const rows = [...OPENING, ...READING, ...MESSAGES, ...heardRows(1), SENDING]
  .filter(({ name }) => Deno.args.length === 0 || Deno.args.some((word) => name.includes(word)));

for (const { name, run } of rows) {
  const look: Look = async (program, what) => {
    const { stall } = await program.cost();
    const mark = stall > AIM ? " <-- over" : "";
    say(`${stall.toFixed(0).padStart(6)} ms  ${name}: ${what}${mark}`);
  };
  try {
    await run(look);
  } catch (error) {
    say(`  failed  ${name}: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}
