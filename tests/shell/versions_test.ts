/**
 * A name that several torrents have means the newest that somebody seeds, and the others are told.
 *
 * @module
 */
import { runProgram } from "../../shell/program.ts";
import { findNewest, findSwarm } from "../../shell/swarm_argument.ts";
import { newestFirst, otherVersions } from "../../shell/versions.ts";
import { CommandError } from "../../shell/errors.ts";
import { startTracker } from "../../tracker/mod.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { createTorrent } from "../../peer/mod.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TestWorld } from "../support/test_world.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";

Deno.test("the newest that somebody seeds comes first, what nobody has last", () => {
  const version = (infoHash: string, seeders: number, publishedAt: number) => ({
    infoHash,
    seeders,
    publishedAt,
  });
  const versions = [
    version("old", 9, 1),
    version("dead", 0, 4),
    version("new", 1, 3),
    version("unknown", 0, 0),
  ];
  const order = newestFirst(versions).map(({ infoHash }) => infoHash);
  assertEquals(order, ["new", "old", "dead", "unknown"]);
  assertEquals(otherVersions([]), undefined);
  assertEquals(otherVersions(versions.slice(2)), "new (1 seeder), unknown (0 seeders)");
  const many = Array.from({ length: 10_000 }, (_, i) => version(`v${i}`, 0, i));
  assert(otherVersions(many)!.endsWith("v4 (0 seeders), and 9995 more"));
});

Deno.test("fileinfo, scrape and download tell of the other versions of a name", async () => {
  await using folder = await TempFolder.make();
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${tracker.port}/announce`;
  await using seed = await TestEngine.start();
  const { bytes } = await createTorrent({ path: await seed.put("notes.txt", someBytes(50_000)) });
  const live = (await tracker.publish(bytes, "1")).entry.infoHash;
  // Newer, from somebody else, and nobody has it.
  const dead = (await tracker.publish(tinyTorrent("notes.txt").bytes, "2")).entry.infoHash;
  await seed.engine.add(bytes, { trackers: [[url]] });
  await seed.until("announced");

  const typed = async (args: string[], lines?: string[]) => {
    const world = new TestWorld({ args, cwd: folder.path, ...(lines && { lines }) });
    assertEquals(await runProgram(world), 0, world.stderr.text);
    return { out: world.stdout.text, err: world.stderr.text };
  };
  const peer = ["peer", "3", "--host", "127.0.0.1", "--port", "0", "--tracker", url];
  const told = `other_versions: ${dead} (0 seeders)`;
  const { out } = await typed(peer, ["fileinfo notes.txt", "scrape notes.txt"]);
  assertEquals(out.split(told).length, 3, out);
  const json = await typed([...peer, "--json"], ["download notes.txt"]);
  const events = json.out.trim().split("\n").map((line) => JSON.parse(line));
  const facts = events.find(({ event, dir }) => event === "downloaded" && dir !== undefined);
  assertEquals([facts.info_hash, facts.other_versions], [live, `${dead} (0 seeders)`]);
  const { err } = await typed(["download", "notes.txt", "--dir", "x", ...peer.slice(2)]);
  assert(err.includes('2 torrents are called "notes.txt"') && err.includes(dead), err);

  const { infoHash, others } = await findNewest(tracker, "notes.txt");
  assertEquals([infoHash, others.map((one) => one.infoHash)], [live, [dead]]);
  // Taking one out is for whoever says which.
  await assertRejects(() => findSwarm(tracker, "notes.txt"), CommandError, dead);
});
