import { assert, assertEquals } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 65536;

/** Two that know only the seed; the seed knows where both listen. */
async function star(options: { sources?: { pex: boolean }; private?: boolean }) {
  const seed = await TestEngine.start(options);
  const a = await TestEngine.start(options);
  const b = await TestEngine.start(options);
  // Nobody completes meanwhile: who is complete needs no peers.
  const { torrent, infoHash } = await seed.engine.share(
    await seed.put("file", someBytes(100 * PIECE)),
    { pieceLength: PIECE, private: options.private },
  );
  seed.engine.setLimits({ upload: 300_000 });
  await a.engine.add(torrent, { peers: [addressOf(seed)] });
  await a.until("peer-connected");
  await b.engine.add(torrent, { peers: [addressOf(seed)] });
  await b.until("peer-connected");
  const stack = new AsyncDisposableStack();
  for (const peer of [seed, a, b]) stack.use(peer);
  return { seed, a, b, infoHash, stack };
}

Deno.test("peers of one peer hear of each other (BEP 11), and say from whom", async () => {
  const { seed, a, b, stack } = await star({});
  await using _ = stack;
  // Both hear of each other at once: either may have called.
  const found = await b.when(
    () =>
      [a, b].flatMap(({ engine }) => engine.snapshot().torrents[0]!.peers)
        .find(({ source }) => source === "pex"),
    "a peer that the seed told of",
  );
  assertEquals(found.via, `127.0.0.1:${seed.engine.port}`);
});

Deno.test("nothing is exchanged with --no-pex, nor of a private torrent (BEP 27)", async (t) => {
  for (const options of [{ sources: { pex: false } }, { private: true }]) {
    await t.step(JSON.stringify(options), async () => {
      const { seed, a, b, stack } = await star(options);
      await using _ = stack;
      // Longer than it takes where it is on: a whole round of the seed's choking has passed.
      await a.when(() => a.engine.snapshot().torrents[0]!.piecesHave > 10, "some pieces");
      assert(a.engine.snapshot().torrents[0]!.peers.length === 1);
      assertEquals(
        b.engine.snapshot().torrents[0]!.peers.map(({ port, source }) => [port, source]),
        [[seed.engine.port, "manual"]],
      );
    });
  }
});
