import { processorUse } from "../../lab/programs/processor_use.ts";
import { assert, assertEquals } from "../support/assert.ts";

const ignore = Deno.build.os !== "linux";

function start(script: string): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", script],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Looks until the program is as it is wanted. */
async function until(pid: number, isWanted: (use: { isAtRest: boolean; used: number }) => boolean) {
  while (true) {
    const use = processorUse(pid)!;
    if (isWanted(use)) return use;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test({ name: "a program that waits rests, and its children do", ignore }, async () => {
  const child = start("trap 'kill $!' TERM; sleep 600 & wait");
  const { used } = await until(child.pid, ({ isAtRest }) => isAtRest);
  assert(used < 10_000);
  child.kill("SIGTERM");
  await child.stdin.close();
  await child.status;
});

Deno.test(
  { name: "a child that computes is no rest, and its time is counted", ignore },
  async () => {
    const child = start("(trap 'exit' TERM; while :; do :; done) & trap 'kill $!' TERM; wait");
    const first = await until(child.pid, ({ used }) => used >= 100);
    const second = await until(child.pid, ({ used }) => used >= first.used + 100);
    assertEquals(second.isAtRest, false);
    child.kill("SIGTERM");
    await child.stdin.close();
    await child.status;
  },
);

Deno.test({ name: "a program that has ended rests", ignore }, async () => {
  const child = start("exit 0");
  await child.stdin.close();
  await child.status;
  assertEquals(processorUse(child.pid), { isAtRest: true, used: 0 });
});
