/**
 * What moves between vtorrent and clients of other makes, as one table: each kind of torrent, both
 * ways. What counts is the SHA-256 of what arrived.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { canMakeHosts } from "../support/hosts.ts";
import { play } from "./cell.ts";
import { type Column, COLUMNS, lackOf, type Make, MAKES, type Task } from "./makes.ts";
import { PROGRAMS, versionLine } from "./programs.ts";

const NAMES = Object.keys(COLUMNS) as Column[];
const TASKS: readonly Task[] = ["seeds", "downloads"];
/**
 * Cells side by side: those that have work to do, and those that do nothing most of the time. PEX
 * comes once a minute, and Transmission takes its time to unchoke and to call.
 */
const BUSY = 3;
const WAITING = 10;
/** Runs only some, while working on them: `rtorrent,PEX`; a name of either kind, or both. */
const ONLY = Deno.env.get("MATRIX_ONLY")?.split(",").filter((one) => one !== "");

interface Cell {
  readonly make: Make;
  readonly column: Column;
  readonly task: Task;
  says: string;
}

/** A table as people read it. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd())
    .join("\n");
}

function isWanted({ make, column, task }: Cell): boolean {
  return ONLY === undefined || ONLY.every((one) => [make.name, column, task].includes(one as Task));
}

const ignore = !await canMakeHosts();

Deno.test({ name: "the matrix: clients of other makes, both ways", ignore }, async () => {
  const failures: string[] = [];
  const faults = new Map<Cell, string>();
  const cells: Cell[] = [];
  for (const make of MAKES) {
    const program = PROGRAMS[make.name];
    const isThere = await program.isInstalled();
    if (isThere) {
      const line = await versionLine(program);
      if (!line.split(/[ v]|\.$/).includes(make.version)) {
        failures.push(`${make.name} is "${line}"; tests/interop/makes.ts says ${make.version}`);
      }
    }
    for (const task of TASKS) {
      for (const column of NAMES) {
        const cell: Cell = { make, column, task, says: "" };
        if (lackOf(make, column, task) !== undefined) cell.says = "no";
        else if (!isThere || !isWanted(cell)) cell.says = "NOT RUN";
        cells.push(cell);
      }
    }
  }
  const left = cells.filter(({ says }) => says === "");
  const work = async (queue: Iterable<Cell>): Promise<void> => {
    for (const cell of queue) {
      const { make, column, task } = cell;
      const began = performance.now();
      try {
        await play(PROGRAMS[make.name], column, task);
        cell.says = "ok";
      } catch (error) {
        cell.says = "FAILED";
        faults.set(cell, `${make.name} ${task}, ${column}: ${error}`);
      }
      // deno-lint-ignore no-console
      if (ONLY) console.log(make.name, task, column, cell.says, (performance.now() - began) / 1000);
    }
  };
  const waits = ({ column, make }: Cell) => column === "PEX" || make.name === "Transmission";
  const waiting = left.filter(waits).values();
  const busy = left.filter((cell) => !waits(cell)).values();
  await Promise.all([
    ...Array.from({ length: WAITING }, () => work(waiting)),
    ...Array.from({ length: BUSY }, () => work(busy)),
  ]);
  // Clients of other makes have timers of their own, which a crowded machine upsets: once more, alone.
  const again = new Map(faults);
  faults.clear();
  for (const [cell, fault] of again) {
    // deno-lint-ignore no-console
    console.log(`once more, alone, since beside others: ${fault}`);
    await work([cell]);
  }
  failures.push(...faults.values());
  const rows = MAKES.flatMap((make) =>
    TASKS.map((task) => [
      `${make.name} ${make.version} ${task}`,
      ...cells.filter((cell) => cell.make === make && cell.task === task).map(({ says }) => says),
    ])
  );
  // deno-lint-ignore no-console
  console.log(tableOf([["", ...NAMES], ...rows]));
  assertEquals(failures, []);
});
