/**
 * A grader that dies in the middle leaves no process and no file behind.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals } from "../support/assert.ts";
import { TestProcess } from "../support/process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { canMakeSwarmHosts, FOLDER } from "./marked.ts";

const ignore = !await canMakeSwarmHosts();
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Processes that work in a folder or name it. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    try {
      const command = await Deno.readTextFile(`/proc/${name}/cmdline`);
      const cwd = await Deno.readLink(`/proc/${name}/cwd`);
      if (cwd.startsWith(folder) || command.includes(folder)) {
        found.push(`${name} ${command.replaceAll("\0", " ").slice(0, 80)}`);
      }
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
    }
  }
  return found;
}

/** Looks until a condition holds; what it found last. */
async function untilEmpty(look: () => Promise<string[]>): Promise<string[]> {
  let found = await look();
  for (let tries = 0; tries < 200 && found.length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = await look();
  }
  return found;
}

const WORLDS = [
  { world: "hosts", flags: [] as string[], ignore },
  { world: "one host", flags: ["--one-host"], ignore: Deno.build.os !== "linux" },
];

for (const { world, flags, ignore } of WORLDS) {
  for (const signals of [["SIGKILL"], ["SIGINT", "SIGINT"]] as Deno.Signal[][]) {
    Deno.test({
      name: `${world}: ${signals.join(", ")} in the middle leaves no process and no file`,
      ignore,
      fn: async () => {
        await using folder = await TempFolder.make();
        await using grader = new TestProcess(
          Deno.execPath(),
          ["run", "-A", "--quiet", MAIN, "grade", "swarm", join(FOLDER, "swarm.jsonc"), "rehearse"]
            .concat(flags),
          { env: { TMPDIR: folder.path } },
        );
        await grader.line(/> get data_/);
        assertEquals((await processesOf(folder.path)).length > 3, true);
        for (const signal of signals) grader.kill(signal);
        await grader.ended();
        assertEquals(await untilEmpty(() => processesOf(folder.path)), []);
        const files = () =>
          Array.fromAsync(Deno.readDir(folder.path)).then((list) => list.map(({ name }) => name));
        assertEquals(await untilEmpty(files), []);
      },
    });
  }
}
