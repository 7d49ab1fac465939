/**
 * Large .torrents that are published: read, listed and fetched.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Program } from "./honest_swarm.ts";
import type { StallRow } from "./stall_rows.ts";
import { SHAPES } from "./wide_torrents.ts";

/** A tracker that runs, and its port. */
export async function startTracker(folder: TempFolder): Promise<[Program, number]> {
  const args = ["tracker", "--daemon", "--no-db", "--host", "127.0.0.1", "--port", "0"];
  const tracker = new Program(args, folder.path, "tracker");
  return [tracker, Number((await tracker.event("started"))["port"])];
}

export const READING: readonly StallRow[] = SHAPES.map(([what, make]) => ({
  name: `a tracker's loop goes on while ${what} are published`,
  run: async (look) => {
    await using folder = await TempFolder.make();
    const [program, port] = await startTracker(folder);
    await using tracker = program;
    const api = `http://127.0.0.1:${port}/api/torrents`;
    tracker.forgetStalls();
    const reply = await fetch(api, { method: "POST", body: make() as Uint8Array<ArrayBuffer> });
    const { info_hash: infoHash } = await reply.json();
    assertEquals(reply.status, 201);
    const file = await fetch(`${api}/${infoHash}.torrent`);
    assert((await file.bytes()).length > 1_000_000);
    await (await fetch(api)).body?.cancel();
    await look(tracker, what);
  },
}));
