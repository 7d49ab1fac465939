import { join } from "@std/path";
import { assert, assertEquals } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 16384;

/** Whom a seed serves, and why it serves the others not. */
function served(seed: TestEngine): { unchoked: number; reasons: string[] } {
  const peers = seed.engine.snapshot().torrents[0]!.peers.filter((peer) => peer.peerInterested);
  return {
    unchoked: peers.filter(({ amChoking }) => !amChoking).length,
    reasons: peers.filter(({ amChoking }) => amChoking).map(({ chokeReason }) => chokeReason),
  };
}

Deno.test("with one upload slot four peers are enough to see choking; more slots serve all", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 200_000, uploadSlots: 1 });
  const { torrent } = await seed.engine.share(await seed.put("f", someBytes(200 * PIECE)), {
    pieceLength: PIECE,
  });
  await using leeches = new AsyncDisposableStack();
  for (const name of ["bob", "eve", "max"]) {
    const leech = leeches.use(await TestEngine.start({ name, sources: { pex: false } }));
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  }
  await seed.when(() => {
    const { unchoked, reasons } = served(seed);
    return unchoked === 2 && reasons.length === 1;
  }, "two of three to be served: one by its rate, one optimistic");
  seed.engine.setUploadSlots(3);
  // What is shown smooths over a moment.
  await seed.when(() => served(seed).unchoked === 3, "all to be served, without a round's wait");
  seed.engine.setUploadSlots(1);
  const again = await seed.when(() => {
    const { unchoked, reasons } = served(seed);
    return unchoked === 2 && reasons;
  }, "one of them to be choked again");
  assertEquals(again, ["another takes more"]);
});

Deno.test("limits of all torrents and upload slots last beyond the session; flags come first", async () => {
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: join(dir, ".vtorrent") };
  const first = await TestEngine.start(options);
  assertEquals(first.engine.snapshot().uploadSlots, 8);
  first.engine.setLimits({ download: 5000 });
  first.engine.setLimits({ upload: 7000 });
  first.engine.setUploadSlots(2);
  await first.engine[Symbol.asyncDispose]();

  const second = await TestEngine.start({ ...options, uploadLimit: 0, uploadSlots: 4 });
  const facts = second.engine.snapshot();
  assertEquals([facts.downloadLimit, facts.uploadLimit, facts.uploadSlots], [5000, 0, 4]);
  await second.engine[Symbol.asyncDispose]();

  await using third = await TestEngine.start(options);
  const { downloadLimit, uploadLimit, uploadSlots } = third.engine.snapshot();
  assertEquals([downloadLimit, uploadLimit, uploadSlots], [5000, 7000, 2]);
  assert(third.engine.snapshot().torrents.length === 0);
});
