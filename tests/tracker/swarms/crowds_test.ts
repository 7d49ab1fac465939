import fc from "fast-check";
import { crowdShares, MAX_ALONE, someOf } from "../../../tracker/swarms/crowds.ts";
import { MemoryStore } from "../../../tracker/swarms/memory_store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";
import { announceTo } from "../store_conformance.ts";

const OTHERS = new TextEncoder().encode("-XX0001-abcdefghijkl");

Deno.test("shares fill the room as far as there are peers, and no host has more for being many", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 });
  const number = fc.integer({ min: 0, max: 500 });
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 200 }),
    number,
    sizes,
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    (room, alone, crowds, random) => {
      const shares = crowdShares(room, alone, crowds, 0, random);
      const given = shares.reduce((sum, share) => sum + share, 0);
      const all = crowds.reduce((sum, size) => sum + size, 0);
      assert(given <= room && shares.every((share, i) => share >= 0 && share <= crowds[i]!));
      assertEquals(Math.min(room - given, alone) + given, Math.min(room, alone + all));
      // Whoever has less than another has all of its own.
      const most = Math.max(...shares);
      if (most > MAX_ALONE) {
        shares.forEach((share, i) => assert(share === crowds[i] || share >= most - 1));
      }
    },
  ));
});

Deno.test("a reply looks at some crowds only, at each at some time", () => {
  const random = seededRandom(5);
  const crowds = Array.from({ length: 300 }, (_, i) => i);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const some = someOf(crowds, random);
    assertEquals(new Set(some).size, 64);
    for (const one of some) seen.add(one);
  }
  assertEquals(seen.size, 300);
});

Deno.test("thousands of ports of one host push nobody out of a reply and delay nobody", async () => {
  for (const ports of [300, 3000]) {
    const store = new MemoryStore(seededRandom(7));
    const announce = announceTo(store);
    for (let i = 0; i < 5; i++) await announce(`10.1.0.${i + 2}`, 1, { left: i % 2 });
    for (let port = 1; port <= ports; port++) {
      const left = port % 2;
      await announce("10.9.0.1", port, { left, numwant: 0, peerId: OTHERS }, 200_000);
    }
    for (const left of [0, 9]) {
      const { peers, interval } = await announce("10.2.0.1", 1, { left }, 200_000);
      const honest = peers.filter((peer) => !peer.startsWith("10.9.0.1:"));
      assertEquals(honest.length, left === 0 ? 2 : 5);
      assert(interval <= 25, `${interval} s`);
    }
    assert((await announce("10.2.0.1", 1)).leechers <= 1024 / 2 + 60);
  }
});

Deno.test("a class behind one address and an attacker at another have the same share", async () => {
  const store = new MemoryStore(seededRandom(8));
  const announce = announceTo(store);
  for (let port = 1; port <= 40; port++) await announce("10.1.0.2", port);
  for (let port = 1; port <= 3000; port++) {
    await announce("10.9.0.1", port, { numwant: 0, peerId: OTHERS });
  }
  const told = new Set<string>();
  for (let port = 1; port <= 40; port++) {
    const { peers } = await announce("10.1.0.2", port);
    const own = peers.filter((peer) => peer.startsWith("10.1.0.2:"));
    assertEquals([peers.length, own.length], [50, 25]);
    assert(!own.includes(`10.1.0.2:${port}`));
    for (const peer of own) told.add(peer);
  }
  assertEquals(told.size, 40);
});

for (const ip of ["127.0.0.1", "10.1.0.2", "fd00::2"]) {
  Deno.test(`300 peers at ${ip} alone are counted, handed out evenly, and found again`, async () => {
    const store = new MemoryStore(seededRandom(9));
    const announce = announceTo(store);
    const facts = (port: number) => ({ left: port % 3, key: port });
    for (let port = 1; port <= 300; port++) await announce(ip, port, facts(port));
    assertEquals(store.totals(), { swarms: 1, seeders: 100, leechers: 200 });
    const times = new Map<string, number>();
    for (let port = 1; port <= 300; port++) {
      const { peers, seeders } = await announce(ip, port, facts(port));
      assertEquals(seeders, 100);
      assertEquals(new Set(peers).size, 50);
      for (const peer of peers) times.set(peer, (times.get(peer) ?? 0) + 1);
    }
    assertEquals(times.size, 300);
    assert(Math.max(...times.values()) < 150);
    for (let port = 1; port <= 300; port++) {
      await announce(ip, port, { ...facts(port), event: "stopped" });
    }
    assertEquals(store.totals(), { swarms: 0, seeders: 0, leechers: 0 });
  });
}

Deno.test("counts are right after any coming, going, moving and finishing of crowds", async () => {
  const random = seededRandom(10);
  const store = new MemoryStore(seededRandom(11));
  const announce = announceTo(store);
  const expected = new Map<string, number>();
  for (let step = 0; step < 6000; step++) {
    const ip = random() < 0.5
      ? `10.1.0.${1 + Math.floor(random() * 5)}`
      : `fd00::${Math.floor(random() * 3)}:0:0:0:${1 + Math.floor(random() * 9)}`;
    const port = 1 + Math.floor(random() * 30);
    const left = random() < 0.4 ? 0 : 10;
    const event = random() < 0.4 ? "stopped" : "none";
    const { seeders, leechers, peers } = await announce(ip, port, { left, event });
    if (event === "stopped") expected.delete(`${ip} ${port}`);
    else expected.set(`${ip} ${port}`, left);
    const seeds = [...expected.values()].filter((missing) => missing === 0).length;
    assertEquals([seeders, leechers], [seeds, expected.size - seeds]);
    assertEquals(new Set(peers).size, peers.length);
  }
  assertEquals(store.peers(new Uint8Array(20).fill(7)).length, expected.size);
});
