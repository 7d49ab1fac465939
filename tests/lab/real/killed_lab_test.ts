/**
 * Processes of a run on this machine: nothing of them stays, however the lab ends.
 *
 * @module
 */
import { join } from "@std/path";
import { TempFolder } from "../../support/temp_folder.ts";

const MAIN = join(import.meta.dirname!, "../../../main.ts");

/** How many processes have `word` in their environment. */
async function processesWith(word: string): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const said = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (said.includes(word)) count++;
  }
  return count;
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return false;
  return true;
}

for (const ends of ["SIGINT twice", "SIGKILL"] as const) {
  Deno.test({
    name: `a run of processes that ends by ${ends} leaves none of them and no file`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using folder = await TempFolder.make();
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--no-check", "--allow-all", MAIN, "lab", "run", "on-the-wire"],
          ...["--processes", "--set", "peers.seed.up=2k"],
        ],
        ...{ env: { TMPDIR: folder.path }, stdin: "null", stdout: "null", stderr: "null" },
      }).spawn();
      while (await processesWith(`VTORRENT_RUN_FOLDER=${folder.path}`) < 2) await pause();
      if (ends === "SIGKILL") child.kill("SIGKILL");
      else {
        child.kill("SIGINT");
        child.kill("SIGINT");
      }
      await child.status;
      while (await processesWith(folder.path) > 0 || !await isEmpty(folder.path)) await pause();
    },
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
