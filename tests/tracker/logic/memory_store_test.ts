import { parseIp } from "../../../protocol/compact.ts";
import { MemoryStore } from "../../../tracker/logic/memory_store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";
import { announceTo, INFO_HASH, testStore } from "../store_conformance.ts";

testStore("memory", (maxEmpty) => new MemoryStore(seededRandom(1), maxEmpty));

Deno.test("a swarm of many pages hands everybody out, and gives the pages back", async () => {
  const store = new MemoryStore(seededRandom(2));
  const announce = announceTo(store);
  const ip = (i: number) => `10.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}`;
  const many = 5000;
  for (let i = 0; i < many; i++) await announce(ip(i), 1, { left: i % 3, numwant: 0 });
  const seeders = Math.ceil(many / 3);
  assertEquals(store.totals(), { swarms: 1, seeders, leechers: many - seeders });
  const seen = new Set<string>();
  for (let i = 0; i < 300; i++) {
    const { peers } = await announce("11.0.0.1", 1, { numwant: 200 });
    assertEquals(new Set(peers).size, 200);
    for (const peer of peers) seen.add(peer);
  }
  assert(seen.size > many * 0.99, `${seen.size} of ${many}`);
  // Seeds hear of all that download and of no seed.
  const { peers } = await announce("11.0.0.1", 1, { left: 0, numwant: 200 });
  assert(peers.every((peer) => {
    const [a, b, c, d] = peer.split(":")[0]!.split(".").map(Number) as [
      number,
      number,
      number,
      number,
    ];
    return a === 10 && (b << 16 | c << 8 | d) % 3 !== 0;
  }));
  for (let i = 0; i < many; i++) await announce(ip(i), 1, { event: "stopped" });
  assertEquals((await announce("11.0.0.1", 1)).peers, []);
  await announce("11.0.0.1", 1, { event: "stopped" });
  assertEquals(store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
  for (let i = 0; i < many; i++) await announce(ip(i), 1, { numwant: 0 });
  assertEquals(store.totals(), { swarms: 1, seeders: 0, leechers: many });
});

Deno.test("downloads that are restored count on; an empty swarm is kept for them", async () => {
  const store = new MemoryStore(seededRandom(3));
  const announce = announceTo(store);
  store.restoreCompleted(INFO_HASH, 41, 0);
  assertEquals(store.scrape([INFO_HASH])[0]!.completed, 41);
  await announce("10.0.0.1", 1);
  await announce("10.0.0.1", 1, { left: 0, event: "completed" });
  assertEquals((await announce("10.0.0.1", 1, { event: "stopped" })).completed, 42);
  store.sweep(1e9);
  assertEquals(store.scrape([INFO_HASH])[0]!.completed, 42);
  assertEquals((await announce("10.0.0.2", 0)).completed, 42);
});

Deno.test("swarms without anybody are kept for their downloads up to a bound", async () => {
  const store = new MemoryStore(seededRandom(4), 100);
  const hash = (i: number) => {
    const bytes = new Uint8Array(20);
    new DataView(bytes.buffer).setUint32(0, i);
    return bytes;
  };
  for (let i = 0; i < 103; i++) store.restoreCompleted(hash(i), 1, 0);
  assertEquals(store.totals().swarms, 100);
  assertEquals(store.scrape([hash(2), hash(3)]).map(({ completed }) => completed), [0, 1]);
  await store.announce(
    {
      infoHash: hash(3),
      peerId: hash(1),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 1,
      event: "started",
      numwant: 0,
      key: 1,
      compact: true,
      noPeerId: true,
    },
    { address: parseIp("10.0.0.1")!, own: [] },
    0,
  );
  store.restoreCompleted(hash(200), 1, 0);
  assertEquals(store.scrape([hash(3)])[0]!.completed, 1);
});
