import { runProgram } from "../../../shell/program.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";

/** A program with a port of its own, and the port once it listens. */
function start(cwd: string, args: readonly string[]) {
  const port = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<void>();
  const stop = new AbortController();
  const world = new TestWorld({
    args: [...args, "--host", "127.0.0.1", "--port", "0", "--json"],
    cwd,
    stop: stop.signal,
    onLine: (text) => {
      const line = JSON.parse(text) as { event: string; port?: number };
      if (line.event === "started" && line.port !== undefined) port.resolve(line.port);
      if (line.event === "seeding") ready.resolve();
    },
  });
  return { world, stop, status: runProgram(world), port: port.promise, ready: ready.promise };
}

async function withFile(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("seed/f", patternBytes(300_000));
  const world = new TestWorld({ args: ["create", "seed/f"], cwd: folder.path });
  assertEquals(await runProgram(world), 0, world.stderr.text);
  return folder;
}

for (const rule of [["--exit-when", "all-peers-done"], ["--seed-ratio", "1"]]) {
  Deno.test(`a seed leaves with ${rule.join(" ")} once its peer has everything`, async () => {
    await using folder = await withFile();
    const seed = start(folder.path, ["seed", "f.torrent", "--dir", "seed", ...rule]);
    await seed.ready;
    const peer = `127.0.0.1:${await seed.port}`;
    const download = start(folder.path, ["download", "f.torrent", "--dir", "get", "--peer", peer]);
    assertEquals(await download.status, 0, download.world.stderr.text);
    assertEquals(await folder.read("get/f"), patternBytes(300_000));
    assertEquals(await seed.status, 0, seed.world.stderr.text);
  });
}

Deno.test("a download with --seed-time goes on seeding so long", async () => {
  await using folder = await withFile();
  const seed = start(folder.path, ["seed", "f.torrent", "--dir", "seed"]);
  await seed.ready;
  const { status, world } = start(folder.path, [
    ...["download", "f.torrent", "--dir", "get", "--peer", `127.0.0.1:${await seed.port}`],
    ...["--seed-time", "1s"],
  ]);
  assertEquals(await status, 0, world.stderr.text);
  assertMatch(world.stdout.text, /"state":"stopped","reason":"it has been seeding for \d+ s"/);
  seed.stop.abort();
  assertEquals(await seed.status, 0);
});

Deno.test("rules that make no sense are refused with what to give", async () => {
  await using folder = await TempFolder.make();
  const cases: [string[], RegExp][] = [
    [["--exit-when", "never"], /give done, ratio, all-peers-done/],
    [["--exit-when", "ratio"], /wants --seed-ratio or --seed-time/],
    [["--seed-ratio", "-1"], /--seed-ratio is "-1": give a ratio like 1 or 1\.5/],
  ];
  for (const [args, message] of cases) {
    const world = new TestWorld({ args: ["download", "x.torrent", ...args], cwd: folder.path });
    assertEquals(await runProgram(world), 28);
    assertMatch(world.stderr.text, message);
  }
});
