/**
 * What `seed` and `download` advise where files differ: their own flags, no verbs of the shell.
 *
 * @module
 */
import { runProgram } from "../../../shell/program.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";

const BYTES = patternBytes(100_000);

async function run(cwd: string, ...args: string[]): Promise<{ status: number; said: string }> {
  const world = new TestWorld({ args, cwd });
  const status = await runProgram(world);
  return { status, said: world.stderr.text + world.stdout.text };
}

async function withTorrent(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("f", BYTES);
  assertEquals((await run(folder.path, "create", "f", "--piece-length", "16k")).status, 0);
  return folder;
}

const HERE = ["--host", "127.0.0.1", "--port", "0"];

Deno.test("seed names ways on with a file that was changed", async () => {
  await using folder = await withTorrent();
  const changed = BYTES.with(50_000, BYTES[50_000]! ^ 1);
  await folder.write("f", changed);
  const { status, said } = await run(folder.path, "seed", "f.torrent", ...HERE);
  assertEquals(status, 1);
  assertMatch(said, /f was changed: 1 piece in it .*vtorrent download .*--over .*--dir/);
  assert(!/\bresume\b|\bsend\b/.test(said), said);
  assertEquals(await folder.read("f"), changed);
});

Deno.test("download names ways on with a file that is longer, and they lead on", async () => {
  await using folder = await withTorrent();
  const longer = Uint8Array.from([...BYTES, 7]);
  await folder.write("f", longer);
  const { status, said } = await run(folder.path, "download", "f.torrent", ...HERE);
  assertEquals(status, 1);
  assertMatch(said, /f was changed: it has 100001 bytes instead of 100000\..*--over.*--dir/);
  assert(!/\bresume\b|\bsend\b|beside/.test(said), said);
  assertEquals(await folder.read("f"), longer);
  const over = await run(folder.path, "download", "f.torrent", "--over", ...HERE);
  assertEquals(over.status, 0, over.said);
  assertEquals(await folder.read("f"), BYTES);
});
