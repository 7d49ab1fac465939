/**
 * Bugs in the running program: a process of its own, in which a throw is planted.
 *
 * @module
 */
import { join } from "@std/path";
import { parseMagnet } from "../../protocol/magnet.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { TestProcess } from "../support/process.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";
import { TempFolder } from "../support/temp_folder.ts";

const MAIN = join(import.meta.dirname!, "..", "support", "planted_main.ts");
const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

function start(
  args: readonly string[],
  { cwd, plant, name = "" }: { cwd: string; plant: string; name?: string },
): TestProcess {
  return new TestProcess(Deno.execPath(), ["run", "--quiet", "--no-check", "-A", MAIN, ...args], {
    cwd,
    typing: true,
    env: { PLANT: plant, PLANT_IN: name, NO_COLOR: "1" },
  });
}

/** Nobody was shown a stack trace. */
function assertNoTrace(lines: readonly string[]): void {
  assert(!lines.some((line) => /^\s+at /.test(line)), lines.join("\n"));
}

for (const plant of ["block", "tick", "read"]) {
  Deno.test(`a peer in which one torrent is at fault goes on with the others: ${plant}`, async () => {
    await using other = await TestEngine.start();
    await using folder = await TempFolder.make();
    const share = async (name: string, seed: number) =>
      await other.engine.share(await other.put(name, someBytes(500_000, seed)));
    const isSeed = plant === "read";
    const [bad, good] = [await share("bad", 2), await share("good", 1)];
    await Deno.writeFile(folder.at("bad.torrent"), bad.torrent);
    await Deno.writeFile(folder.at("good.torrent"), good.torrent);
    if (isSeed) await Deno.writeFile(folder.at("bad"), await other.read("bad"));
    await using leech = await TestEngine.start();

    const peer = ["--peer", `127.0.0.1:${other.engine.port}`];
    const args = ["peer", "1", ...ON_LOOPBACK, ...peer, "--json", "--dir", "."];
    await using process = start(args, { cwd: folder.path, plant, name: "bad" });
    const said = (what: RegExp) =>
      process.until(() => process.stdout.find((line) => what.test(line)), String(what));
    const started = await said(/"event":"started"/);
    await process.type("download bad.torrent");
    if (isSeed) {
      await said(/"event":"torrent-state".*"state":"seeding"/);
      const { port } = JSON.parse(started);
      await leech.engine.add(bad.torrent, { peers: [{ host: "127.0.0.1", port }] });
    }
    const line = await said(/"event":"torrent-state".*"state":"error"/);
    const { name, reason, remedy } = JSON.parse(line);
    assertEquals(name, "bad");
    assertMatch(reason, /^internal error: planted \(planted\.ts:\d+:\d+\); please report it$/);
    assertEquals(remedy, { kind: "again" });
    await process.type("download good.torrent");
    await said(/"event":"torrent-completed"/);
    assertEquals(await Deno.readFile(folder.at("good")), await other.read("good"));
    await process.type("exit");
    // A script learns that one of its commands failed.
    assertEquals((await process.ended()).code, isSeed ? 0 : 1);
    assertNoTrace([...process.stdout, ...process.stderr]);
  });
}

Deno.test("each uncaught error is reported in one line, and the download completes", async () => {
  await using seed = await TestEngine.start();
  await using folder = await TempFolder.make();
  const bytes = someBytes(3_000_000);
  const { torrent } = await seed.engine.share(await seed.put("it", bytes));
  await Deno.writeFile(folder.at("it.torrent"), torrent);
  const where = ["--peer", `127.0.0.1:${seed.engine.port}`, "--download-limit", "1M"];
  await using process = start(["download", "it.torrent", ...ON_LOOPBACK, ...where], {
    cwd: folder.path,
    plant: "nobody's",
  });
  const { code, stderr } = await process.ended();
  assertEquals([code, await Deno.readFile(folder.at("it"))], [0, bytes]);
  const errors = stderr.split("\n").filter((line) => line.startsWith("error:"));
  // The third one came a hundred times.
  assertEquals(errors.length, 3, errors.join("\n"));
  for (const what of ["planted", "floating", "again and again"]) {
    const line = new RegExp(
      `^error: internal error: ${what} \\(planted_main\\.ts:\\d+:\\d+\\); please report it$`,
    );
    assert(errors.some((error) => line.test(error)), errors.join("\n"));
  }
  assertNoTrace(stderr.split("\n"));
});

Deno.test("a program for one torrent ends with that torrent, and says why", async () => {
  await using leech = await TestEngine.start();
  await using folder = await TempFolder.make();
  await Deno.writeFile(folder.at("bad"), someBytes(500_000));
  await using process = start(["seed", "bad", ...ON_LOOPBACK, "--json"], {
    cwd: folder.path,
    plant: "read",
    name: "bad",
  });
  const said = (event: string) =>
    process.until(
      () => process.stdout.map((line) => JSON.parse(line)).find((one) => one.event === event),
      event,
    );
  const { port } = await said("started");
  const { magnet } = await said("seeding");
  leech.engine.addMagnet({ ...parseMagnet(magnet), peers: [{ host: "127.0.0.1", port }] });
  const { code, stderr } = await process.ended();
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^error: internal error: planted \(planted\.ts:\d+:\d+\); please report it; the same command tries again/m,
  );
  assertNoTrace(stderr.split("\n"));
});
