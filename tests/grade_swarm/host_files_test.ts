/**
 * Files of hosts: where a program has put a link, a pipe or a folder, nothing is written or read.
 *
 * @module
 */
import { join } from "@std/path";
import { TemplateFault } from "../../lab/grade/swarm/fault.ts";
import { Guardian } from "../../lab/programs/guardian.ts";
import { HostFiles } from "../../lab/grade/swarm/host_files.ts";
import type { WorldPlan } from "../../lab/grade/swarm/world.ts";
import { makeLinuxWorld, probeLinux } from "../../lab/grade/swarm/world_linux.ts";
import { makeOneHost } from "../../lab/grade/swarm/world_one_host.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { canMakeSwarmHosts, planFor } from "./marked.ts";

const PLACE = { line: 7, column: 12 };

const WORLDS = [
  {
    world: "hosts",
    ignore: !await canMakeSwarmHosts(),
    make: async (plan: WorldPlan) => await makeLinuxWorld(plan, await probeLinux()),
  },
  { world: "one host", ignore: Deno.build.os === "windows", make: makeOneHost },
];

for (const { world: name, ignore, make } of WORLDS) {
  Deno.test({
    name: `${name}: a file is written over in place, and its folders are made`,
    ignore,
    fn: async () => {
      await using guardian = await Guardian.start();
      await using world = await make(planFor(guardian), guardian);
      const files = new HostFiles(world);
      await files.write(2, "a/b c/d.bin", new Uint8Array([1, 2, 3]), PLACE);
      const path = join(world.folder(2), "a/b c/d.bin");
      const before = (await Deno.stat(path)).ino;
      await files.write(2, "a/b c/d.bin", new Uint8Array([9]), PLACE);
      assertEquals([...await Deno.readFile(path)], [9]);
      assertEquals((await Deno.stat(path)).ino, before);
      await files.carry({ from: "a/b c/d.bin", to: "x/e.bin" }, 2, 3, PLACE);
      assertEquals([...await Deno.readFile(join(world.folder(3), "x/e.bin"))], [9]);
      await files.write(2, "empty", new Uint8Array(), PLACE);
      assertEquals((await Deno.stat(join(world.folder(2), "empty"))).size, 0);
    },
  });

  Deno.test({
    name: `${name}: a link, a pipe or a file in the way is told with line and column`,
    ignore,
    fn: async () => {
      await using guardian = await Guardian.start();
      await using world = await make(planFor(guardian), guardian);
      await using outside = await TempFolder.make();
      const files = new HostFiles(world);
      const folder = world.folder(2);
      await Deno.writeTextFile(join(outside.path, "mine"), "mine");
      await Deno.symlink(outside.path, join(folder, "link"));
      await Deno.symlink(join(outside.path, "mine"), join(folder, "leaf"));
      await Deno.writeTextFile(join(folder, "file"), "");
      await Deno.mkdir(join(folder, "folder"));
      await new Deno.Command("mkfifo", { args: [join(folder, "pipe")] }).output();
      const cases = [
        ["link/mine", "link on h2 is a symbolic link"],
        ["leaf", "leaf on h2 is a symbolic link"],
        ["file/x", "file on h2 is no folder"],
        ["folder", "folder on h2 is no plain file"],
        ["pipe", "pipe on h2 is no plain file"],
        ["../h3/x", "leads out of it"],
        ["/etc/passwd", "is absolute"],
      ] as const;
      for (const [path, says] of cases) {
        const fault = await assertRejects(
          () => files.write(2, path, new Uint8Array([1]), PLACE),
          TemplateFault,
          says,
        );
        assertEquals([fault.line, fault.column], [7, 12]);
        await assertRejects(
          () => files.carry({ from: path, to: "x" }, 2, 3, PLACE),
          TemplateFault,
          says,
        );
      }
      assertEquals(await Deno.readTextFile(join(outside.path, "mine")), "mine");
    },
  });
}

Deno.test({
  name:
    "hosts: what is written lands in the run's folder alone, also where a link is made meanwhile",
  ignore: WORLDS[0]!.ignore,
}, async () => {
  await using guardian = await Guardian.start();
  await using world = await makeLinuxWorld(planFor(guardian), await probeLinux());
  await using outside = await TempFolder.make();
  const victim = join(outside.path, "mine");
  await Deno.writeTextFile(victim, "mine");
  await Deno.symlink(victim, join(world.folder(1), "late"));
  await world.write(join(world.folder(1), "late"), new Uint8Array([1])).catch(() => {});
  assertEquals(await Deno.readTextFile(victim), "mine");
});
