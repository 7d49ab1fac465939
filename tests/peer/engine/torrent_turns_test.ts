import { AlreadyAddedError, UnknownTorrentError } from "../../../peer/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 32_768;

Deno.test("a torrent that is added twice at a time is here once, under its name", async () => {
  await using seed = await TestEngine.start();
  const bytes = someBytes(4 * PIECE);
  const file = await seed.put("f", bytes);
  const { torrent } = await seed.engine.share(file, { pieceLength: PIECE });
  await using leech = await TestEngine.start();
  const peers = [{ host: "127.0.0.1", port: seed.engine.port }];
  const adds = await Promise.allSettled(
    Array.from({ length: 3 }, () => leech.engine.add(torrent, { peers })),
  );
  assertEquals(adds.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  for (const add of adds) {
    if (add.status === "rejected") assertEquals(add.reason instanceof AlreadyAddedError, true);
  }
  await leech.until("torrent-completed");
  assertEquals(await leech.read("f"), bytes);
  const names = [...Deno.readDirSync(leech.engine.dir)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.includes("(1)")), []);
});

Deno.test("a file that is shared twice at a time is shared once, and neither fails", async () => {
  await using seed = await TestEngine.start();
  const file = await seed.put("f", someBytes(4 * PIECE));
  const shared = await Promise.all(
    [1, 2].map(() => seed.engine.share(file, { pieceLength: PIECE })),
  );
  assertEquals(shared[0]!.infoHash, shared[1]!.infoHash);
  assertEquals(seed.engine.snapshot().torrents.length, 1);
});

Deno.test("a torrent that is removed twice at a time is removed once", async () => {
  await using seed = await TestEngine.start();
  const file = await seed.put("f", someBytes(4 * PIECE));
  const { infoHash } = await seed.engine.share(file, { pieceLength: PIECE });
  const removals = await Promise.allSettled([1, 2].map(() => seed.engine.remove(infoHash)));
  const reasons = removals.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
  assertEquals(reasons.map((reason) => reason instanceof UnknownTorrentError), [true]);
  assertEquals(seed.events.filter(({ event }) => event === "torrent-removed").length, 1);
});
