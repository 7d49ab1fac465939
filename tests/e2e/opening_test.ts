/**
 * What ended the process while it was opened is not opened again and again: real processes, killed in
 * the middle of opening one of two torrents.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { TestProcess } from "../support/process.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";
import { TempFolder } from "../support/temp_folder.ts";

const MAIN = join(import.meta.dirname!, "..", "support", "planted_main.ts");
const HELD = /^vtorrent ended while it opened it the last time$/;

/** One life of a peer. */
class Life extends TestProcess {
  static start(folder: string, plant: "open" | "none", seedPort: number): Life {
    const where = ["--host", "127.0.0.1", "--port", "0", "--peer", `127.0.0.1:${seedPort}`];
    return new Life(
      Deno.execPath(),
      ["run", "--quiet", "--no-check", "-A", MAIN, "peer", "1", "--json", "--dir", ".", ...where],
      { cwd: folder, typing: true, env: { PLANT: plant, PLANT_IN: "bad" } },
    );
  }

  /** The first event of that name about that torrent. */
  async event(event: string, name: string, state?: string): Promise<Record<string, unknown>> {
    return await this.until(
      () =>
        this.stdout.map((line) => JSON.parse(line)).find((one) =>
          one.event === event && one.name === name && (state === undefined || one.state === state)
        ),
      `${event} of ${name}`,
    );
  }

  /** It is killed: not by us. */
  async dies(): Promise<void> {
    assertEquals((await this.ended()).code, 128 + 9);
  }

  async exits(): Promise<void> {
    await this.type("exit");
    await this.ended();
  }
}

Deno.test("a torrent that ends the process when it is opened waits for a person after the second time", async () => {
  await using seed = await TestEngine.start();
  await using folder = await TempFolder.make();
  for (const [n, name] of ["bad", "good"].entries()) {
    const { torrent } = await seed.engine.share(await seed.put(name, someBytes(200_000, n)));
    await Deno.writeFile(folder.at(`${name}.torrent`), torrent);
  }
  const start = (plant: "open" | "none") => Life.start(folder.path, plant, seed.engine.port);
  {
    await using life = start("none");
    for (const name of ["bad", "good"]) {
      await life.type(`download ${name}.torrent`);
      await life.event("torrent-completed", name);
    }
    await life.exits();
  }
  // It was added first, and is opened first.
  {
    await using life = start("open");
    await life.dies();
    assert(!life.stdout.some((line) => line.includes("torrent-restored")));
  }
  // Then last.
  {
    await using life = start("open");
    await life.event("torrent-restored", "good");
    await life.dies();
  }
  // Then not at all, however often.
  for (let n = 0; n < 2; n++) {
    await using life = start("open");
    assertMatch(String((await life.event("restore-failed", "bad")).reason), HELD);
    await life.event("torrent-state", "good", "seeding");
    await life.type("status");
    await life.until(() => life.stdout.find((line) => line.includes('"event":"status"')), "status");
    if (n === 0) await life.exits();
    else {
      await life.type("resume bad");
      await life.dies();
    }
  }
  // What a person tries again may go well.
  {
    await using life = start("none");
    await life.event("restore-failed", "bad");
    await life.type("resume bad");
    await life.event("torrent-restored", "bad");
    await life.event("torrent-state", "bad", "seeding");
    await life.exits();
  }
  {
    await using life = start("none");
    await life.event("torrent-state", "bad", "seeding");
    await life.exits();
  }
});

Deno.test("a link that ends the process when it becomes a torrent waits for a person at once", async () => {
  await using seed = await TestEngine.start();
  await using folder = await TempFolder.make();
  const { infoHash } = await seed.engine.share(await seed.put("bad", someBytes(200_000)));
  const link = `magnet:?xt=urn:btih:${infoHash}&dn=bad&x.pe=127.0.0.1:${seed.engine.port}`;
  const start = (plant: "open" | "none") => Life.start(folder.path, plant, seed.engine.port);
  {
    await using life = start("open");
    await life.type(`download ${link}`);
    await life.dies();
  }
  {
    await using life = start("open");
    assertMatch(String((await life.event("torrent-state", "bad", "error")).reason), HELD);
    await life.exits();
  }
  await using life = start("none");
  await life.event("torrent-state", "bad", "error");
  await life.type("resume bad");
  await life.event("torrent-completed", "bad");
  assertEquals(await Deno.readFile(folder.at("bad")), await seed.read("bad"));
  await life.exits();
});
