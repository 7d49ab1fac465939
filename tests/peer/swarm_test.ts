import { assert, assertEquals } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 32768;
const PEERS = 20;

function stateOf({ engine }: TestEngine) {
  return engine.snapshot().torrents[0]!;
}

/** A seed and twenty peers, each of which knows all others. */
async function crowd(bytes: Uint8Array<ArrayBuffer>, uploadLimit: number) {
  const stack = new AsyncDisposableStack();
  const seed = stack.use(await TestEngine.start({ uploadLimit }));
  const { torrent, infoHash } = await seed.engine.share(await seed.put("f", bytes), {
    pieceLength: PIECE,
  });
  const peers: TestEngine[] = [];
  for (let i = 0; i < PEERS; i++) peers.push(stack.use(await TestEngine.start()));
  const everybody = [seed, ...peers].map(addressOf);
  for (const peer of peers) await peer.engine.add(torrent, { peers: everybody });
  return { stack, seed, peers, infoHash };
}

Deno.test("twenty peers of one slow seed complete, mostly from one another", async () => {
  const bytes = someBytes(40 * PIECE);
  const { stack, seed, peers } = await crowd(bytes, 400_000);
  await using _ = stack;
  for (const peer of peers) {
    await peer.until("torrent-completed");
    assertEquals(await peer.read("f"), bytes);
  }
  const copies = stateOf(seed).uploaded / bytes.length;
  assert(copies >= 1 && copies < PEERS / 2, `the seed gave ${copies} copies`);
});

Deno.test("twenty peers of a seed without limits get most from one another, hardly anything twice", async () => {
  const bytes = someBytes(40 * PIECE);
  const { stack, seed, peers } = await crowd(bytes, 0);
  await using _ = stack;
  for (const peer of peers) {
    await peer.until("torrent-completed");
    assertEquals(await peer.read("f"), bytes);
  }
  // It is 1.0 to 1.5 where the machine is free; who waits for long is given a copy all the same.
  const copies = stateOf(seed).uploaded / bytes.length;
  assert(copies >= 1 && copies < PEERS / 4, `the seed gave ${copies} copies`);
  const wasted = peers.reduce((sum, peer) => sum + stateOf(peer).wasted, 0);
  assert(wasted < 0.05 * PEERS * bytes.length, `${wasted} bytes came twice`);
});

Deno.test("the seed leaves when all pieces are out: everybody completes all the same", async () => {
  const bytes = someBytes(40 * PIECE);
  const { stack, seed, peers, infoHash } = await crowd(bytes, 400_000);
  await using _ = stack;
  const [first] = peers;
  await first!.when(() => {
    const maps = peers.map((peer) => stateOf(peer).pieces());
    return maps[0]!.every((_, piece) => maps.some((map) => map[piece] === "have"));
  }, "one distributed copy");
  await seed.engine.stop(infoHash);
  for (const peer of peers) {
    await peer.until("torrent-completed");
    assertEquals(await peer.read("f"), bytes);
  }
});

Deno.test("a slow peer beside a fast one does not keep the last piece", async () => {
  await using slow = await TestEngine.start({ uploadLimit: 2000 });
  await using fast = await TestEngine.start({ uploadLimit: 400_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(30 * PIECE);
  const { torrent } = await fast.engine.share(await fast.put("f", bytes), { pieceLength: PIECE });
  await slow.put("f", bytes);
  await slow.engine.add(torrent);
  await slow.when(() => stateOf(slow).state === "seeding", "the slow one to be checked");
  await leech.engine.add(torrent, { peers: [addressOf(slow), addressOf(fast)] });
  // At its pace one piece would take 16 s, and it is asked for at least four blocks.
  await leech.until("torrent-completed");
  const { uploaded } = stateOf(slow);
  assert(uploaded < 4 * PIECE, `${uploaded} bytes from the slow one`);
  assertEquals(await leech.read("f"), bytes);
});
