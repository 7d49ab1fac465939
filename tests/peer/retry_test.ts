import { join } from "@std/path";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

Deno.test("a file that could not get its name gets it when the torrent is resumed", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 400_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(300_000);
  await seed.put("t/a", bytes);
  const { torrent, infoHash } = await seed.engine.share(join(seed.dir, "t"), {
    pieceLength: 16384,
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("piece-verified");
  // Writing goes on through the open handle; what fails is the last step, the rename.
  await Deno.rename(join(leech.dir, "t"), join(leech.dir, "elsewhere"));
  const { reason } = await leech.until("torrent-state", ({ state }) => state === "error");
  assertMatch(
    reason!,
    /Cannot (finish|save|look at|use|write) .*t\/a\.part: (it|its folder) is missing/,
  );
  await Deno.rename(join(leech.dir, "elsewhere"), join(leech.dir, "t"));
  leech.engine.resume(infoHash);
  await leech.until("torrent-completed");
  assertEquals(await leech.read("t/a"), bytes);
});

Deno.test("pieces larger than the memory for uploads are served to several peers", async () => {
  await using seed = await TestEngine.start();
  await using a = await TestEngine.start();
  await using b = await TestEngine.start();
  const bytes = someBytes(2 ** 24 + 2 ** 20 + 77);
  const { torrent } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: 2 ** 24 });
  await a.engine.add(torrent, { peers: [addressOf(seed)] });
  await b.engine.add(torrent, { peers: [addressOf(seed), addressOf(a)] });
  for (const peer of [a, b]) {
    await peer.until("torrent-completed");
    assertEquals(await peer.read("f"), bytes);
  }
});
