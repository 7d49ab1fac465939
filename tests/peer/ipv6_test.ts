/**
 * Engines on ::1: what the tests of 127.0.0.1 show, in the other family.
 *
 * @module
 */
import { encodePeers } from "../../protocol/compact_peers.ts";
import { encodeBencode } from "../../protocol/bencode.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";
import { assertLinkIsEnough } from "../support/dht_link.ts";

const PIECE = 65536;
const HOST = "::1";
const at = ({ engine }: TestEngine) => ({ host: HOST, port: engine.port });

for (const encryption of ["allow", "require"] as const) {
  Deno.test(`IPv6: a file moves over uTP with encryption "${encryption}"`, async () => {
    await using seed = await TestEngine.start({ host: HOST, encryption });
    await using leech = await TestEngine.start({ host: HOST, encryption, utp: "prefer" });
    const bytes = someBytes(40 * PIECE + 123);
    const { torrent } = await seed.engine.share(await seed.put("file", bytes));
    await leech.engine.add(torrent, { peers: [at(seed)] });
    await leech.until("torrent-completed");
    assertEquals(await leech.read("file"), bytes);
    const [peer] = leech.engine.snapshot().torrents[0]!.peers;
    assertEquals([peer?.transport, peer?.address, peer?.port], ["utp", HOST, seed.engine.port]);
    const { address } = await leech.until("peer-connected");
    assertEquals(address, `[::1]:${seed.engine.port}`);
  });
}

Deno.test("IPv6: a magnet link alone is enough, by way of the DHT (BEP 32)", async () => {
  const inDht = (nodes: TestEngine[]) => ({
    ...{ host: HOST, sources: { dht: "on" as const, pex: false } },
    dhtBootstrap: nodes.map(at),
  });
  await using entrance = await TestEngine.start(inDht([]));
  await using seed = await TestEngine.start(inDht([entrance]));
  await using leech = await TestEngine.start(inDht([entrance]));
  await assertLinkIsEnough(seed, leech);
});

Deno.test("IPv6: peers of one peer hear of each other (BEP 11 added6)", async () => {
  await using seed = await TestEngine.start({ host: HOST });
  await using a = await TestEngine.start({ host: HOST });
  await using b = await TestEngine.start({ host: HOST });
  const { torrent } = await seed.engine.share(await seed.put("file", someBytes(100 * PIECE)), {
    pieceLength: PIECE,
  });
  // Nobody completes meanwhile: who is complete needs no peers.
  seed.engine.setLimits({ upload: 300_000 });
  for (const peer of [a, b]) {
    await peer.engine.add(torrent, { peers: [at(seed)] });
    await peer.until("peer-connected");
  }
  const found = await b.when(
    () =>
      [a, b].flatMap(({ engine }) => engine.snapshot().torrents[0]!.peers)
        .find(({ source }) => source === "pex"),
    "a peer that the seed told of",
  );
  assertEquals([found.address, found.via], [HOST, `[::1]:${seed.engine.port}`]);
});

Deno.test("IPv6: what a tracker calls peers6 is called", async () => {
  await using seed = await TestEngine.start({ host: HOST });
  const bytes = someBytes(3 * PIECE, 9);
  const { torrent } = await seed.engine.share(await seed.put("file", bytes));
  await using server = Deno.serve(
    { hostname: HOST, port: 0, onListen() {} },
    () => {
      const { peers6 } = encodePeers([at(seed)]);
      return new Response(encodeBencode({ interval: 1800, peers: new Uint8Array(), peers6 }));
    },
  );
  await using leech = await TestEngine.start({ host: HOST });
  const url = `http://[::1]:${server.addr.port}/announce`;
  await leech.engine.add(torrent, { trackers: [[url]] });
  await leech.until("torrent-completed");
  const { source, address } = await leech.until("peer-connected");
  assertEquals([source, address], ["tracker", `[::1]:${seed.engine.port}`]);
  assert(leech.engine.snapshot().torrents[0]!.trackers.some((tracker) => tracker.url === url));
});
