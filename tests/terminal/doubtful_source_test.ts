/**
 * What is hardly meant to be shared: one-shot programs ask in a terminal, and refuse where nobody can
 * answer.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT, vtorrent } from "../support/vtorrent.ts";

const ignore = !await haveTerminal();
const HERE = ["--host", "127.0.0.1", "--port", "0", "--no-trackers", "--no-dht"];

/** A folder `many` of 1,001 files. */
async function withMany(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  for (let n = 0; n <= 1000; n++) await folder.write(`many/${n}.txt`, `${n}`);
  return folder;
}

Deno.test("create and seed of 1,001 files refuse in a pipe, and -y does it", async () => {
  await using folder = await withMany();
  const cwd = folder.path;
  for (const program of ["create", "seed"]) {
    const { code, stderr } = await vtorrent([program, "many"], { cwd });
    assertEquals(code, 1);
    assertMatch(stderr, new RegExp(`many has more than 1,000 files: vtorrent ${program} -y `));
  }
  assertEquals((await vtorrent(["create", "/etc"], { cwd })).code, 1);
  const made = await vtorrent(["create", "-y", "many"], { cwd });
  assertMatch(made.stdout, /^files\t1,?001$/m);
});

Deno.test({ name: "create and seed ask in a terminal", ignore }, async () => {
  await using folder = await withMany();
  const cwd = folder.path;
  const start = (...args: string[]) => Terminal.start([VTORRENT, ...args], { cwd, columns: 150 });
  {
    await using terminal = await start("create", "many", "many");
    await terminal.until(/Make a torrent of all that is in it\? \[y\/N\]$/);
    await terminal.enter("y");
    await terminal.until(/\[y\/N\] y\n[^]*\[y\/N\]$/);
    await terminal.enter("");
    await terminal.until(/No torrent is made\.\n\[ended 1\]/);
  }
  {
    await using terminal = await start("seed", "many", ...HERE);
    await terminal.until(/1,000 files\. Share all that is in it\? \[y\/N\]$/);
    await terminal.press("C-c");
    await terminal.until(/Stopped before it was done\n\[ended 7\]/);
  }
  await using terminal = await start("seed", "many", ...HERE);
  await terminal.until(/\[y\/N\]$/);
  await terminal.enter("yes");
  await terminal.until(/^info hash +[0-9a-f]{40}$/m);
  await terminal.press("C-c");
  await terminal.until(/\[ended 0\]/);
});
