import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;

/** What a leech knows of its seed after a restart in which nobody named it. */
async function afterRestart(options: { private?: boolean }) {
  await using seed = await TestEngine.start({ uploadLimit: 400_000 });
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const stateDir = join(dir, ".vtorrent");
  const path = await seed.put("f", someBytes(40 * PIECE));
  const { torrent, infoHash } = await seed.engine.share(path, { pieceLength: PIECE, ...options });
  await seed.until("torrent-checked");
  {
    const first = await TestEngine.start({ dir, stateDir });
    await first.engine.add(torrent, { peers: [addressOf(seed)] });
    await first.until("piece-verified");
    await first.engine[Symbol.asyncDispose]();
  }
  await using again = await TestEngine.start({ dir, stateDir });
  await again.until("torrent-checked");
  if (options.private) {
    // Dialled at once where it is known: what is written next is of a pool without it.
    await again.engine.stop(infoHash);
    return again.events.filter(({ event }) => event === "peer-connected");
  }
  const { source, address } = await again.until("peer-connected");
  assertEquals(address, `127.0.0.1:${seed.engine.port}`);
  await again.when(() => (again.engine.snapshot().torrents[0]!.downloaded > 0), "more to come");
  return source;
}

Deno.test("peers that were met are called again after a restart", async () => {
  assertEquals(await afterRestart({}), "resume");
});

Deno.test("of a private torrent only its tracker says who is there (BEP 27)", async () => {
  assertEquals(await afterRestart({ private: true }), []);
});
