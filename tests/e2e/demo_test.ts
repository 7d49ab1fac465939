/**
 * The demo as people run it: its story, and Ctrl-C at several moments.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { TestProcess } from "../support/process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { VTORRENT } from "../support/vtorrent.ts";

/** A demo whose folder is made in `temp`. */
function demo(temp: string, args: readonly string[]): TestProcess {
  return new TestProcess(VTORRENT, ["demo", ...args], {
    env: { TMPDIR: temp, VTORRENT_NO_DHT: "true" },
  });
}

/** Command lines of processes of this machine that have `text` in them. */
async function commandLines(text: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // It may have ended meanwhile.
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(text)) lines.push(line.replaceAll("\0", " "));
  }
  return lines;
}

Deno.test("the demo begins with the board's address, and every copy is the same", async () => {
  await using temp = await TempFolder.make();
  await using running = demo(temp.path, ["--peers", "3", "--seconds", "2"]);
  const { code, stdout, stderr } = await running.ended();
  assertEquals(code, 0, stderr);
  const lines = stdout.split("\n");
  assertMatch(lines[0]!, /Watch it in a browser: http:\/\/127\.0\.0\.1:\d+\/$/);
  assertMatch(stdout, /ada has "lecture\.mp4" \(40\.0 MiB\), and bob, carol and dave want it\./);
  for (const name of ["bob", "carol", "dave"]) {
    assertMatch(stdout, new RegExp(`^ *[\\d.]+s +${name} .*complete: 40\\.0 MiB`, "m"));
  }
  assertMatch(stdout, /All 4 copies are the same\./);
  assertEquals([...Deno.readDirSync(temp.path)], []);
});

Deno.test("eight want it: the board is there first, and all are before one is complete", async () => {
  await using temp = await TempFolder.make();
  await using running = demo(temp.path, ["--peers", "8", "--seconds", "4", "--json"]);
  const { code, stdout, stderr } = await running.ended();
  assertEquals(code, 0, stderr);
  const told = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
    .filter(({ event, downloaded }) =>
      event === "started" || event === "torrent-completed" && downloaded > 0
    );
  assertEquals(told[0].process, "tracker");
  assertEquals(
    told.map(({ event }) => event),
    [...Array(10).fill("started"), ...Array(8).fill("torrent-completed")],
  );
});

Deno.test("of a crowd's copies it is told at once that they are the same", async () => {
  await using temp = await TempFolder.make();
  await using running = demo(temp.path, ["--peers", "5", "--seconds", "2"]);
  const { code, stdout, stderr } = await running.ended();
  assertEquals(code, 0, stderr);
  assertEquals(stdout.match(/SHA-256 of .*/g)!.map((line) => line.replace(/[0-9a-f]{64}/, "…")), [
    "SHA-256 of the original: …",
    "SHA-256 of the 5 copies: the same",
  ]);
});

Deno.test("Ctrl-C while pieces come: each peer takes its leave of the tracker", async () => {
  await using temp = await TempFolder.make();
  await using running = demo(temp.path, ["--seconds", "60", "--json"]);
  // One may have a piece before another has said that it is there.
  for (const peer of ["ada", "bob", "carol"]) {
    await running.line(new RegExp(`"event":"announce".*"peer":"${peer}".*"kind":"started"`));
  }
  await running.line(/"event":"piece-verified"/);
  running.kill("SIGINT");
  const { code, stdout } = await running.ended();
  assertEquals(code, 7);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const left = events.filter(({ event, kind }) => event === "announce" && kind === "stopped");
  assertEquals(left.map(({ peer }) => peer).sort(), ["ada", "bob", "carol"]);
});

const MOMENTS: readonly (readonly [string, RegExp])[] = [
  ["while the peers begin", /they need each other/],
  ["while pieces come", /% {2}/],
];

for (const [moment, line] of MOMENTS) {
  Deno.test(`Ctrl-C ${moment} leaves no process and no file`, async () => {
    await using temp = await TempFolder.make();
    await using running = demo(temp.path, ["--seconds", "60"]);
    await running.line(line);
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended();
    assertEquals(code, 7, stderr);
    assertEquals(stderr, "error: The demo was stopped\n");
    assert(!/Stopped at/.test(stdout), stdout);
    assertEquals([...Deno.readDirSync(temp.path)], []);
    const left = await commandLines(temp.path);
    assert(left.length === 0, left.join("\n"));
  });
}
