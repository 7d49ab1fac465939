/**
 * Large .torrents that are published: how long the loop of a real tracker stands still while they are
 * read, listed and fetched, in CPU time of its thread.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Program } from "./honest_swarm.ts";
import { requireNoStall, SHAPES } from "./wide_torrents.ts";

async function startTracker(folder: TempFolder): Promise<[Program, number]> {
  const args = ["tracker", "--daemon", "--no-db", "--host", "127.0.0.1", "--port", "0"];
  const tracker = new Program(args, folder.path, "tracker");
  return [tracker, Number((await tracker.event("started"))["port"])];
}

Deno.test("a tracker's loop goes on while it reads what is published", async (t) => {
  await using folder = await TempFolder.make();
  const [program, port] = await startTracker(folder);
  await using tracker = program;
  const api = `http://127.0.0.1:${port}/api/torrents`;
  for (const [what, make] of SHAPES) {
    await t.step(what, async () => {
      tracker.forgetStalls();
      const reply = await fetch(api, { method: "POST", body: make() as Uint8Array<ArrayBuffer> });
      const { info_hash: infoHash } = await reply.json();
      assertEquals(reply.status, 201);
      const file = await fetch(`${api}/${infoHash}.torrent`);
      assert((await file.bytes()).length > 1_000_000);
      await (await fetch(api)).body?.cancel();
      await requireNoStall(tracker, what);
    });
  }
});
