/**
 * What a state promises: a torrent that is seeded has all its files under their final names.
 *
 * @module
 */
import { join } from "node:path";
import { assert, assertEquals } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 16384;
const NAMES = Array.from({ length: 60 }, (_, i) => `f${String(i).padStart(2, "0")}.bin`);

function namesIn(dir: string): string[] {
  try {
    return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

Deno.test("whoever hears that a torrent is seeded finds all files under their names", async () => {
  await using seed = await TestEngine.start();
  for (const [i, name] of NAMES.entries()) {
    await seed.put(join("t", name), someBytes(PIECE / 2 + 100 * i, i));
  }
  const { torrent, infoHash } = await seed.engine.share(join(seed.dir, "t"), {
    pieceLength: PIECE,
  });
  await using leech = await TestEngine.start();
  const heard: string[][] = [];
  const early: number[] = [];
  leech.engine.subscribe((event) => {
    const { state } = leech.engine.snapshot().torrents[0]!;
    const names = namesIn(join(leech.dir, "t"));
    const unnamed = NAMES.filter((name) => !names.includes(name)).length;
    if (state === "seeding" && unnamed > 0) early.push(unnamed);
    if (event.event === "torrent-state" && event.state === "seeding") heard.push(names);
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  assertEquals(heard, [NAMES]);
  assertEquals(early, []);
  assert(namesIn(leech.dir).every((name) => !name.startsWith(".")));

  // A file that is given up and wanted again is nothing new: it is there.
  await leech.engine.select(infoHash, [0], "skip");
  await leech.engine.select(infoHash, [0], "normal");
  await leech.when(() => leech.engine.snapshot().torrents[0]!.state === "seeding", "all of it");
});

Deno.test("a torrent that was complete, was damaged and fetched again is complete again", async () => {
  await using seed = await TestEngine.start();
  const bytes = someBytes(20 * PIECE);
  const { torrent } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: PIECE });
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  {
    const first = await TestEngine.start(options);
    await first.engine.add(torrent, { peers: [addressOf(seed)] });
    await first.until("torrent-completed");
    await first.engine[Symbol.asyncDispose]();
  }
  await Deno.truncate(join(dir, "f"), 3 * PIECE);
  await using again = await TestEngine.start(options);
  const { infoHash } = again.engine.snapshot().torrents[0]!;
  await again.until("torrent-state", ({ state }) => state === "error");
  again.engine.addPeer(infoHash, addressOf(seed));
  again.engine.resume(infoHash);
  await again.until("torrent-completed");
  assertEquals(await again.read("f"), bytes);
});
