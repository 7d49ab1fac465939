import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { assert } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;
/** Downloaders that hear of nobody but whom they are told of. */
const ALONE = { sources: { pex: false } };

/** Waits until `count` connections transfer, then for sixty blocks more: how many bytes each moved. */
async function moved(
  peer: TestEngine,
  way: "uploaded" | "downloaded",
  count = 3,
): Promise<number[]> {
  const now = () => {
    const bytes = peer.engine.snapshot().torrents.flatMap(({ peers }) =>
      peers.map((one) => one[way])
    );
    return bytes.length === count && bytes.every((bytes) => bytes > 0) && bytes;
  };
  const before = await peer.when(now, "all to transfer");
  return await peer.when(() => {
    const after = now();
    const bytes = after && after.map((bytes, i) => bytes - before[i]!);
    return bytes && bytes.reduce((a, b) => a + b) >= 60 * BLOCK_LENGTH && bytes;
  }, "sixty blocks");
}

function evenly(counts: readonly number[], what: string): void {
  const least = Math.min(...counts);
  assert(least > 0 && Math.max(...counts) <= 2 * least, `${what}: ${counts.join(", ")}`);
}

Deno.test("three downloaders of a seed with little to give progress together", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 300_000 });
  await using stack = new AsyncDisposableStack();
  const { torrent } = await seed.engine.share(await seed.put("f", someBytes(100 * PIECE)), {
    pieceLength: PIECE,
  });
  for (let i = 0; i < 3; i++) {
    const leech = stack.use(await TestEngine.start(ALONE));
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  }
  evenly(await moved(seed, "uploaded"), "bytes given");
});

Deno.test("two torrents share what the seed may give", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 300_000 });
  await using stack = new AsyncDisposableStack();
  for (const [name, leeches] of [["a", 1], ["b", 2]] as const) {
    const bytes = someBytes(100 * PIECE, leeches);
    const { torrent } = await seed.engine.share(await seed.put(name, bytes), {
      pieceLength: PIECE,
    });
    for (let i = 0; i < leeches; i++) {
      const leech = stack.use(await TestEngine.start(ALONE));
      await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    }
  }
  evenly(await moved(seed, "uploaded"), "bytes given");
});

Deno.test("a downloader with a limit takes from all its seeds alike", async () => {
  await using leech = await TestEngine.start({ downloadLimit: 300_000, ...ALONE });
  await using stack = new AsyncDisposableStack();
  const bytes = someBytes(100 * PIECE);
  let torrent: Uint8Array | undefined;
  for (let i = 0; i < 3; i++) {
    const seed = stack.use(await TestEngine.start());
    const path = await seed.put("f", bytes);
    ({ torrent } = await seed.engine.share(path, { pieceLength: PIECE }));
    await seed.until("torrent-checked");
    if (i === 0) await leech.engine.add(torrent);
    const { infoHash } = leech.engine.snapshot().torrents[0]!;
    leech.engine.addPeer(infoHash, addressOf(seed));
  }
  evenly(await moved(leech, "downloaded"), "bytes taken");
});
