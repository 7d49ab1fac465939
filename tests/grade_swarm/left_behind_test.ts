/**
 * A grader that dies in the middle leaves no process, namespace, mount and no file behind.
 *
 * @module
 */
import { join } from "@std/path";
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

/** Namespaces of the processes that work in a folder or name it, but for those of this process. */
async function namespacesOf(folder: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const process of await processesOf(folder)) {
    const pid = process.split(" ")[0]!;
    for (const kind of KINDS) {
      const name = await linkOf(`/proc/${pid}/ns/${kind}`);
      if (name !== undefined && name !== await linkOf(`/proc/self/ns/${kind}`)) found.add(name);
    }
  }
  return found;
}

/** Which of some namespaces a process is still in, or keeps a mount of; mounts of a folder here. */
async function keptOf(namespaces: ReadonlySet<string>, folder: string): Promise<string[]> {
  const kept: string[] = [];
  for await (const { name: pid } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    for (const kind of KINDS) {
      const name = await linkOf(`/proc/${pid}/ns/${kind}`);
      if (name !== undefined && namespaces.has(name)) kept.push(`${pid} is in ${name}`);
    }
    let mounts: string;
    try {
      mounts = await Deno.readTextFile(`/proc/${pid}/mountinfo`);
    } catch {
      continue;
    }
    for (const mount of mounts.split("\n")) {
      if (mount.includes(folder) || [...namespaces].some((one) => mount.includes(` ${one} `))) {
        kept.push(`${pid} has ${mount}`);
      }
    }
  }
  return kept;
}

const KINDS = ["net", "mnt", "pid", "user", "uts"] as const;

async function linkOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readLink(path);
  } catch {
    return undefined;
  }
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
      name: `${world}: ${
        signals.join(", ")
      } in the middle leaves no process, namespace, mount, file`,
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
        const namespaces = await namespacesOf(folder.path);
        // A world has five of its own, a host and each of its programs more.
        assertEquals(namespaces.size >= 10, world === "hosts");
        for (const signal of signals) grader.kill(signal);
        await grader.ended();
        assertEquals(await untilEmpty(() => processesOf(folder.path)), []);
        assertEquals(await untilEmpty(() => keptOf(namespaces, folder.path)), []);
        const files = () =>
          Array.fromAsync(Deno.readDir(folder.path)).then((list) => list.map(({ name }) => name));
        assertEquals(await untilEmpty(files), []);
      },
    });
  }
}
