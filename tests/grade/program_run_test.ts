import { join } from "@std/path";
import { ProgramRun } from "../../lab/programs/program_run.ts";
import { Guardian } from "../../lab/programs/guardian.ts";
import { Transcript } from "../../lab/programs/transcript.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";

const ignore = Deno.build.os === "windows";

function start(script: string, cwd: string, ceiling = 30_000, lines?: string[]): ProgramRun {
  return new ProgramRun(["/bin/sh", "-c", script], {
    cwd,
    ceiling,
    ...(lines === undefined ? {} : { lines }),
  });
}

/** Whether a process is there; one that only waits for its parent to look is not. */
function lives(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    if (Deno.build.os !== "linux") return true;
    return !/^State:\s*Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test({ name: "a program's output, status and last lines are kept", ignore }, async () => {
  await using folder = await TempFolder.make();
  await using run = start("echo out; echo first >&2; echo last >&2; exit 3", folder.path);
  assertEquals((await run.ended(20_000))?.code, 3);
  assertEquals(run.stdout.text(), "out\n");
  assertEquals(run.lastLines(1), ["last"]);
});

Deno.test(
  { name: "a program's first output is read, and no more comes", ignore },
  async () => {
    await using folder = await TempFolder.make();
    await using run = start("read a; read b; echo $b$a", folder.path, 30_000, ["one", "two"]);
    await run.ended(20_000);
    assertEquals(run.stdout.text(), "twoone\n");
  },
);

Deno.test(
  { name: "a program that ignores SIGTERM and its children end with the run", ignore },
  async () => {
    await using folder = await TempFolder.make();
    const run = start(
      "trap '' TERM; sleep 600 & echo $! $$; while :; do sleep 1; done",
      folder.path,
    );
    const pids = await run.until(
      () => /(\d+) (\d+)\n/.exec(run.stdout.text()) ?? undefined,
      20_000,
    );
    assert(pids);
    await run.stop();
    assertEquals(pids.slice(1).map((pid) => lives(Number(pid))), [false, false]);
  },
);

Deno.test({
  name: "a daemon that left its process group ends with the run",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await TempFolder.make();
  const path = join(folder.path, "pid");
  const run = start(`setsid sh -c 'echo $$ > "${path}"; exec sleep 600' & sleep 600`, folder.path);
  const written = () => {
    try {
      return /\d+/.exec(Deno.readTextFileSync(path))?.[0];
    } catch {
      return undefined;
    }
  };
  // Nothing is printed, so it is looked for until the file is there.
  let pid: string | undefined;
  while ((pid = written()) === undefined) await run.until(() => undefined, 20);
  await run.stop();
  assertEquals(lives(Number(pid)), false);
});

Deno.test({
  name: "where the grader is killed, the guardian ends daemons, too",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const guardian = await Guardian.start();
  const folder = join(guardian.folder, "P1.1");
  await Deno.mkdir(folder);
  const script = "setsid sh -c 'echo $$; exec sleep 600' & sleep 600";
  await using run = new ProgramRun(["/bin/sh", "-c", script], {
    cwd: folder,
    belongsTo: folder,
    ceiling: 30_000,
  });
  await guardian.watch(run.pid);
  const pid = await run.until(() => /^(\d+)\n/.exec(run.stdout.text())?.[1], 20_000);
  // As the end of the grader, by whatever cause, ends its standard input.
  await guardian[Symbol.asyncDispose]();
  assertEquals(lives(Number(pid)), false);
  await run.ended(20_000);
});

Deno.test({ name: "a program is ended at its ceiling, and the run says so", ignore }, async () => {
  await using folder = await TempFolder.make();
  await using run = start("sleep 600", folder.path, 200);
  await run.ended(20_000);
  assertEquals(run.problem, "It was ended after 0.2 s");
});

Deno.test({ name: "no file grows beyond the limit", ignore }, async () => {
  await using folder = await TempFolder.make();
  const seek = 2 ** 30;
  await using run = start(`dd if=/dev/zero of=large bs=1 count=1 seek=${seek}`, folder.path);
  assert((await run.ended(20_000))?.code !== 0);
  assert((await Deno.stat(join(folder.path, "large"))).size <= seek);
});

Deno.test("of endless output the beginning and the end are kept", () => {
  const transcript = new Transcript();
  transcript.add(new TextEncoder().encode("begin\n"));
  for (let i = 0; i < 80; i++) transcript.add(new Uint8Array(1 << 16).fill(46));
  transcript.add(new TextEncoder().encode("\nthe end\n"));
  assert(transcript.bytes().length < 3 << 20);
  assertEquals(transcript.length, 80 * 65536 + 15);
  assert(transcript.text().startsWith("begin\n"));
  assertEquals(transcript.lastLines(1), ["the end"]);
});

Deno.test("colours are no part of an answer", () => {
  const transcript = new Transcript();
  transcript.add(new TextEncoder().encode("\x1b[32mhash\x1b[0m\r\n"));
  assertEquals(transcript.text(), "hash\n");
});
Deno.test({
  name: "a program with too many processes is ended with all of them, and the run says so",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await TempFolder.make();
  const script = 'i=0; while [ $i -lt 260 ]; do sleep 600 & i=$((i+1)); done; echo "$!"; wait';
  await using run = start(script, folder.path, 120_000);
  await run.ended(120_000);
  assert(/^It was ended at 2\d\d processes; 200 are allowed$/.test(run.problem ?? ""), run.problem);
  await run.stop();
  const last = /^(\d+)\n/.exec(run.stdout.text())?.[1];
  assert(last === undefined || !lives(Number(last)));
});

Deno.test(
  { name: "what a program prints, binary or for the terminal, stays bounded and plain", ignore },
  async () => {
    await using folder = await TempFolder.make();
    const script = "head -c 5000000 /dev/zero; head -c 3000 /dev/urandom; printf '\\033[2Jlast\\n'";
    await using run = start(script, folder.path);
    await run.ended(60_000);
    assert(run.stdout.bytes().length < 3 << 20);
    assert(run.lastLines(1)[0]!.endsWith("last"));
  },
);

Deno.test({ name: "a program that reads has nothing to read, and ends", ignore }, async () => {
  await using folder = await TempFolder.make();
  await using run = start("cat; echo over", folder.path);
  assertEquals((await run.ended(20_000))?.code, 0);
  assertEquals(run.stdout.text(), "over\n");
});
