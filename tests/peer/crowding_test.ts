/**
 * Eighty silent connections from one address keep nobody out.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 16384;
const PLACES = 80;

Deno.test("eighty idle connections of one address do not keep another one out", async () => {
  // Both of this machine's loopback addresses.
  await using seed = await TestEngine.start({ host: "::", sources: { tracker: false } });
  const bytes = someBytes(4 * PIECE);
  const { infoHash } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: PIECE });
  await seed.until("torrent-state", ({ state }) => state === "seeding");
  const hash = Uint8Array.fromHex(infoHash);
  const peers = () => seed.engine.snapshot().torrents[0]!.peers;
  using stack = new DisposableStack();
  for (let i = 0; i < PLACES; i++) {
    const idle = stack.use(await FakePeer.connect(seed.engine.port));
    await idle.handshake(hash);
  }
  await seed.when(() => peers().length === PLACES, "all places to be taken");
  // They had the time to say what they want.
  await seed.when(
    () => peers().every(({ connectedAt }) => Date.now() - connectedAt > 2500),
    "them to have been idle",
  );

  const conn = await Deno.connect({ hostname: "::1", port: seed.engine.port });
  using other = new FakePeer(conn);
  await other.handshake(hash);
  assert(await other.hearUntil("bitfield") !== undefined, "another address finds a place");
  other.say.interested();
  await other.flush();
  await other.hearUntil("unchoke");
  other.say.request(2, 0, PIECE);
  await other.flush();
  const message = await other.hearUntil("piece");
  assert(message?.type === "piece");
  assertEquals(message.block, bytes.subarray(2 * PIECE, 3 * PIECE));
  assertEquals(peers().length, PLACES);
  const left = await seed.until("peer-disconnected");
  assertEquals(left.reason, "evicted: idle, and its address holds many connections");
});
